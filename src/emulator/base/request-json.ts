import { isObject, type Json, type JsonObject } from '../../shared/json/json.ts';

/** The objects of a list; none if the value is not a list. */
export const objectsIn = (list: Json | undefined): JsonObject[] => (Array.isArray(list) ? list.filter(isObject) : []);

/** The text of a content that is a string or a list of parts; parts without `text` add nothing. */
export function textOfContent(content: Json | undefined): string {
  if (typeof content === 'string') return content;
  return objectsIn(content)
    .map(({ text }) => (typeof text === 'string' ? text : ''))
    .join('');
}

/** The request's values of the parameters that its resource repeats, or their defaults. */
export const echoOf = (body: JsonObject, defaults: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(defaults).map(([name, fallback]) => [name, body[name] ?? fallback]));
