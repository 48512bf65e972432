import { createHash } from 'node:crypto';
import { type Json, type JsonObject, withSortedKeys } from '../../shared/json/json.ts';
import { invalidBody } from './alert-format.ts';
import { firstText, statedText } from './foreign-data.ts';

/** Keep's limit, too. A longer fingerprint is hashed, because cutting it off could merge two alerts. */
const LONGEST = 255;

/**
 * The sender's own fingerprint, or else a hash of the fields that identify the alert. Throws `invalid_input` if they are all
 * blank: all such alerts of the sender would be one.
 */
export function fingerprintOf(own: Json | undefined, identity: JsonObject): string {
  if (firstText(own) !== undefined || identifies(identity)) return ownOrHash(own, identity);
  throw invalidBody(
    'Nothing in the alert tells it from others: it has no fingerprint, no name and no labels.',
    'Have the sender give it one of them.',
  );
}

/** True if something in the data is not blank. */
export const identifies = (value: Json): boolean =>
  value !== null && typeof value === 'object' ? Object.values(value).some(identifies) : statedText(value) !== undefined;

/** The same for an alert of a user's own making, which may contain nothing. */
export function ownOrHash(own: Json | undefined, identity: JsonObject): string {
  const text = firstText(own);
  if (text === undefined) return hashOf(identity);
  return text.length > LONGEST ? hashOf(text) : text;
}

/** The SHA-256 of the JSON text with sorted keys, so that their order does not matter. */
const hashOf = (value: Json): string =>
  createHash('sha256')
    .update(JSON.stringify(withSortedKeys(value)))
    .digest('hex');
