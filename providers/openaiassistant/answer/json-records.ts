import { isObject, type Json, type JsonObject } from 'threadline/provider';

const LIST_MARK = /^\s*(?:(?:[-*•]|\d{1,4}[.)])\s+)?/;

/** The list in a text whose lines are objects with the same keys, as in NDJSON; undefined for any other text. */
export function recordsIn(text: string, parse: (text: string) => Json | undefined): JsonObject[] | undefined {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const records: JsonObject[] = [];
  for (const line of lines) {
    const record = parse(line.replace(LIST_MARK, '').trimEnd().replace(/,$/, ''));
    if (!isObject(record) || !hasKeysOf(records[0] ?? record, record)) return undefined;
    records.push(record);
  }
  return records.length > 1 && JSON.stringify(records[0]) !== JSON.stringify(records.at(-1)) ? records : undefined;
}

/** Whether both have the same keys, whatever the order. */
function hasKeysOf(one: Json, other: Json): boolean {
  if (!isObject(one) || !isObject(other)) return false;
  const keys = Object.keys(one);
  return keys.length === Object.keys(other).length && keys.every((key) => Object.hasOwn(other, key));
}
