import { isObject, type Json, type JsonNumber, type JsonObject, toJson, toText } from '../../shared/json/json.ts';
import { NumberOutOfRange } from '../../shared/json/number.ts';
import { parseJson } from '../../shared/json/parse-json.ts';
import { expressionFailed, finite, kindOf, numberIn } from '../core/kinds.ts';

/** Conversions for the arguments of Keep's functions. Null is empty text, as Keep renders it. */

const SHOWN_TEXT = 40;

const shown = (value: Json): string => (typeof value === 'string' ? `"${value.slice(0, SHOWN_TEXT)}"` : kindOf(value));

/** Text, or a number or boolean as text. */
export function textOf(value: Json): string {
  if (value === null) return '';
  if (typeof value === 'object') {
    throw expressionFailed(`Text is needed, not ${kindOf(value)}.`, 'keep.json_dumps(x) makes text of lists and maps.');
  }
  return toText(value);
}

/** Any value as text; lists and maps as JSON. */
export const anyTextOf = (value: Json): string => (value === null ? '' : toText(value));

export function numberOf(value: Json): JsonNumber {
  const number = numberIn(typeof value === 'string' ? value.trim() : value);
  if (number === undefined) throw expressionFailed(`A number is needed, not ${shown(value)}.`);
  return finite(number);
}

export function wholeOf(value: Json): number {
  const number = numberOf(value);
  if (typeof number === 'number' && Number.isInteger(number)) return number;
  throw expressionFailed(`A whole number ${typeof number === 'bigint' ? 'up to 2^53 ' : ''}is needed, not ${number}.`);
}

/** Parses JSON; undefined if the text is not valid JSON. */
export function parsedJson(text: string): Json | undefined {
  try {
    return toJson(parseJson(text));
  } catch (error) {
    if (error instanceof NumberOutOfRange) throw expressionFailed(error.message);
    return undefined;
  }
}

/** The items of a list or of text that is a JSON list, the characters of other text, the keys of a map. */
export function itemsOf(value: Json): Json[] {
  if (value === null) return [];
  if (Array.isArray(value)) return value;
  if (typeof value === 'string') {
    const list = /^\s*\[/.test(value) ? parsedJson(value) : undefined;
    return Array.isArray(list) ? list : [...value];
  }
  if (isObject(value)) return Object.keys(value);
  throw expressionFailed(`A list or text is needed, not ${kindOf(value)}.`);
}

/** A map, or text with the JSON of a map; else undefined. */
export function mapIn(value: Json): JsonObject | undefined {
  const read = typeof value === 'string' ? parsedJson(value) : value;
  return isObject(read) ? read : undefined;
}

export function mapOf(value: Json): JsonObject {
  const map = mapIn(value);
  if (!map) throw expressionFailed(`A map, or the JSON text of one, is needed, not ${shown(value)}.`);
  return map;
}
