import { ThreadlineError } from '../shared/errors/errors.ts';
import { describeUrl, isRepeatable, type OutgoingRequest } from './outgoing.ts';

/** A request under way, perhaps redirected already. */
export interface Hop {
  /** The request that the caller asked for: a repetition sends this one again. */
  first: OutgoingRequest;
  /** The request that was sent last. */
  outgoing: OutgoingRequest;
  /** Whether TLS certificates are checked; undefined where the caller says nothing of it. */
  verify: boolean | undefined;
}

/** A failure of a connection that says truthfully whether to try again. A ThreadlineError stays as it is. */
export function connectionFailure(thrown: unknown, { first, outgoing, verify }: Hop): ThreadlineError {
  if (thrown instanceof ThreadlineError) return thrown;
  const { reason, code, isUnsent } = readSystemError(thrown);
  const isCertificate = CERTIFICATE.test(code ?? '');
  const url = describeUrl(outgoing.url);
  return new ThreadlineError('connection_failed', `${outgoing.method} ${url} failed: ${reason}.`, {
    cause: thrown,
    details: { url, ...(code ? { reason: code } : {}) },
    // A certificate is as wrong the next time.
    retryable: !isCertificate && ((isUnsent && outgoing === first) || isRepeatable(first)),
    ...(isCertificate ? { hint: certificateHint(verify) } : {}),
  });
}

const CERTIFICATE = /CERT|SELF_SIGNED|VERIFY|ALTNAME/;

/** Names the switch only to those who have it. */
const certificateHint = (verify: boolean | undefined): string =>
  `Trust its issuer with NODE_EXTRA_CA_CERTS${verify === undefined ? '' : ', or set `verify: false` if you know the network'}.`;

/** The properties that Node puts on errors of sockets and of name resolution. */
interface SystemError {
  message?: string;
  code?: string;
  syscall?: string;
  /** One for each address that was tried. */
  errors?: SystemError[];
  cause?: SystemError;
}

function readSystemError(thrown: unknown) {
  const given: SystemError = typeof thrown === 'object' && thrown !== null ? thrown : { message: String(thrown) };
  // undici puts an error of its own around the attempts at several addresses when one of them took too long.
  const error = given.cause?.errors ? given.cause : given;
  const each = error.errors ?? [error];
  const [first = error] = each;
  return {
    // OpenSSL writes lines.
    reason: first.message?.trim().split('\n')[0] || first.code || 'the connection broke',
    code: first.code,
    /** Whether the server cannot have got the request. */
    isUnsent: each.every(({ syscall }) => syscall === 'connect' || syscall === 'getaddrinfo'),
  };
}
