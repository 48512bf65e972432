import { ThreadlineError } from '../shared/errors/errors.ts';
import { isIdempotent, type OutgoingRequest } from './send.ts';

/** What of an address messages show: the names of query parameters, not their values, which may be keys. */
export function describeUrl(url: URL): string {
  const names = [...new Set(url.searchParams.keys())].map((name) => `${encodeURIComponent(name)}=***`);
  return `${url.origin}${url.pathname}${names.length > 0 ? `?${names.join('&')}` : ''}`;
}

/** Whether the server can tell a repetition, so that sending twice does nothing twice. */
const isRepeatable = ({ method, headers }: Pick<OutgoingRequest, 'method' | 'headers'>): boolean =>
  isIdempotent(method) || headers.has('idempotency-key');

/** What was thrown while a request was under way, as a failure that says whether to try again. A ThreadlineError stays as it is. */
export function connectionFailure(thrown: unknown, outgoing: OutgoingRequest): ThreadlineError {
  if (thrown instanceof ThreadlineError) return thrown;
  const { reason, code, wasSent } = readSystemError(thrown);
  const isCertificate = CERTIFICATE.test(code ?? '');
  const url = describeUrl(outgoing.url);
  return new ThreadlineError('connection_failed', `${outgoing.method} ${url} failed: ${reason}.`, {
    cause: thrown,
    details: { url, ...(code ? { reason: code } : {}) },
    // A certificate is as wrong the next time.
    retryable: !isCertificate && (!wasSent || isRepeatable(outgoing)),
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
