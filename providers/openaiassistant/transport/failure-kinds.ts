const OUT_OF_QUOTA = new Set<unknown>([
  'insufficient_quota',
  'credit_balance_exhausted',
  'organization_usage_limit_exceeded',
  'organization_spend_limit_exceeded',
  'project_spend_limit_exceeded',
]);
/** The request cannot have reached the server, so that nothing was paid. */
const NEVER_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ENETUNREACH', 'EHOSTUNREACH', 'UND_ERR_CONNECT_TIMEOUT']);
/** Nor do these mend by themselves. */
const BAD_CERTIFICATE = /CERT|SIGNATURE|^EPROTO$/;
/** Complaints of Node's own about what it was given. */
const MISUSE = /^ERR_/;

/** What an API says of an error, as far as it is told apart by it. */
export interface ApiErrorKind {
  code?: string | number | null | undefined;
  type?: string | undefined;
}

/** No waiting helps. */
export const isOutOfQuota = ({ code, type }: ApiErrorKind): boolean => OUT_OF_QUOTA.has(code) || type === 'insufficient_quota';

export const isNeverSent = (codes: string[]): boolean => codes.some((code) => NEVER_SENT.has(code));

export const isBadCertificate = (codes: string[]): boolean => codes.some((code) => BAD_CERTIFICATE.test(code));

/** Whether a connection failed in a way that may pass, used or not. */
export const isBrokenConnection = (codes: string[]): boolean =>
  codes.length > 0 && !isBadCertificate(codes) && !codes.some((code) => MISUSE.test(code));

/** The codes of a failure and its causes, outermost first. By shape: Node's own errors are not always the Error known here. */
export function causeCodes(failure: unknown): string[] {
  const codes: string[] = [];
  for (let cause = failure; typeof cause === 'object' && cause !== null; cause = (cause as { cause?: unknown }).cause) {
    const { code } = cause as { code?: unknown };
    if (typeof code === 'string') codes.push(code);
  }
  return codes;
}
