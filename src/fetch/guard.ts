import { lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { ThreadlineError } from '../shared/errors/errors.ts';
import { nonPublicKind } from './addresses.ts';

/** The host without brackets and trailing dot, as `allow_hosts` names it. */
const bareHost = (host: string) =>
  host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');

/** Whether `allow_hosts` names the host of this url: `host`, `host:port` or `*.domain`. */
export function isAllowedHost(url: URL, allowHosts: readonly string[]): boolean {
  const host = bareHost(url.hostname);
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return allowHosts.some((entry) => {
    const [wantedHost, wantedPort] = splitEntry(entry.trim());
    if (wantedPort !== undefined && wantedPort !== port) return false;
    return wantedHost.startsWith('*.')
      ? host.endsWith(wantedHost.slice(1)) && host.length >= wantedHost.length
      : host === wantedHost;
  });
}

function splitEntry(entry: string): [host: string, port: string | undefined] {
  if (isIP(entry) === 6) return [bareHost(entry), undefined];
  const [, host = entry, port] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? [];
  return [bareHost(host), port];
}

/** Names that are for private networks only, whatever a name server says of them. */
const LOCAL_NAME = /^(?!localhost$)[^.]+$|\.(localhost|local|internal)$/;

/** Node connects to an address in a url without a lookup, so this one has to be looked at first. */
export function refuseNonPublicAddress(url: URL): void {
  const host = bareHost(url.hostname);
  const kind = isIP(host) ? nonPublicKind(host) : LOCAL_NAME.test(host) ? 'a local name' : undefined;
  if (kind) throw blockedTarget(host, `${host} is ${kind}`);
}

/**
 * Resolves a name for a socket that is about to connect, and refuses it when any of its addresses is not public. The socket gets
 * what was looked at here, so that a second answer of the name server cannot lead elsewhere.
 */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  // Without the dot at its end, which not every resolver takes for what it is.
  lookup(hostname.replace(/\.$/, ''), { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, '');
    for (const { address } of addresses) {
      const kind = nonPublicKind(address);
      const host = bareHost(hostname);
      if (kind) return callback(blockedTarget(host, `${host} leads to ${address}, ${kind}`), '');
    }
    const [first] = addresses;
    if (options.all || !first) return callback(null, addresses);
    callback(null, first.address, first.family);
  });
};

const blockedTarget = (host: string, reason: string) =>
  new ThreadlineError('blocked_target', `The request is refused: ${reason}.`, {
    hint: `If workflows may go there, write \`http: { allow_hosts: [${JSON.stringify(host)}] }\` in threadline.config.yaml.`,
    details: { host },
  });
