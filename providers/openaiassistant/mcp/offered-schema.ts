import { isObject, type Json, type JsonObject } from 'threadline/provider';

/**
 * A tool's schema as models' APIs take it. For a list without `items`, an object without `properties` or a choice at the root they
 * refuse the whole request, with all other tools. It may say less then: the tool's server checks the arguments.
 */
export function offeredSchema(schema: JsonObject): JsonObject {
  const { oneOf, anyOf, allOf, enum: _values, const: _value, not: _not, ...root } = schema;
  const branches = [oneOf, anyOf, allOf].flatMap((list) => (Array.isArray(list) ? list : []));
  const properties = Object.assign(
    {},
    ...[...branches, root].map((branch) => isObject(branch) && branch.properties),
  ) as JsonObject;
  return withItems({ ...root, type: 'object', properties }) as JsonObject;
}

function withItems(node: Json): Json {
  if (Array.isArray(node)) return node.map(withItems);
  if (!isObject(node)) return node;
  const whole = Object.fromEntries(Object.entries(node).map(([word, held]) => [word, withItems(held)]));
  if (Array.isArray(whole.items)) return { ...whole, prefixItems: whole.items, items: {} };
  const isList = [whole.type].flat().includes('array');
  return isList && whole.items === undefined ? { ...whole, items: {} } : whole;
}
