const OUT_OF_QUOTA = new Set<unknown>([
  'insufficient_quota',
  'credit_balance_exhausted',
  'organization_usage_limit_exceeded',
  'organization_spend_limit_exceeded',
  'project_spend_limit_exceeded',
]);
/** With these codes the request cannot have reached the server, so nothing was paid. */
const NEVER_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ENETUNREACH', 'EHOSTUNREACH', 'UND_ERR_CONNECT_TIMEOUT']);
/** Certificate failures do not pass by themselves. */
const BAD_CERTIFICATE = /CERT|SIGNATURE|^EPROTO$/;
/** Node's own complaints about its arguments. */
const MISUSE = /^ERR_/;

/** The fields by which an API's errors are told apart. */
export interface ApiErrorKind {
  code?: string | number | null | undefined;
  type?: string | undefined;
}

/** Whether the account has nothing left: waiting does not help. */
export const isOutOfQuota = ({ code, type }: ApiErrorKind): boolean => OUT_OF_QUOTA.has(code) || type === 'insufficient_quota';

export const isNeverSent = (codes: string[]): boolean => codes.some((code) => NEVER_SENT.has(code));

export const isBadCertificate = (codes: string[]): boolean => codes.some((code) => BAD_CERTIFICATE.test(code));

/** Whether a connection failed in a way that may pass, whether or not the request had reached the server. */
export const isBrokenConnection = (codes: string[]): boolean =>
  codes.length > 0 && !isBadCertificate(codes) && !codes.some((code) => MISUSE.test(code));

/** The codes of a failure and its causes, outermost first. Reads by shape: errors of another realm are not `instanceof Error`. */
export function causeCodes(failure: unknown): string[] {
  const codes: string[] = [];
  for (let cause = failure; typeof cause === 'object' && cause !== null; cause = (cause as { cause?: unknown }).cause) {
    const { code } = cause as { code?: unknown };
    if (typeof code === 'string') codes.push(code);
  }
  return codes;
}
