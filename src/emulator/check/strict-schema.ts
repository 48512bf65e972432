import { isObject, type Json, type JsonObject } from '../../shared/json/json.ts';

/**
 * Finds the first construct that OpenAI refuses in a `strict` schema, such as open objects and optional properties. Returns a
 * sentence, or undefined.
 */
export function strictMistake(schema: Json | undefined, path: string[] = []): string | undefined {
  if (!isObject(schema)) return undefined;
  const inObject = isObject(schema.properties) || schema.type === 'object' ? objectMistake(schema, path) : undefined;
  if (inObject) return inObject;
  for (const [step, child] of childrenOf(schema)) {
    const mistake = strictMistake(child, [...path, ...step]);
    if (mistake) return mistake;
  }
  return undefined;
}

function objectMistake(schema: JsonObject, path: string[]): string | undefined {
  const where = `In context=(${path.map((step) => `'${step}'`).join(', ')}), `;
  if (schema.additionalProperties !== false) return `${where}'additionalProperties' is required to be supplied and to be false.`;
  const names = isObject(schema.properties) ? Object.keys(schema.properties) : [];
  const required = Array.isArray(schema.required) ? schema.required : [];
  const optional = names.find((name) => !required.includes(name));
  if (optional === undefined) return undefined;
  return `${where}'required' is required to be supplied and to be an array including every key in properties. Missing '${optional}'.`;
}

function childrenOf(schema: JsonObject): [string[], Json][] {
  const children: [string[], Json][] = [];
  for (const map of ['properties', '$defs', 'definitions']) {
    const schemas = schema[map];
    if (isObject(schemas))
      children.push(...Object.entries(schemas).map(([name, child]): [string[], Json] => [[map, name], child]));
  }
  for (const union of ['anyOf', 'allOf', 'oneOf']) {
    const schemas = schema[union];
    const list = Array.isArray(schemas) ? schemas : [];
    children.push(...list.map((child, index): [string[], Json] => [[union, String(index)], child]));
  }
  if (schema.items !== undefined) children.push([['items'], schema.items]);
  return children;
}
