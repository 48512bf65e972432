import { STATUS_CODES } from 'node:http';
import { describeUrl, type ErrorCode, isRepeatable, type JsonObject, momentOf, ThreadlineError } from 'threadline/provider';
import type { Answered } from './outgoing.ts';

/** A status of 400 or more as a failure of the step. */
export function failureOfStatus({ outgoing, response }: Answered, excerpt: string): ThreadlineError {
  const { status } = response;
  const url = describeUrl(new URL(response.url));
  const details: JsonObject = { status, url, body: excerpt };
  const retryAfterMs = parseRetryAfter(response.headers.get('retry-after') ?? undefined, Date.now());
  if (retryAfterMs !== undefined) details.retry_after_ms = retryAfterMs;
  const asked = response.redirected ? `${describeUrl(outgoing.url)} was redirected to ${url}, which` : url;
  const meaning = STATUS_CODES[status] ? ` ${STATUS_CODES[status]}` : '';
  return new ThreadlineError(codeOfStatus(status), `${outgoing.method} ${asked} was answered with ${status}${meaning}.`, {
    details,
    retryable: canPass(status) && (status === 429 || isRepeatable(outgoing)),
  });
}

function codeOfStatus(status: number): ErrorCode {
  if (status >= 500) return 'server_error';
  if (status === 429) return 'rate_limit';
  if (status === 401 || status === 403) return 'authentication_failed';
  return status === 404 ? 'not_found' : 'bad_request';
}

/** Tells whether the request may succeed a little later: 501 and 505 mean never, 408 and 425 mean not now. */
const canPass = (status: number) => (status >= 500 && status !== 501 && status !== 505) || [408, 425, 429].includes(status);

/** Retry-After is a number of seconds or a date. */
export function parseRetryAfter(value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^\s*\d+(\.\d+)?\s*$/.test(value)) return Math.round(Number(value) * 1000);
  const dateMs = momentOf(value);
  return dateMs === undefined ? undefined : Math.max(0, dateMs - nowMs);
}
