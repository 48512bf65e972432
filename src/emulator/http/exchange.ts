import type { Json, JsonObject } from '../../shared/json/json.ts';

export interface ReceivedRequest {
  method: string;
  /** Below /v1, with the query: `/responses/resp_1?stream=true`. */
  path: string;
  headers: Record<string, string>;
  /** Of a form, its fields, with files as their names. Undefined when there was none or it could not be read. */
  body: Json | undefined;
}

/** A request and everything that the emulator answered to it. */
export interface Exchange {
  request: ReceivedRequest;
  status: number;
  headers: Record<string, string>;
  /** Undefined for streams and files. */
  body: JsonObject | undefined;
  /** What went out on a stream. */
  events: JsonObject[];
}
