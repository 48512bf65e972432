import { BlockList, isIP } from 'node:net';
import { ThreadlineError } from 'threadline/provider';

const LOCAL_NAME = /^[^.]+$|(^|\.)(localhost|local|internal)$/;
const LOCAL_NETWORKS =
  '0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 100.100.100.200/32 127.0.0.0/8 168.63.129.16/32 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.168.0.0/16 198.18.0.0/15 224.0.0.0/3 ::/96 fc00::/7 fe80::/10 ff00::/8';

const local = new BlockList();
for (const network of LOCAL_NETWORKS.split(' ')) {
  const [address = '', prefix] = network.split('/');
  local.addSubnet(address, Number(prefix), address.includes(':') ? 'ipv6' : 'ipv4');
}

/**
 * The address of a server. Throws `invalid_params` where it is none, `blocked_target` where its host is a private or local one by
 * its looks and `allowHosts` does not name it. Names are not resolved: the author wrote the host, no data did.
 */
export function parseAddress(text: string, allowHosts: readonly string[]): URL {
  const url = URL.parse(text.trim());
  if (!url || !/^https?:$/.test(url.protocol))
    throw new ThreadlineError('invalid_params', 'The `url` of an MCP server is not an http or https address.');
  if (url.username || url.password) {
    throw new ThreadlineError('invalid_params', `The \`url\` of MCP server ${url.host} holds a user name or a password.`, {
      hint: 'Write `headers: { Authorization: … }` instead.',
    });
  }
  const host = bareHost(url.hostname);
  if (isLocal(host) && !allowHosts.some((entry) => names(entry, host, portOf(url)))) {
    throw new ThreadlineError('blocked_target', `MCP server ${url.host} is refused: its address is private or local.`, {
      hint: `If workflows may go there, write \`http: { allow_hosts: [${JSON.stringify(host)}] }\` in threadline.config.yaml.`,
      details: { host },
    });
  }
  return url;
}

function isLocal(host: string): boolean {
  const version = isIP(host);
  if (version === 0) return LOCAL_NAME.test(host);
  // Also finds IPv4 addresses in IPv6 dress.
  return local.check(host, version === 4 ? 'ipv4' : 'ipv6');
}

/** Whether an entry of `allow_hosts` means this host: `host`, `host:port` or `*.domain`. */
function names(entry: string, host: string, port: string): boolean {
  const text = entry.trim();
  const [, name = text, onlyPort] = isIP(text) === 6 ? [] : (/^(.*?)(?::(\d+))?$/.exec(text) ?? []);
  const wanted = bareHost(name);
  if (onlyPort !== undefined && onlyPort !== port) return false;
  return wanted.startsWith('*.') ? host.endsWith(wanted.slice(1)) && host.length >= wanted.length : host === wanted;
}

const portOf = (url: URL) => url.port || (url.protocol === 'https:' ? '443' : '80');

/** Without brackets and trailing dot. */
const bareHost = (host: string) =>
  host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');
