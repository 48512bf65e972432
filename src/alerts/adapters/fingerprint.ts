import { createHash } from 'node:crypto';
import { isObject, type Json, type JsonObject } from '../../shared/json/json.ts';
import { textOf } from './read.ts';

/** Keep's limit too; a longer one is hashed, since cutting it off could make two alerts one. */
const LONGEST = 255;

/** The sender's own fingerprint where it has one, else a hash of what identifies the alert. */
export function fingerprintOf(own: Json | undefined, identity: JsonObject): string {
  const text = textOf(own);
  if (text === undefined) return hashOf(identity);
  return text.length > LONGEST ? hashOf(text) : text;
}

/** SHA-256 of the JSON text whose keys are in order: the same whatever order they came in. */
export const hashOf = (value: Json): string =>
  createHash('sha256')
    .update(JSON.stringify(inOrder(value)))
    .digest('hex');

function inOrder(value: Json): Json {
  if (Array.isArray(value)) return value.map(inOrder);
  if (!isObject(value)) return value;
  const pairs = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(pairs.map(([key, item]) => [key, inOrder(item)]));
}
