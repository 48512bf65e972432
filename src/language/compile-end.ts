import type { InputType, OutputPlan } from '../plan/plan.ts';
import { type DataPath, isObject, type Json, type JsonObject } from '../shared/json/json.ts';
import { checkSchema } from '../shared/schema/check-schema.ts';
import { Closed, OneOf, Type } from '../shared/schema/schema.ts';
import { compileTree } from './compile-value.ts';
import type { TemplatePosition } from './template-position.ts';
import type { ValueContext } from './value-context.ts';

const TypedOutputSchema = Closed({
  value: Type.Unknown(),
  type: Type.Optional(OneOf(['string', 'number', 'boolean', 'list', 'object'])),
  description: Type.Optional(Type.String()),
});

/** Compiles `outputs:`: values, or values with a type. */
export function compileOutputs(
  workflow: JsonObject,
  path: DataPath,
  position: TemplatePosition,
  context: ValueContext,
): OutputPlan[] {
  return Object.entries(isObject(workflow.outputs) ? workflow.outputs : {}).map(([name, data]) => {
    const at = [...path, 'outputs', name];
    if (!isTyped(data)) return { name, value: compileTree(data, at, position, context), type: undefined };
    context.report.issues(at, checkSchema(TypedOutputSchema, data));
    const value = compileTree(data.value ?? null, [...at, 'value'], position, context);
    return { name, value, type: data.type as InputType | undefined };
  });
}

const isTyped = (data: Json): data is JsonObject =>
  isObject(data) && Object.hasOwn(data, 'value') && (Object.hasOwn(data, 'type') || Object.hasOwn(data, 'description'));
