import { ThreadlineError } from '../../shared/errors/errors.ts';
import type { Json, JsonObject } from '../../shared/json/json.ts';

/** The facts that an adapter may use besides the body. */
export interface ReadContext {
  /** Milliseconds since 1970. */
  receivedAt: number;
  /** Tells people what the alert of a fingerprint states and could not be read, and what counts instead. */
  notice(fingerprint: string, text: string): void;
  /** Reads a body within the body; undefined if it is of no known format. */
  adapt(body: Json): JsonObject[] | undefined;
}

/** The notification format of one monitoring system. */
export interface AlertFormat {
  name: string;
  /** The sender, in one line. */
  description: string;
  /** The fields that `detects` looks for, to complete the sentence "that format has …". */
  looksFor: string;
  detects(body: JsonObject): boolean;
  /** Reads a body for which `detects` is true. An empty list: a notification without alerts. Throws `invalid_input`. */
  read(body: JsonObject, context: ReadContext): JsonObject[];
}

/** The error of a body that is damaged, or of another format than the caller named. */
export const invalidBody = (message: string, hint: string, details?: JsonObject): ThreadlineError =>
  new ThreadlineError('invalid_input', message, { hint, ...(details ? { details } : {}) });

/** The error of a message that is valid but not about an alert's state: a webhook answers 2xx and does nothing. */
export const notAnAlert = (message: string, hint: string, details: JsonObject = {}): ThreadlineError =>
  invalidBody(message, hint, { reason: 'not_an_alert', ...details });
