import { createHash } from 'node:crypto';
import { type Json, type JsonObject, withSortedKeys } from '../../shared/json/json.ts';
import { firstText } from './foreign-data.ts';

/** Keep's limit, too. A longer fingerprint is hashed, because cutting it off could merge two alerts. */
const LONGEST = 255;

/** The sender's own fingerprint, or else a hash of the fields that identify the alert. */
export function fingerprintOf(own: Json | undefined, identity: JsonObject): string {
  const text = firstText(own);
  if (text === undefined) return hashOf(identity);
  return text.length > LONGEST ? hashOf(text) : text;
}

/** The SHA-256 of the JSON text with sorted keys, so that their order does not matter. */
export const hashOf = (value: Json): string =>
  createHash('sha256')
    .update(JSON.stringify(withSortedKeys(value)))
    .digest('hex');
