import { STATUS_CODES } from 'node:http';
import { type ErrorCode, type JsonObject, momentOf, ThreadlineError } from 'threadline/provider';
import { isRepeatable } from './headers.ts';
import type { OutgoingRequest } from './outgoing.ts';
import { describeUrl } from './target.ts';

/** A status of 400 or more as a failure of the step. */
export function failureOfStatus(
  outgoing: OutgoingRequest,
  status: number,
  retryAfter: string | undefined,
  excerpt: string,
): ThreadlineError {
  const url = describeUrl(outgoing.url);
  const details: JsonObject = { status, url, body: excerpt };
  const retryAfterMs = parseRetryAfter(retryAfter, Date.now());
  if (retryAfterMs !== undefined) details.retry_after_ms = retryAfterMs;
  const meaning = STATUS_CODES[status] ? ` ${STATUS_CODES[status]}` : '';
  return new ThreadlineError(codeOfStatus(status), `${outgoing.method} ${url} was answered with ${status}${meaning}.`, {
    details,
    retryable: canPass(status) && (status === 429 || isRepeatable(outgoing.method, outgoing.headers)),
  });
}

function codeOfStatus(status: number): ErrorCode {
  if (status >= 500) return 'server_error';
  if (status === 429) return 'rate_limit';
  if (status === 401 || status === 403) return 'authentication_failed';
  return status === 404 ? 'not_found' : 'bad_request';
}

/** Whether the same request can be answered differently a little later: 501 and 505 say "never", 408 and 425 "not now". */
const canPass = (status: number) => (status >= 500 && status !== 501 && status !== 505) || [408, 425, 429].includes(status);

/** Retry-After is a number of seconds or a date. */
export function parseRetryAfter(value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^\s*\d+(\.\d+)?\s*$/.test(value)) return Math.round(Number(value) * 1000);
  const dateMs = momentOf(value);
  return dateMs === undefined ? undefined : Math.max(0, dateMs - nowMs);
}

/** A body that is not what its headers say, or ends too early. A ThreadlineError stays as it is. */
export function failureOfBody(thrown: unknown, { method, url, headers }: OutgoingRequest): ThreadlineError {
  if (thrown instanceof ThreadlineError) return thrown;
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  return new ThreadlineError('connection_failed', `${method} ${describeUrl(url)} failed: ${reason}.`, {
    cause: thrown,
    details: { url: describeUrl(url) },
    retryable: isRepeatable(method, headers),
  });
}
