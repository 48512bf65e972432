import { isObject, type Json, type JsonObject } from 'threadline/provider';
import type { Format } from '../question/ask.ts';

/** The key under which an answer comes that is no object. */
const KEY = 'answer';

/**
 * Whether answers of this schema are never objects: texts, numbers, booleans, lists, null. Servers take objects only, so such an
 * answer is asked for as an object of one key. A choice that may itself be an object is not enclosed: of `{"answer": …}` nobody
 * could tell whether the model has enclosed it.
 */
export function isEnclosed({ type, enum: values, const: value, anyOf }: JsonObject): boolean {
  if (anyOf !== undefined) return false;
  if (type !== undefined) return ![type].flat().includes('object');
  const words = Array.isArray(values) ? values : value === undefined ? [] : [value];
  return words.length > 0 && !words.some(isObject);
}

/** The schema as servers take it, an object at its root. */
export function enclosedSchema(schema: JsonObject): JsonObject {
  if (!isEnclosed(schema)) return schema;
  const { $defs, definitions, ...answer } = schema;
  // Servers refuse a list that does not say what it holds. Of a bare list, all is said by that: it may hold anything.
  const inner = [answer.type].flat().includes('array') ? { items: {}, ...answer } : answer;
  const shared = { ...($defs === undefined ? {} : { $defs }), ...(definitions === undefined ? {} : { definitions }) };
  const outer = { type: 'object', properties: { [KEY]: inner }, required: [KEY], additionalProperties: false, ...shared };
  return movedRefs(outer) as JsonObject;
}

/** The form of an answer as servers take it. */
export const enclosedFormat = (format: Format): Format =>
  format.type === 'json_schema' ? { ...format, schema: enclosedSchema(format.schema) } : format;

/** Where the user's schema stands in the one that is sent, for those who say what is wrong in it. */
export const ENCLOSED_AT = ['properties', KEY];

/** References to the root, or to what stands below it, lead to where it stands now. */
function movedRefs(node: Json): Json {
  if (Array.isArray(node)) return node.map(movedRefs);
  if (!isObject(node)) return node;
  return Object.fromEntries(
    Object.entries(node).map(([word, held]) => {
      const isMoved = word === '$ref' && typeof held === 'string' && /^#(?!\/(\$defs|definitions)\/)/.test(held);
      return [word, isMoved ? `#/${ENCLOSED_AT.join('/')}${held.slice(1)}` : movedRefs(held)];
    }),
  );
}

/** What an answer says, without the object that encloses it, which a server that enforces nothing may leave out. */
export function disclosed(format: Format, answer: Json): Json {
  const mayBeEnclosed = format.type === 'json_schema' && isEnclosed(format.schema);
  if (!mayBeEnclosed || !isObject(answer) || Object.keys(answer).length !== 1) return answer;
  return KEY in answer ? (answer[KEY] as Json) : answer;
}
