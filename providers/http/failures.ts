import { STATUS_CODES } from 'node:http';
import { type ErrorCode, type JsonObject, ThreadlineError } from 'threadline/provider';
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
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}

/** What Node threw while a request was under way. A ThreadlineError stays as it is. */
export function failureOfConnection(thrown: unknown, { method, url, headers }: OutgoingRequest): ThreadlineError {
  if (thrown instanceof ThreadlineError) return thrown;
  const { reason, code, wasSent } = readSystemError(thrown);
  const isCertificate = CERTIFICATE.test(code ?? '');
  return new ThreadlineError('connection_failed', `${method} ${describeUrl(url)} failed: ${reason}.`, {
    cause: thrown,
    details: { url: describeUrl(url), ...(code ? { reason: code } : {}) },
    // A certificate is as wrong the next time.
    retryable: !isCertificate && (!wasSent || isRepeatable(method, headers)),
    ...(isCertificate
      ? { hint: 'Trust its issuer with NODE_EXTRA_CA_CERTS, or set `verify: false` if you know the network.' }
      : {}),
  });
}

const CERTIFICATE = /CERT|SELF_SIGNED|VERIFY|ALTNAME/;

/** What Node puts on the errors of sockets and name resolution. */
interface SystemError {
  message?: string;
  code?: string;
  syscall?: string;
  /** One for each address that was tried. */
  errors?: SystemError[];
}

function readSystemError(thrown: unknown) {
  const error: SystemError = typeof thrown === 'object' && thrown !== null ? thrown : { message: String(thrown) };
  const each = error.errors ?? [error];
  const [first = error] = each;
  return {
    // OpenSSL writes lines.
    reason: first.message?.trim().split('\n')[0] || first.code || 'the connection broke',
    code: first.code,
    /** Whether the server may have got the request. */
    wasSent: !each.every(({ syscall }) => syscall === 'connect' || syscall === 'getaddrinfo'),
  };
}
