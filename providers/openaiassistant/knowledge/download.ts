import { type GuardedFetch, ThreadlineError, withDeadline } from 'threadline/provider';
import { extensionOf } from '../base/media-type.ts';
import type { Content } from './content.ts';

const LIMIT_BYTES = 50_000_000;
const LIMIT_MS = 60_000;

/**
 * Downloads a file from an address that the host's `fetch` may reach. Rejects with `blocked_target` for others,
 * on the way of redirects too; with `response_too_large` above 50 MB; with `timeout` after a minute.
 */
export async function download(address: string, fetch: GuardedFetch, signal: AbortSignal): Promise<Content> {
  const url = urlOf(address);
  const late = new ThreadlineError('timeout', `${shown(url)} could not be downloaded within ${LIMIT_MS / 1000} seconds.`);
  return withDeadline(LIMIT_MS, late, signal, (within) => get(url, fetch, within));
}

/** Credentials in an address would go wherever the address leads, and into logs. */
function urlOf(address: string): URL {
  const url = URL.parse(address.trim());
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:';
  if (url && isWeb && !url.username && !url.password) return url;
  throw new ThreadlineError(
    'invalid_params',
    'The url of an attachment must be http or https, without a user name and password.',
  );
}

/** Without its query, which may hold a key. */
const shown = ({ origin, pathname }: URL): string => `${origin}${pathname}`;

async function get(url: URL, fetch: GuardedFetch, signal: AbortSignal): Promise<Content> {
  const response = await fetch(url, { signal });
  const at = new URL(response.url);
  if (!response.ok) {
    await response.body?.cancel();
    throw failureOfStatus(at, response.status);
  }
  return { name: nameOf(at, response.headers.get('content-type') ?? ''), bytes: await bytesOf(response, at) };
}

function failureOfStatus(url: URL, status: number): ThreadlineError {
  const code = status === 404 || status === 410 ? 'not_found' : status >= 500 ? 'server_error' : 'bad_request';
  return new ThreadlineError(code, `${shown(url)} was answered with ${status}.`, { details: { status } });
}

async function bytesOf({ body }: Response, url: URL): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
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
