import type { Value } from '../plan/plan.ts';
import { type Json, toText } from '../shared/json/json.ts';
import { meaningOf, type SchemaNode } from '../shared/schema/schema.ts';
import { checkType } from '../shared/schema/schema-rules.ts';

/**
 * Makes text of a template's value if its place takes nothing else: an id may be a number, and a model that was asked for text
 * may answer with JSON. Null stays null, because nobody said what to put in its place.
 */
export function textIfNeeded(value: Value, schemas: readonly SchemaNode[]): Value {
  const alternatives = schemas.filter((schema) => schema.type !== undefined || !isUnion(schema));
  const texts = alternatives.filter((schema) => schema.type === 'string');
  if (texts.length === 0) return value;
  return (scope) => {
    const found = value(scope);
    const isTaken = found === null || alternatives.some((schema) => checkType(schema, found, []) === undefined);
    return isTaken || !texts.some((schema) => holds(schema, found)) ? found : toText(found);
  };
}

const isUnion = (schema: SchemaNode): boolean => ['anyOf', 'oneOf', 'allOf'].some((key) => schema[key] !== undefined);

/** Names, addresses and paths hold a number, but not a list or a map. */
const holds = (schema: SchemaNode, value: Json): boolean =>
  typeof value !== 'object' ||
  (meaningOf(schema) === undefined && ['enum', 'const', 'pattern'].every((rule) => schema[rule] === undefined));
