import type { HeaderMap } from './headers.ts';
import type { Method } from './schema.ts';

/** A request as it goes over the wire; a redirect makes another one of it. */
export interface OutgoingRequest {
  method: Method;
  url: URL;
  headers: HeaderMap;
  body: Buffer | undefined;
}
