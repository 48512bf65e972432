import { isObject, type JsonObject } from 'threadline/provider';

/** Adds the author's `extra` fields, which win. Maps are merged: `text: { verbosity: low }` does not remove the format. */
export function withExtra(body: JsonObject, extra: JsonObject): JsonObject {
  const merged = { ...body };
  for (const [key, value] of Object.entries(extra)) {
    const given = body[key];
    merged[key] = isObject(given) && isObject(value) ? { ...given, ...value } : value;
  }
  return merged;
}
