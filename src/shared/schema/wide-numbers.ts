import { isObject, type Json, type JsonObject } from '../json/json.ts';
import { referenceOf } from '../json/stored-list.ts';
import { isLive, type SchemaNode } from './schema.ts';
import { schemasOfItems, schemasOfKey, withBranches } from './schema-branches.ts';

/** Whether text may stand beside numbers there, so that a whole number beyond 2^53 goes there as text. */
export function takesTextForNumber(branches: readonly SchemaNode[]): boolean {
  const types = branches.flatMap(({ type }) => type ?? []);
  return types.includes('string') && (types.includes('number') || types.includes('integer'));
}

/**
 * Data for code whose numbers are JavaScript's: a whole number beyond 2^53 becomes text where the schema takes text or a number.
 * Where the schema says nothing, as of a body in JSON, it stays a bigint.
 */
export const wideNumbersAsText = (schema: object, data: JsonObject): JsonObject =>
  convert([schema as SchemaNode], data) as JsonObject;

/** Every call of a provider comes by here: what is no bigint and holds none costs no look at the schema. */
const mayBeWide = (data: Json): boolean => typeof data === 'bigint' || (typeof data === 'object' && data !== null);

function convert(schemas: readonly SchemaNode[], data: Json): Json {
  const branches = withBranches(schemas);
  if (branches.length === 0 || branches.some(isLive) || referenceOf(data)) return data;
  if (typeof data === 'bigint') return takesTextForNumber(branches) ? String(data) : data;
  if (Array.isArray(data)) {
    const items = branches.flatMap(schemasOfItems);
    return items.length === 0 ? data : data.map((item) => (mayBeWide(item) ? convert(items, item) : item));
  }
  if (!isObject(data)) return data;
  const entries = Object.entries(data).map(([key, item]) => {
    if (!mayBeWide(item)) return [key, item] as const;
    const inner = branches.flatMap((schema) => schemasOfKey(schema, key));
    return [key, convert(inner, item)] as const;
  });
  return Object.fromEntries(entries);
}
