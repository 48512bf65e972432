import type { HeaderMap } from './headers.ts';
import type { Method } from './schema.ts';

/** A request as it is asked for, before all redirects: a repetition sends this one again. */
export interface OutgoingRequest {
  method: Method;
  url: URL;
  headers: HeaderMap;
  body: Buffer | undefined;
}

export interface Answered {
  outgoing: OutgoingRequest;
  response: Response;
}
