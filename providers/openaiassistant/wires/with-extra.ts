import { isObject, type JsonObject } from 'threadline/provider';

/** `extra` has the last word, inside maps too: `text: { verbosity: low }` does not take the format away. */
export function withExtra(body: JsonObject, extra: JsonObject): JsonObject {
  const merged = { ...body };
  for (const [key, value] of Object.entries(extra)) {
    const given = body[key];
    merged[key] = isObject(given) && isObject(value) ? { ...given, ...value } : value;
  }
  return merged;
}
