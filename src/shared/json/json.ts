import { referenceOf } from './stored-list.ts';

/** Plain JSON data, as steps exchange it, the journal stores it and reporters print it. */
export type Json = null | boolean | number | string | Json[] | JsonObject;
export type JsonObject = { [key: string]: Json };
/** Keys and indexes that lead to a value in data. */
export type DataPath = readonly (string | number)[];

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Keys that would reach an object's prototype; they never come in as data. */
const PROTOTYPE_KEYS = new Set(['__proto__', 'constructor', 'prototype']);

export const isPrototypeKey = (key: string): boolean => PROTOTYPE_KEYS.has(key);

/**
 * Copies foreign data (an alert, a model's answer, an HTTP body) into plain JSON without prototype keys.
 * Numbers that JSON cannot represent and values that are not data become null, as in JSON.stringify.
 */
export function toJson(value: unknown): Json {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return referenceOf(value) ? value : value.map(toJson);
  if (typeof value !== 'object') return null;
  if ('toJSON' in value && typeof value.toJSON === 'function') return toJson(value.toJSON());
  const copy: JsonObject = {};
  for (const [key, item] of Object.entries(value)) {
    if (item !== undefined && typeof item !== 'function' && !PROTOTYPE_KEYS.has(key)) copy[key] = toJson(item);
  }
  return copy;
}

/** How a value reads inside text: strings as they are, everything else as JSON. */
export const toText = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));
