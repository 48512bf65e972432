import type { Json, JsonObject } from '../../shared/json/json.ts';

export interface ReceivedRequest {
  method: string;
  /** Below /v1, with the query: `/responses/resp_1?stream=true`. */
  path: string;
  headers: Record<string, string>;
  /** JSON, or the fields of a form with files as their names. Undefined if there was none or it could not be read. */
  body: Json | undefined;
}

/** A request and the emulator's response. */
export interface Exchange {
  request: ReceivedRequest;
  status: number;
  headers: Record<string, string>;
  /** Undefined for streams and files. */
  body: JsonObject | undefined;
  /** Events sent on a stream. */
  events: JsonObject[];
}
