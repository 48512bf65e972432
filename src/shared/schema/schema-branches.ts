import { isObject } from '../json/json.ts';
import type { SchemaNode } from './schema.ts';

/** The schemas, with all the forms that each of them may have. */
export const withBranches = (schemas: readonly SchemaNode[]): SchemaNode[] =>
  schemas.flatMap((schema) => [schema, ...withBranches((schema.anyOf ?? schema.oneOf ?? schema.allOf ?? []) as SchemaNode[])]);

/** The schemas of the items of a list. */
export const schemasOfItems = (schema: SchemaNode): SchemaNode[] => (isObject(schema.items) ? [schema.items as SchemaNode] : []);

/** The schemas of a map's value. */
export function schemasOfKey(schema: SchemaNode, key: string): SchemaNode[] {
  const properties = schema.properties as Record<string, SchemaNode> | undefined;
  if (properties && Object.hasOwn(properties, key)) return [properties[key] as SchemaNode];
  if (isObject(schema.additionalProperties)) return [schema.additionalProperties as SchemaNode];
  return Object.values((schema.patternProperties as Record<string, SchemaNode> | undefined) ?? {});
}
