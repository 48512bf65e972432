import { compileJsonSchema, durationMs, type JsonObject, type StepTemplate, ThreadlineError } from 'threadline/provider';
import type { ResolvedAssistant } from './assistant.ts';
import type { Params } from './schema.ts';
import type { Tool } from './wires/wire.ts';

/** A function that the model may call, and the step that does it. */
export interface FunctionTool {
  name: string;
  description: string | undefined;
  parameters: JsonObject;
  strict: boolean;
  step: StepTemplate;
  timeoutMs: number;
  /** The mistakes of arguments. */
  validate: Awaited<ReturnType<typeof compileJsonSchema>>;
}

type ToolEntry = NonNullable<ResolvedAssistant['tools']>[number];
type Declaration = Partial<FunctionTool> & { name: string };

const NO_PARAMETERS: JsonObject = { type: 'object', properties: {} };
const TIMEOUT_MS = 60_000;

/** Joins a function's declaration (in the assistant's file) and its step (in the workflow) by name. */
export async function functionsOf(tools: ToolEntry[]): Promise<Map<string, FunctionTool>> {
  const declared = new Map<string, Declaration>();
  for (const tool of tools) {
    const declaration = declarationOf(tool);
    if (declaration) declared.set(declaration.name, { ...declared.get(declaration.name), ...declaration });
  }
  const functions = await Promise.all([...declared.values()].map(complete));
  return new Map(functions.map((complete) => [complete.name, complete]));
}

/** Only what is written there, so that it can be laid over an earlier declaration. */
function declarationOf(tool: ToolEntry): Declaration | undefined {
  if (typeof tool === 'string' || !('function' in tool)) return undefined;
  const { name, description, parameters, strict } =
    typeof tool.function === 'string' ? { ...tool, name: tool.function } : tool.function;
  const { provider, timeout } = 'provider' in tool || 'timeout' in tool ? tool : {};
  return {
    name,
    ...(description === undefined ? {} : { description }),
    ...(parameters === undefined ? {} : { parameters: parameters as JsonObject }),
    ...(strict === undefined ? {} : { strict }),
    ...(provider === undefined ? {} : { step: provider }),
    ...(timeout === undefined ? {} : { timeoutMs: durationMs(timeout) ?? TIMEOUT_MS }),
  };
}

async function complete(declaration: Declaration): Promise<FunctionTool> {
  const { name, description, parameters = NO_PARAMETERS, strict = false, step, timeoutMs = TIMEOUT_MS } = declaration;
  if (!step) {
    throw new ThreadlineError('invalid_params', `Function \`${name}\` has no step.`, {
      hint: `Add \`- function: ${name}\` with a \`provider:\` to the step's tools.`,
    });
  }
  return { name, description, parameters, strict, step, timeoutMs, validate: await compileJsonSchema(parameters) };
}

export const offeredFunction = ({ name, description, parameters, strict }: FunctionTool): Tool => ({
  type: 'function',
  name,
  description,
  parameters,
  strict,
});

/** What the server runs by itself. Named twice, in the assistant and in the step, the later one holds. */
export function builtInTools(tools: ToolEntry[], assistant: ResolvedAssistant, params: Params): Tool[] {
  const fileIds = (params.attachments ?? []).flatMap((attachment) =>
    attachment.tools && attachment.file_id !== undefined ? [attachment.file_id] : [],
  );
  const wanted = new Map<string, Tool>();
  for (const tool of tools) {
    const full = typeof tool === 'string' ? { type: tool } : tool;
    if ('function' in full) continue;
    if (full.type === 'file_search') {
      const own = 'vector_store_ids' in full ? full.vector_store_ids : undefined;
      const maxResults = 'max_num_results' in full ? full.max_num_results : undefined;
      wanted.set(full.type, { type: full.type, vectorStoreIds: own ?? assistant.vector_store_ids ?? [], maxResults });
    } else wanted.set(full.type, full.type === 'web_search' ? { type: full.type } : { type: full.type, fileIds });
  }
  if (fileIds.length > 0 && !wanted.has('code_interpreter'))
    wanted.set('code_interpreter', { type: 'code_interpreter', fileIds });
  return [...wanted.values()];
}
