import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { ThreadlineError } from 'threadline/provider';
import { isAllowedHost, publicLookup, refuseNonPublicAddress } from 'threadline/runtime';
import { withDeadline } from '../base/deadline.ts';
import { extensionOf } from '../base/media-type.ts';
import type { Content } from './content.ts';

const LIMIT_BYTES = 50_000_000;
const LIMIT_MS = 60_000;
const MOST_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/**
 * Downloads a file from a public address, or from a host that `allowHosts` names. Rejects with `blocked_target` for others,
 * on the way of redirects too; with `response_too_large` above 50 MB; with `timeout` after a minute.
 */
export async function download(address: string, allowHosts: readonly string[], signal: AbortSignal): Promise<Content> {
  const url = urlOf(address);
  const late = new ThreadlineError('timeout', `${shown(url)} could not be downloaded within ${LIMIT_MS / 1000} seconds.`);
  return withDeadline(LIMIT_MS, late, signal, async (within) => {
    try {
      return await follow(url, allowHosts, within);
    } catch (thrown) {
      within.throwIfAborted();
      if (thrown instanceof ThreadlineError) throw thrown;
      throw new ThreadlineError('connection_failed', `${shown(url)} could not be downloaded: ${(thrown as Error).message}.`, {
        cause: thrown,
      });
    }
  });
}

/** Credentials in an address would go wherever the address leads, and into logs. */
function urlOf(address: string, base?: URL): URL {
  const url = URL.parse(address.trim(), base?.href);
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:';
  if (url && isWeb && !url.username && !url.password) return url;
  if (base) throw new ThreadlineError('blocked_target', `${shown(base)} redirects to something that is not downloaded.`);
  throw new ThreadlineError(
    'invalid_params',
    'The url of an attachment must be http or https, without a user name and password.',
  );
}

/** Without its query, which may hold a key. */
const shown = ({ origin, pathname }: URL): string => `${origin}${pathname}`;

async function follow(first: URL, allowHosts: readonly string[], signal: AbortSignal): Promise<Content> {
  let url = first;
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
    const response = await get(url, allowHosts, signal);
    const { statusCode: status = 0, headers } = response;
    if (status >= 200 && status < 300) return { name: nameOf(url, headers['content-type']), bytes: await bytesOf(response, url) };
    response.destroy();
    if (!REDIRECTS.has(status) || headers.location === undefined) throw failureOfStatus(url, status);
    url = urlOf(headers.location, url);
  }
  throw new ThreadlineError('step_failed', `${shown(first)} redirects more than ${MOST_REDIRECTS} times.`);
}

/** A connection for each, so that one that was looked at is never taken over by one that was not. */
function get(url: URL, allowHosts: readonly string[], signal: AbortSignal): Promise<IncomingMessage> {
  const isAllowed = isAllowedHost(url, allowHosts);
  if (!isAllowed) refuseNonPublicAddress(url);
  const options = { agent: false, signal, ...(isAllowed ? {} : { lookup: publicLookup }) } as const;
  const send = url.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    send(url, options, resolve).on('error', reject).end();
  });
}

function failureOfStatus(url: URL, status: number): ThreadlineError {
  const code = status === 404 || status === 410 ? 'not_found' : status >= 500 ? 'server_error' : 'bad_request';
  return new ThreadlineError(code, `${shown(url)} was answered with ${status}.`, { details: { status } });
}

async function bytesOf(response: IncomingMessage, url: URL): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    // Leaving the loop ends the connection.
    if (size > LIMIT_BYTES)
      throw new ThreadlineError('response_too_large', `${shown(url)} is larger than ${LIMIT_BYTES / 1_000_000} MB.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Tools tell a file's kind by the ending of its name. */
function nameOf({ pathname }: URL, contentType = ''): string {
  const last = pathname.split('/').at(-1) ?? '';
  const name = safeName(last) || 'download';
  const extension = extensionOf(contentType.split(';')[0]?.trim().toLowerCase() ?? '');
  return /\.\w{1,8}$/.test(name) || extension === undefined ? name : `${name}.${extension}`;
}

function safeName(encoded: string): string {
  try {
    return decodeURIComponent(encoded)
      .replace(/[\p{Cc}/\\]/gu, '_')
      .slice(-100);
  } catch {
    // Percent signs that encode nothing.
    return encoded.slice(-100);
  }
}
