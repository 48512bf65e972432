/** Rules of a schema node for a single value, with their messages. check-schema.ts walks the tree. */

import { type DataPath, isObject, type Json, type JsonNumber, withSortedKeys } from '../json/json.ts';
import { isNumber } from '../json/number.ts';
import { didYouMean, nearest } from '../text/suggest.ts';
import { hintsOf, type SchemaNode } from './schema.ts';

/** A place where a value does not match its schema. */
export interface SchemaIssue {
  code: 'unknown-key' | 'missing-key' | 'wrong-type' | 'invalid-value';
  path: DataPath;
  message: string;
  hint?: string;
}

/** Prefers a missing required key as the suggestion, and removes it from `missing`, so that a typing error is reported once. */
export function unknownKey(key: string, schema: SchemaNode, path: DataPath, missing: Set<string>): SchemaIssue {
  const known = Object.keys(schema.properties ?? {});
  const meant = nearest(key, missing);
  if (meant !== undefined) missing.delete(meant);
  const hints = hintsOf(schema);
  const hint =
    (Object.hasOwn(hints, key) ? hints[key] : undefined) ??
    didYouMean(key, meant === undefined ? [] : [meant]) ??
    didYouMean(key, known) ??
    (known.length > 0 && known.length <= 12 ? `Known here: ${known.join(', ')}.` : undefined);
  return { code: 'unknown-key', path: [...path, key], message: `unknown key \`${key}\``, ...(hint ? { hint } : {}) };
}

export function countKeys(schema: SchemaNode, size: number, path: DataPath): SchemaIssue[] {
  const { minProperties, maxProperties } = schema as { minProperties?: number; maxProperties?: number };
  if (minProperties !== undefined && size < minProperties)
    return [invalid(path, `needs at least ${count(minProperties, 'key')}`)];
  if (maxProperties !== undefined && size > maxProperties)
    return [invalid(path, `takes at most ${count(maxProperties, 'key')}, not ${size}`)];
  return [];
}

const KINDS: Record<string, string> = {
  string: 'text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  null: 'null',
};

export function kindOf(value: Json): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'bigint') return KINDS.integer ?? '';
  return KINDS[typeof value] ?? typeof value;
}

const typesOf = (schema: SchemaNode): string[] => (schema.type === undefined ? [] : [schema.type as string | string[]].flat());

export function expectedKinds(schema: SchemaNode): string[] {
  const branches = ((schema.anyOf ?? schema.oneOf) as SchemaNode[] | undefined) ?? [];
  return typesOf(schema).length > 0 ? typesOf(schema).map((type) => KINDS[type] ?? type) : branches.flatMap(expectedKinds);
}

export function checkType(schema: SchemaNode, value: Json, path: DataPath): SchemaIssue | undefined {
  const types = typesOf(schema);
  if (types.length === 0 || types.some((type) => isOfType(type, value))) return undefined;
  const hint = isNumber(value) && types.includes('string') ? 'Put quotes around it.' : undefined;
  return {
    code: 'wrong-type',
    path,
    message: `must be ${words(expectedKinds(schema))}, not ${kindOf(value)}`,
    ...(hint ? { hint } : {}),
  };
}

function isOfType(type: string, value: Json): boolean {
  if (type === 'null') return value === null;
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return isObject(value);
  if (type === 'integer') return typeof value === 'bigint' || Number.isInteger(value);
  if (type === 'number') return isNumber(value);
  return typeof value === type;
}

/** Equal text for equal data, in any order of keys. */
export const canonical = (value: Json): string => JSON.stringify(withSortedKeys(value));

export const wordsOf = (schema: SchemaNode): string[] =>
  schema.const !== undefined ? [String(schema.const)] : ((schema.enum as Json[] | undefined) ?? []).map(String);

export function checkWords(schema: SchemaNode, value: Json, path: DataPath): SchemaIssue[] {
  const allowed = (schema.const !== undefined ? [schema.const] : schema.enum) as Json[] | undefined;
  if (!allowed || allowed.some((word) => canonical(word) === canonical(value))) return [];
  return [notOneOf(allowed.map(String), value, path)];
}

/** For open enums: reports a word that is similar to a known one. */
function checkKnown(schema: SchemaNode, value: string, path: DataPath): SchemaIssue[] {
  const known = (schema['x-threadline-known'] as string[] | undefined) ?? [];
  if (known.includes(value)) return [];
  const hint = didYouMean(value, known);
  return hint === undefined ? [] : [{ ...invalid(path, `\`${shorten(value)}\` is not known`), hint }];
}

export function notOneOf(allowed: string[], value: Json, path: DataPath): SchemaIssue {
  const hint = didYouMean(String(value), allowed);
  const message = `must be ${words(allowed.map((word) => `\`${word}\``))}, not \`${shorten(value)}\``;
  return { code: 'invalid-value', path, message, ...(hint ? { hint } : {}) };
}

export function checkString(schema: SchemaNode, value: string, path: DataPath): SchemaIssue[] {
  const { minLength, maxLength, pattern, examples } = schema as {
    minLength?: number;
    maxLength?: number;
    pattern?: string;
    examples?: string[];
  };
  const length = minLength === undefined && maxLength === undefined ? 0 : [...value].length;
  if (minLength !== undefined && length < minLength) {
    return [invalid(path, minLength === 1 ? 'must not be empty' : `needs at least ${count(minLength, 'character')}`)];
  }
  if (maxLength !== undefined && length > maxLength)
    return [invalid(path, `takes at most ${count(maxLength, 'character')}, not ${length}`)];
  if (pattern !== undefined && !new RegExp(pattern, 'u').test(value)) {
    const hint = examples ? `Like ${words(examples.map((example) => `\`${example}\``))}.` : `It has to match ${pattern}.`;
    return [{ ...invalid(path, `\`${shorten(value)}\` is not of the right form`), hint }];
  }
  return checkKnown(schema, value, path);
}

export function checkNumber(schema: SchemaNode, value: JsonNumber, path: DataPath): SchemaIssue[] {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema as Record<string, JsonNumber | undefined>;
  if (minimum !== undefined && value < minimum) return [invalid(path, `must be at least ${minimum}, not ${value}`)];
  if (maximum !== undefined && value > maximum) return [invalid(path, `must be at most ${maximum}, not ${value}`)];
  if (exclusiveMinimum !== undefined && value <= exclusiveMinimum)
    return [invalid(path, `must be more than ${exclusiveMinimum}, not ${value}`)];
  if (exclusiveMaximum !== undefined && value >= exclusiveMaximum)
    return [invalid(path, `must be less than ${exclusiveMaximum}, not ${value}`)];
  return [];
}

export const isKindOfNumber = (kind: string): boolean => kind === KINDS.number || kind === KINDS.integer;

export const tooWide = (value: bigint, path: DataPath): SchemaIssue => ({
  code: 'invalid-value',
  path,
  message: `must be a number up to ${Number.MAX_SAFE_INTEGER} (2^53 - 1), not ${value}`,
});

export const invalid = (path: DataPath, message: string): SchemaIssue => ({ code: 'invalid-value', path, message });
export const count = (amount: number, noun: string) => `${amount} ${noun}${amount === 1 ? '' : 's'}`;
const shorten = (value: Json) => {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
};

/** `a, b or c`. */
export function words(parts: string[]): string {
  const unique = [...new Set(parts)];
  return unique.length < 2 ? (unique[0] ?? '') : `${unique.slice(0, -1).join(', ')} or ${unique.at(-1)}`;
}
