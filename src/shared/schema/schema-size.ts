import { isObject, type Json, type JsonObject } from '../json/json.ts';
import { childrenOf, isOf, nodesOf } from './schema-nodes.ts';

/** The sizes up to which OpenAI enforces a schema. */
const MOST = {
  levels: 10,
  keys: 5000,
  values: 1000,
  characters: 120_000,
  /** One `enum` of texts may be this long, and longer only with few values. */
  fewValues: 250,
  charactersOfOne: 15_000,
};

/** Says by how much a schema is too large to be enforced; undefined where it is not. */
export function excessOf(schema: JsonObject): string | undefined {
  const nodes = nodesOf(schema).flatMap(({ node }) => (isObject(node) ? [node] : []));
  const names = nodes.flatMap(({ properties, $defs, definitions }) => [properties, $defs, definitions].flatMap(keysOf));
  const enums = nodes.map((node) => (Array.isArray(node.enum) ? node.enum : []));
  const constants = nodes.flatMap((node) => (node.const === undefined ? [] : [node.const]));
  const long = enums.find((values) => values.length > MOST.fewValues && lengthOf(values) > MOST.charactersOfOne);
  return [
    excess('levels of nesting', levelsOf(schema), MOST.levels),
    excess('object properties', nodes.flatMap(({ properties }) => keysOf(properties)).length, MOST.keys),
    excess('enum values', enums.flat().length, MOST.values),
    excess('characters of names and enum values', lengthOf([...names, ...enums.flat(), ...constants]), MOST.characters),
    long && excess('characters of the values of one enum', lengthOf(long), MOST.charactersOfOne),
  ].find((one) => one !== undefined);
}

const excess = (what: string, count: number, most: number): string | undefined =>
  count > most ? `${count} ${what} exceed the limit of ${most}` : undefined;

const keysOf = (map: Json | undefined): string[] => (isObject(map) ? Object.keys(map) : []);

const lengthOf = (values: Json[]): number =>
  values.reduce<number>((sum, value) => sum + (typeof value === 'string' ? value : JSON.stringify(value)).length, 0);

/** How deep objects stand within objects. A definition counts by itself: a `$ref` to it does not nest it. */
function levelsOf(node: Json): number {
  const own = isObject(node) && isOf(node, 'object') ? 1 : 0;
  const isDefinition = (word: string | number | undefined) => word === '$defs' || word === 'definitions';
  const levels = childrenOf(node).map(({ path: [word], node: inner }) => levelsOf(inner) + (isDefinition(word) ? 0 : own));
  return levels.reduce((most, one) => Math.max(most, one), own);
}
