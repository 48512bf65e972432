import { ThreadlineError } from '../../shared/errors/errors.ts';
import { isObject, type Json, type JsonNumber } from '../../shared/json/json.ts';
import { isNumber, isOutOfRange, readNumber } from '../../shared/json/number.ts';

/** Truth of a value as in Handlebars: false, null, 0, "" and the empty list are false. */
export function isTruthy(value: Json): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

/** Truth of a value for Python's words and a step's `if`: empty values and "false" are false. */
export function isSomething(value: Json): boolean {
  if (typeof value === 'string') return !['', 'false'].includes(value.trim().toLowerCase());
  return isObject(value) ? Object.keys(value).length > 0 : isTruthy(value);
}

/** Name of a value's kind in messages. */
export function kindOf(value: Json): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return 'text';
  if (Array.isArray(value)) return 'a list';
  if (isObject(value)) return 'a map';
  return isNumber(value) ? 'a number' : 'a boolean';
}

export const expressionFailed = (message: string, hint?: string): ThreadlineError =>
  new ThreadlineError('expression_failed', message, hint === undefined ? {} : { hint });

const NUMERIC = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/;

/** Number of a number or a numeric string. */
export function numberIn(value: Json): JsonNumber | undefined {
  if (isNumber(value)) return value;
  if (typeof value !== 'string' || !NUMERIC.test(value)) return undefined;
  return readNumber(value);
}

/** A number that JSON can hold, or an error. */
export function finite<Value extends JsonNumber>(value: Value): Value {
  if (isOutOfRange(value)) throw expressionFailed('The result is too large, or no number.');
  return value;
}

/** Counts the characters of text as people do, the items of a list, or the keys of a map. */
export function sizeOf(value: Json): number {
  if (typeof value === 'string') return [...value].length;
  if (Array.isArray(value)) return value.length;
  if (isObject(value)) return Object.keys(value).length;
  throw expressionFailed(`\`size\` takes text, a list or a map, not ${kindOf(value)}.`);
}
