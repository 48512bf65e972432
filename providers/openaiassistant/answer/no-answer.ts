import { isObject, type Json, type JsonObject } from 'threadline/provider';

/** Function calls in the markup of several models. */
const CALL_MARKUP = [
  /<\|?(?:tool_call|tool_calls|function_call|function=[\w.-]+|python_tag)\|?>\s*[{[<]/i,
  /<(?:function_calls|tool_use)>|<invoke name=/i,
  /\[TOOL_CALLS\]/,
  /<[|｜]tool[▁_]calls?[▁_](?:section[▁_])?begin[|｜]>/,
  /(?:^|\n)functions\.[\w.-]+(?::\d+)?\s*\{|to=functions\.\w/,
  /<arg_key>/,
  /```tool_(?:call|code)\b/i,
];
const CODE = /```(?!tool_)[\s\S]*?(?:```|$)|`[^`\n]*`/g;

/** Whether a function call stands in the text, in the markup of a model whose server did not recognise it. */
export function isCallInText(text: string): boolean {
  const plain = text.replace(CODE, '');
  return CALL_MARKUP.some((markup) => markup.test(plain));
}

/** Whether a value is no answer: a schema that was repeated, or a function call. A schema that asks for such keys gets them. */
export function isForeign(value: Json, schema: JsonObject | undefined): boolean {
  if (!looksLikeSchema(value) && !looksLikeCall(value)) return false;
  const properties = isObject(schema?.properties) ? schema.properties : {};
  return !isObject(value) || !Object.keys(value).every((key) => Object.hasOwn(properties, key));
}

const FORMAT_KEYS = new Set(['type', 'name', 'description', 'strict', 'schema', 'json_schema']);

/** A schema, or the format of a request with one in it. */
function looksLikeSchema(value: Json | undefined): boolean {
  if (!isObject(value)) return false;
  const inner = value.schema ?? value.json_schema;
  if (isObject(inner) && Object.keys(value).every((key) => FORMAT_KEYS.has(key))) return looksLikeSchema(inner);
  return typeof value.$schema === 'string' || (isObject(value.properties) && value.type === 'object');
}

const CALL_KEYS = new Set(['id', 'index', 'type', 'name', 'arguments', 'parameters', 'function', 'recipient_name']);

function looksLikeCall(value: Json): boolean {
  if (Array.isArray(value)) return value.length > 0 && value.every(looksLikeCall);
  if (!isObject(value)) return false;
  if (Array.isArray(value.tool_calls)) return value.tool_calls.every(looksLikeCall);
  if (!Object.keys(value).every((key) => CALL_KEYS.has(key))) return false;
  if (isObject(value.function)) return looksLikeCall(value.function);
  const name = value.name ?? value.function ?? value.recipient_name;
  return typeof name === 'string' && (value.arguments !== undefined || isObject(value.parameters));
}
