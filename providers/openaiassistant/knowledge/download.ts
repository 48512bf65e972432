import { describeUrl, type GuardedFetch, ThreadlineError, withDeadline } from 'threadline/provider';
import { extensionOf } from '../base/media-type.ts';
import type { Content } from './content.ts';

const LIMIT_MS = 60_000;

/**
 * Downloads a file from an address that the host's `fetch` may reach. Rejects as it does: with `blocked_target` for other
 * addresses, on the way of redirects too; with `response_too_large` above 50 MB. Rejects with `timeout` after a minute.
 */
export async function download(address: string, fetch: GuardedFetch, signal: AbortSignal): Promise<Content> {
  const url = urlOf(address);
  const late = new ThreadlineError('timeout', `${describeUrl(url)} could not be downloaded within ${LIMIT_MS / 1000} seconds.`);
  return withDeadline(LIMIT_MS, late, signal, (within) => get(url, fetch, within));
}

/** Credentials in an address would go into logs. */
function urlOf(address: string): URL {
  const url = URL.parse(address.trim());
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:';
  if (url && isWeb && !url.username && !url.password) return url;
  throw new ThreadlineError(
    'invalid_params',
    'The url of an attachment must be http or https, without a user name and password.',
  );
}

async function get(url: URL, fetch: GuardedFetch, signal: AbortSignal): Promise<Content> {
  const response = await fetch(url, { signal });
  const at = new URL(response.url);
  if (!response.ok) {
    await response.body?.cancel();
    throw failureOfStatus(at, response.status);
  }
  const bytes = new Uint8Array(await response.arrayBuffer());
  return { name: nameOf(at, response.headers.get('content-type') ?? ''), bytes };
}

function failureOfStatus(url: URL, status: number): ThreadlineError {
  const code = status === 404 || status === 410 ? 'not_found' : status >= 500 ? 'server_error' : 'bad_request';
  return new ThreadlineError(code, `${describeUrl(url)} was answered with ${status}.`, { details: { status } });
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
