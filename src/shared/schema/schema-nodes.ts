import { type DataPath, isObject, type Json, type JsonObject } from '../json/json.ts';

/** A schema within a schema. */
export interface SchemaPlace {
  path: DataPath;
  node: Json;
}

const NAMED = ['properties', '$defs', 'definitions', 'patternProperties', 'dependentSchemas'];
const LISTS = ['anyOf', 'oneOf', 'allOf', 'prefixItems', 'items'];
const SINGLES = ['items', 'additionalProperties', 'not', 'if', 'then', 'else', 'contains'];

/** All schemas that a schema consists of, itself first. */
export const nodesOf = (node: Json, path: DataPath = []): SchemaPlace[] => [
  { path, node },
  ...childrenOf(node).flatMap((child) => nodesOf(child.node, [...path, ...child.path])),
];

/** The schemas directly within a schema. */
export function childrenOf(node: Json): SchemaPlace[] {
  if (!isObject(node)) return [];
  return Object.entries(node).flatMap(([word, held]): SchemaPlace[] => {
    if (NAMED.includes(word) && isObject(held))
      return Object.entries(held).map(([name, inner]) => ({ path: [word, name], node: inner }));
    if (LISTS.includes(word) && Array.isArray(held)) return held.map((inner, index) => ({ path: [word, index], node: inner }));
    // `additionalProperties: false` says that there are none.
    const isSingle = SINGLES.includes(word) && (isObject(held) || word === 'items');
    return isSingle ? [{ path: [word], node: held }] : [];
  });
}

/** Whether a schema names the type, alone or among others. */
export const isOf = ({ type }: JsonObject, wanted: string): boolean => [type].flat().includes(wanted);

/** A key of data, from a part of a JSON pointer. */
export const keyOfPointer = (part: string): string => part.replaceAll('~1', '/').replaceAll('~0', '~');
