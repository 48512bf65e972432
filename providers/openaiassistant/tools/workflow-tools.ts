import { durationMs, type JsonObject, type ProviderContext } from 'threadline/provider';
import { compileJsonSchema, type WorkflowSignature } from 'threadline/runtime';
import { MAX_OUTPUT } from '../contract/max-output.ts';
import type { Config } from '../contract/schema.ts';
import { CALL_TIMEOUT_MS, type FunctionTool, type ToolEntry } from './functions.ts';

/** Workflows as functions: their typed inputs are the parameters, their outputs are told to the model. */
export const workflowTools = (tools: ToolEntry[], context: ProviderContext<Config>): Promise<FunctionTool[]> =>
  Promise.all(tools.flatMap((tool) => (typeof tool === 'object' && 'workflow' in tool ? [workflowTool(tool, context)] : [])));

type WorkflowEntry = Extract<ToolEntry, { workflow: string }>;

async function workflowTool(entry: WorkflowEntry, context: ProviderContext<Config>): Promise<FunctionTool> {
  const { workflow: file, description, timeout, max_output: maxOutput = MAX_OUTPUT } = entry;
  const signature = context.runtime.workflow(file);
  const parameters = parametersOf(signature);
  return {
    name: entry.name ?? functionNameOf(signature.id),
    description,
    parameters,
    strict: false,
    timeoutMs: durationMs(timeout ?? '') ?? CALL_TIMEOUT_MS,
    maxOutput,
    retries: 0,
    mistakesOf: await compileJsonSchema(parameters),
    call: (args, name, signal) => context.runtime.runWorkflow(file, { inputs: args }, { name, signal }),
  };
}

/** A workflow's id as a name that APIs take for functions. */
const functionNameOf = (id: string): string => id.replace(/[^a-zA-Z0-9_-]/g, '_').slice(0, 64);

/** The JSON Schema of a workflow's inputs. */
function parametersOf({ inputs }: WorkflowSignature): JsonObject {
  const properties = Object.fromEntries(inputs.map((input) => [input.name, schemaOfInput(input)]));
  const required = inputs.filter((input) => input.required && input.default === undefined).map(({ name }) => name);
  return { type: 'object', properties, additionalProperties: false, ...(required.length > 0 ? { required } : {}) };
}

const TYPES: Record<string, string> = { string: 'string', number: 'number', boolean: 'boolean', list: 'array', object: 'object' };

function schemaOfInput({ type, description, options, default: otherwise }: WorkflowSignature['inputs'][number]): JsonObject {
  return {
    ...(type === 'choice' ? { enum: [...(options ?? [])] } : { type: TYPES[type] ?? 'string' }),
    // Servers refuse a list that does not say what it holds.
    ...(type === 'list' ? { items: {} } : {}),
    ...(description ? { description } : {}),
    ...(otherwise === undefined ? {} : { default: otherwise }),
  };
}
