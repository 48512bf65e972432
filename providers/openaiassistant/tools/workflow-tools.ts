import { durationMs, type JsonObject, type ProviderContext } from 'threadline/provider';
import { compileJsonSchema, type WorkflowSignature } from 'threadline/runtime';
import type { Config } from '../contract/schema.ts';
import { CALL_TIMEOUT_MS, type FunctionTool, type ToolEntry } from './functions.ts';

/** Workflows as functions: their typed inputs are the parameters, their outputs what the model is told. */
export const workflowTools = (tools: ToolEntry[], context: ProviderContext<Config>): Promise<FunctionTool[]> =>
  Promise.all(tools.flatMap((tool) => (typeof tool === 'object' && 'workflow' in tool ? [toolOf(tool, context)] : [])));

type WorkflowEntry = Extract<ToolEntry, { workflow: string }>;

async function toolOf(entry: WorkflowEntry, context: ProviderContext<Config>): Promise<FunctionTool> {
  const { workflow: file, description, timeout } = entry;
  const signature = context.runtime.workflow(file);
  const parameters = parametersOf(signature);
  return {
    name: entry.name ?? nameOf(signature.id),
    description,
    parameters,
    strict: false,
    timeoutMs: durationMs(timeout ?? '') ?? CALL_TIMEOUT_MS,
    retries: 0,
    mistakesOf: await compileJsonSchema(parameters),
    call: (args, name, signal) => context.runtime.runWorkflow(file, { inputs: args }, { name, signal }),
  };
}

/** As APIs want the names of functions. */
export const nameOf = (id: string): string => id.replace(/[^a-zA-Z0-9_-]/g, '_').slice(0, 64);

/** A JSON Schema of the inputs. */
export function parametersOf({ inputs }: WorkflowSignature): JsonObject {
  const properties = Object.fromEntries(inputs.map((input) => [input.name, schemaOf(input)]));
  const required = inputs.filter((input) => input.required && input.default === undefined).map(({ name }) => name);
  return { type: 'object', properties, additionalProperties: false, ...(required.length > 0 ? { required } : {}) };
}

const TYPES: Record<string, string> = { string: 'string', number: 'number', boolean: 'boolean', list: 'array', object: 'object' };

function schemaOf({ type, description, options, default: otherwise }: WorkflowSignature['inputs'][number]): JsonObject {
  return {
    ...(type === 'choice' ? { enum: [...(options ?? [])] } : { type: TYPES[type] ?? 'string' }),
    ...(description ? { description } : {}),
    ...(otherwise === undefined ? {} : { default: otherwise }),
  };
}
