/** Checks of request parameters, which fail as OpenAI's API does: an ApiError with param and code. */
import { isObject, type Json, type JsonObject } from '../../shared/json/json.ts';
import { badRequest, missing } from '../base/api-error.ts';

/** Throws an ApiError for an invalid value. Null always counts as absent. */
export type Check = (value: Json, param: string) => void;

const quoteList = (words: readonly string[]): string => words.map((word) => `'${word}'`).join(', ');

const kindOf = (value: Json): string => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'bigint') return 'an integer';
  if (typeof value === 'number') return Number.isInteger(value) ? 'an integer' : 'a decimal';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
};

const wrongType = (param: string, expected: string, value: Json) =>
  badRequest(`Invalid type for '${param}': expected ${expected}, but got ${kindOf(value)} instead.`, param, 'invalid_type');

export const anything: Check = () => {};

export const boolean: Check = (value, param) => {
  if (typeof value !== 'boolean') throw wrongType(param, 'a boolean', value);
};

export const object: Check = (value, param) => {
  if (!isObject(value)) throw wrongType(param, 'an object', value);
};

export const text =
  (maximumLength = Number.POSITIVE_INFINITY): Check =>
  (value, param) => {
    if (typeof value !== 'string') throw wrongType(param, 'a string', value);
    if (value.length <= maximumLength) return;
    const lengths = `Expected a string with maximum length ${maximumLength}, but got a string with length ${value.length} instead.`;
    throw badRequest(`Invalid '${param}': string too long. ${lengths}`, param, 'string_above_max_length');
  };

export const word =
  (...words: string[]): Check =>
  (value, param) => {
    if (typeof value !== 'string') throw wrongType(param, `one of ${quoteList(words)}`, value);
    if (words.includes(value)) return;
    throw badRequest(`Invalid value: '${value}'. Supported values are: ${quoteList(words)}.`, param, 'invalid_value');
  };

export const pattern =
  (expression: RegExp): Check =>
  (value, param) => {
    if (typeof value !== 'string') throw wrongType(param, 'a string', value);
    if (expression.test(value)) return;
    const expected = `Expected a string that matches the pattern '${expression.source}'.`;
    throw badRequest(`Invalid '${param}': string does not match pattern. ${expected}`, param, 'invalid_value');
  };

function numberBetween(kind: 'integer' | 'decimal', minimum: number, maximum: number): Check {
  return (value, param) => {
    if (typeof value !== 'number' || (kind === 'integer' && !Number.isInteger(value))) {
      throw wrongType(param, kind === 'integer' ? 'an integer' : 'a decimal', value);
    }
    const complain = (side: string, code: string, sign: string, bound: number) => {
      const numbers = `Expected a value ${sign} ${bound}, but got ${value} instead.`;
      throw badRequest(`Invalid '${param}': ${kind} ${side} value. ${numbers}`, param, `${kind}_${code}_value`);
    };
    if (value < minimum) complain('below minimum', 'below_min', '>=', minimum);
    if (value > maximum) complain('above maximum', 'above_max', '<=', maximum);
  };
}

export const integer = (minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY): Check =>
  numberBetween('integer', minimum, maximum);

export const decimal = (minimum: number, maximum: number): Check => numberBetween('decimal', minimum, maximum);

export const list =
  (item: Check, maximumLength = Number.POSITIVE_INFINITY, minimumLength = 0): Check =>
  (value, param) => {
    if (!Array.isArray(value)) throw wrongType(param, 'an array', value);
    if (value.length < minimumLength) {
      const lengths = `Expected an array with minimum length ${minimumLength}, but got an array with length ${value.length} instead.`;
      throw badRequest(`Invalid '${param}': array too short. ${lengths}`, param, 'array_below_min_length');
    }
    if (value.length > maximumLength) {
      const lengths = `Expected an array with maximum length ${maximumLength}, but got an array with length ${value.length} instead.`;
      throw badRequest(`Invalid '${param}': array too long. ${lengths}`, param, 'array_above_max_length');
    }
    value.forEach((entry, index) => {
      item(entry, `${param}[${index}]`);
    });
  };

const PAIRS = { count: 16, key: 64, value: 512 };

const pairs =
  (entry: Check): Check =>
  (value, param) => {
    if (!isObject(value)) throw wrongType(param, 'an object', value);
    const keys = Object.keys(value);
    if (keys.length > PAIRS.count) {
      const counts = `Expected an object with at most ${PAIRS.count} properties, but got an object with ${keys.length} properties instead.`;
      throw badRequest(`Invalid '${param}': too many properties. ${counts}`, param, 'object_above_max_properties');
    }
    for (const [key, given] of Object.entries(value)) {
      text(PAIRS.key)(key, param);
      entry(given, `${param}.${key}`);
    }
  };

export const metadata: Check = pairs(text(PAIRS.value));

/** Attributes for filtering a vector store's files: metadata whose values may also be numbers and booleans. */
export const attributes: Check = pairs((value, param) => {
  if (typeof value !== 'number' && typeof value !== 'boolean') text(PAIRS.value)(value, param);
});

/** Checks the given parameters, and refuses unknown ones by name. */
export function checkParameters(body: JsonObject, checks: Record<string, Check>, required: string[] = [], prefix = ''): void {
  for (const [name, value] of Object.entries(body)) {
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
    const param = `${prefix}${name}`;
    if (!check) throw badRequest(`Unknown parameter: '${param}'.`, param, 'unknown_parameter');
    if (value !== null) check(value, param);
  }
  requireKeys(body, required, prefix);
}

export function requireKeys(value: JsonObject, keys: readonly string[], prefix = ''): void {
  for (const key of keys) if (value[key] === undefined || value[key] === null) throw missing(`${prefix}${key}`);
}

/** Checks a key that must be there and hold one of the words. */
export function checkWord(value: JsonObject, key: string, words: readonly string[], param: string): void {
  const given = value[key];
  if (given === undefined) throw missing(`${param}.${key}`);
  word(...words)(given, `${param}.${key}`);
}

/** An object with a check of its own. */
export const objectWith =
  (check: (value: JsonObject, param: string) => void): Check =>
  (value, param) => {
    if (!isObject(value)) throw wrongType(param, 'an object', value);
    check(value, param);
  };

/** Any string, or a value for the other check. */
export const textOr =
  (other: Check): Check =>
  (value, param) => {
    if (typeof value !== 'string') other(value, param);
  };

/** An object for the one check, or any other value for the other. */
export const objectOr =
  (check: Check, other: Check): Check =>
  (value, param) =>
    isObject(value) ? check(value, param) : other(value, param);

/** An object without unknown keys. */
export const shape = (checks: Record<string, Check>, required: string[] = []): Check =>
  objectWith((value, param) => checkParameters(value, checks, required, `${param}.`));

/** An object whose `type` determines its other keys. */
export const variant = (checks: Record<string, Check>): Check =>
  objectWith((value, param) => {
    checkWord(value, 'type', Object.keys(checks), param);
    const { type, ...rest } = value;
    checks[String(type)]?.(rest, param);
  });
