import { ThreadlineError } from '../../shared/errors/errors.ts';
import type { Json, JsonObject } from '../../shared/json/json.ts';

/** What an adapter may know besides the body. */
export interface ReadContext {
  /** Milliseconds since 1970. */
  receivedAt: number;
  /** Alerts inside a body that only carries another one; undefined when no format claims it. */
  adapt(body: Json): JsonObject[] | undefined;
}

/** One monitoring system's notification. */
export interface AlertFormat {
  name: string;
  /** What sends it, one line. */
  description: string;
  /** What `detects` looks for, in words that stand behind "it has …". */
  looksFor: string;
  detects(body: JsonObject): boolean;
  /** Reads a body that `detects` claims. Throws `invalid_input` when it holds no alert. */
  read(body: JsonObject, context: ReadContext): JsonObject[];
}

/** The body is damaged, or of another format than was said. */
export const refuse = (message: string, hint: string, details?: JsonObject): ThreadlineError =>
  new ThreadlineError('invalid_input', message, { hint, ...(details ? { details } : {}) });

/** A message that its sender meant, but that says nothing of an alert's state: a receiver answers 2xx and does nothing. */
export const notAnAlert = (message: string, hint: string, details: JsonObject = {}): ThreadlineError =>
  refuse(message, hint, { reason: 'not_an_alert', ...details });
