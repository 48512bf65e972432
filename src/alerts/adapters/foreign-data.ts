import { isObject, isPrototypeKey, type Json, type JsonObject, toText } from '../../shared/json/json.ts';
import { isNumber } from '../../shared/json/number.ts';
import { momentOf } from '../../shared/time/moment.ts';

/** Readers of foreign data: a value of an unexpected type counts as missing. */

/** The first value that is a non-blank text, or a number, as ids may be. */
export function firstText(...values: (Json | undefined)[]): string | undefined {
  for (const value of values) {
    if (typeof value === 'string' && value.trim() !== '') return value;
    if (isNumber(value)) return String(value);
  }
  return undefined;
}

/** What a sender states, as text: a list or map as JSON. Undefined for a blank value, which states nothing. */
export function statedText(value: Json | undefined): string | undefined {
  if (value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0)) return undefined;
  const text = toText(value);
  return text.trim() === '' ? undefined : text;
}

/** The field of a name, or of the name in another case: labels are written `severity`, `Severity` and `SEVERITY`. */
export function fieldNamed(map: JsonObject, name: string): Json | undefined {
  if (statedText(map[name]) !== undefined) return map[name];
  const key = Object.keys(map).find((one) => one.toLowerCase() === name && statedText(map[one]) !== undefined);
  return key === undefined ? undefined : map[key];
}

export const asMap = (value: Json | undefined): JsonObject => (isObject(value) ? value : {});
export const asList = (value: Json | undefined): Json[] => (Array.isArray(value) ? value : []);

/** A map of the pairs, without empty and prototype keys; later pairs win. */
export function fromPairs(pairs: Iterable<readonly [string, Json]>): JsonObject {
  const map: JsonObject = {};
  for (const [key, value] of pairs) if (key !== '' && !isPrototypeKey(key)) map[key] = value;
  return map;
}

/** The fields whose value is a text or number, as text. */
export function textFields(values: Record<string, Json | undefined>): JsonObject {
  return fromPairs(
    Object.entries(values).flatMap(([key, value]) => {
      const text = firstText(value);
      return text === undefined ? [] : [[key, text] as const];
    }),
  );
}

/** The pairs of `key:value` tags in a list, or in one text with commas. Tags without a value are left out. */
export function tagPairs(value: Json | undefined): [string, string][] {
  const tags = typeof value === 'string' ? value.split(',') : asList(value);
  return tags.flatMap((tag): [string, string][] => {
    if (typeof tag !== 'string') return [];
    const colon = tag.indexOf(':');
    return colon > 0 ? [[tag.slice(0, colon).trim(), tag.slice(colon + 1).trim()]] : [];
  });
}

const LATEST_MS = 253_402_300_799_999;

/**
 * The first value that is a time in one of the forms that `momentOf` reads, as ISO 8601 in UTC. Times before 1970 are placeholders, like Go's zero time.
 */
export function firstTime(...values: (Json | undefined)[]): string | undefined {
  for (const value of values) {
    const ms = momentOf(value) ?? 0;
    if (ms > 0 && ms <= LATEST_MS) return new Date(ms).toISOString();
  }
  return undefined;
}

/** The first value that is stated as a time and cannot be read as one. */
export const unreadableTime = (...values: (Json | undefined)[]): Json | undefined =>
  values.find((value) => value !== 0 && statedText(value) !== undefined && (momentOf(value) ?? LATEST_MS + 1) > LATEST_MS);

/** An http or https URL; a relative one is completed from `base`. */
export function webUrl(value: Json | undefined, base?: Json): string | undefined {
  const text = firstText(value);
  if (text === undefined) return undefined;
  const url = URL.parse(text, isHttp(base) ? base : undefined);
  if (!url || !/^https?:$/.test(url.protocol)) return undefined;
  return isHttp(text) && !/\s/.test(text) ? text : url.href;
}

const isHttp = (value: Json | undefined): value is string => typeof value === 'string' && /^https?:\/\//i.test(value);
