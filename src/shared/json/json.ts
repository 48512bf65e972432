import { isNumber, isOutOfRange, type JsonNumber, NumberOutOfRange, wholeNumber } from './number.ts';
import { referenceOf } from './stored-list.ts';

export type { JsonNumber } from './number.ts';

/** Plain JSON data, as steps exchange it, the journal stores it and reporters print it. */
export type Json = null | boolean | JsonNumber | string | Json[] | JsonObject;
export type JsonObject = { [key: string]: Json };
/** Keys and indexes that lead to a value in data. */
export type DataPath = readonly (string | number)[];

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Keys that would reach an object's prototype; they never come in as data. */
const PROTOTYPE_KEYS = new Set(['__proto__', 'constructor', 'prototype']);

export const isPrototypeKey = (key: string): boolean => PROTOTYPE_KEYS.has(key);

/**
 * Copies foreign data (an alert, a model's answer, an HTTP body) into plain JSON without prototype keys. Values that are not
 * data become null, as in JSON.stringify. Throws NumberOutOfRange for a number that JSON cannot represent.
 */
export function toJson(value: unknown): Json {
  try {
    return copyOf(value);
  } catch (thrown) {
    // Only the whole has the path.
    throw thrown instanceof NumberOutOfRange ? new NumberOutOfRange(value) : thrown;
  }
}

function copyOf(value: unknown): Json {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (isNumber(value)) {
    if (isOutOfRange(value)) throw new NumberOutOfRange(value);
    return typeof value === 'bigint' ? wholeNumber(value) : value;
  }
  if (Array.isArray(value)) return referenceOf(value) ? value : value.map(copyOf);
  if (typeof value !== 'object') return null;
  if ('toJSON' in value && typeof value.toJSON === 'function') return copyOf(value.toJSON());
  const copy: JsonObject = {};
  for (const [key, item] of Object.entries(value)) {
    if (item !== undefined && typeof item !== 'function' && !PROTOTYPE_KEYS.has(key)) copy[key] = copyOf(item);
  }
  return copy;
}

/** A copy that has equal JSON text for equal data. */
export function withSortedKeys(value: Json): Json {
  if (Array.isArray(value)) return value.map(withSortedKeys);
  if (!isObject(value)) return value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, withSortedKeys(value[key] ?? null)]));
}

/** How a value reads inside text: strings as they are, everything else as JSON. */
export const toText = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));
