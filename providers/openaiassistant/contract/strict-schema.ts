import { isObject, type JsonObject } from 'threadline/provider';
import { type SchemaRefusal, schemaRefusals } from 'threadline/runtime';
import { ENCLOSED_AT, enclosedSchema, isEnclosed } from './enclosed-schema.ts';

/** Whether a server that enforces schemas takes this one for an answer. */
export const isStrict = (schema: unknown): boolean => isObject(schema) && answerRefusals(schema, true).length === 0;

/** For what servers refuse a schema of an answer, as it is sent; the paths are those of the schema as it is written. */
export function answerRefusals(schema: JsonObject, strict: boolean): SchemaRefusal[] {
  const refusals = schemaRefusals(enclosedSchema(schema), { use: 'answer', strict });
  if (!isEnclosed(schema)) return refusals;
  return refusals.map((refusal) => ({ ...refusal, path: withoutStart(refusal.path, ENCLOSED_AT) }));
}

const withoutStart = (path: SchemaRefusal['path'], start: string[]): SchemaRefusal['path'] =>
  start.every((step, index) => path[index] === step) ? path.slice(start.length) : path;
