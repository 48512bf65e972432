/** With these codes the request cannot have reached the server, so nothing was paid. */
const NEVER_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ENETUNREACH', 'EHOSTUNREACH', 'UND_ERR_CONNECT_TIMEOUT']);
/** Certificate failures do not pass by themselves. */
const BAD_CERTIFICATE = /CERT|SIGNATURE|^EPROTO$/;
/** Node's own complaints about its arguments. */
const MISUSE = /^ERR_/;

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
