import type { HeaderMap } from './headers.ts';
import type { Method } from './schema.ts';

/** A request as it is sent; a redirect derives another one from it. */
export interface OutgoingRequest {
  method: Method;
  url: URL;
  headers: HeaderMap;
  body: Buffer | undefined;
}
