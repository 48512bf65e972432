import { ThreadlineError } from '../../shared/errors/errors.ts';
import { type Json, type JsonObject, toJson } from '../../shared/json/json.ts';
import { DISMISSAL_ENDS, dismissalEnd, isReadableEnd } from './with-enrichments.ts';

const MAX_JSON_BYTES = 1024 * 1024;
const MAX_KEY_BYTES = 1024;

/** Checks a text that identifies something: a fingerprint, the id of an incident, the key of a note. */
export function checkedKey(what: string, key: Json | undefined): string {
  if (typeof key !== 'string' || key === '') {
    throw new ThreadlineError('invalid_input', `The ${what} is missing or is not a text.`, {
      hint: `Give a ${what}: text of 1 to ${MAX_KEY_BYTES} bytes.`,
    });
  }
  if (Buffer.byteLength(key) <= MAX_KEY_BYTES) return key;
  throw new ThreadlineError('invalid_input', `The ${what} is longer than ${MAX_KEY_BYTES} bytes.`, {
    hint: 'Use a hash of it.',
  });
}

/** The JSON text of data, if it is short enough to be stored. */
export function checkedText(what: string, value: Json): string {
  const text = JSON.stringify(value);
  const bytes = Buffer.byteLength(text);
  if (bytes <= MAX_JSON_BYTES) return text;
  throw new ThreadlineError('invalid_input', `${what} takes ${bytes} bytes as JSON; ${MAX_JSON_BYTES} can be stored.`, {
    hint: 'Leave out large data: logs, images, whole payloads.',
  });
}

/** Checks fields to write on an alert. A new dismissal also removes the end of an earlier one. */
export function checkedFields(fields: JsonObject): JsonObject {
  const own = toJson(fields) as JsonObject;
  if ('fingerprint' in own) {
    throw new ThreadlineError('invalid_input', 'The fingerprint of an alert cannot be enriched: it says which alert it is.', {
      hint: 'Leave `fingerprint` out of the fields.',
    });
  }
  const end = dismissalEnd(own);
  if (end !== undefined && !isReadableEnd(end)) {
    throw new ThreadlineError(
      'invalid_input',
      `The end of the dismissal is not a valid time: ${JSON.stringify(end).slice(0, 100)}.`,
      {
        hint: 'Write it as 2026-01-31T09:00:00Z, or "forever".',
      },
    );
  }
  checkedText('What the alert is enriched with', own);
  const dismissal = ['dismissed', ...DISMISSAL_ENDS].some((key) => key in own);
  return dismissal ? { ...Object.fromEntries(DISMISSAL_ENDS.map((key) => [key, null])), ...own } : own;
}
