/** A request as it goes over the wire; a redirect makes another one of it. */
export interface OutgoingRequest {
  method: string;
  url: URL;
  /** By lower-case name. */
  headers: ReadonlyMap<string, string>;
  body: Uint8Array | undefined;
}

const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);

/** Whether doing a request twice does nothing twice. */
export const isIdempotent = (method: string): boolean => IDEMPOTENT.has(method);

/** Whether a request may be sent again: it is idempotent, or has a key by which the server can tell the repetition. */
export const isRepeatable = ({ method, headers }: { method: string; headers: ReadonlyMap<string, string> }): boolean =>
  isIdempotent(method) || headers.has('idempotency-key');

/** An address for messages: the names of query parameters stay, their values, which may be keys, do not. */
export function describeUrl(url: URL): string {
  const names = [...new Set(url.searchParams.keys())].map((name) => `${encodeURIComponent(name)}=***`);
  return `${url.origin}${url.pathname}${names.length > 0 ? `?${names.join('&')}` : ''}`;
}
