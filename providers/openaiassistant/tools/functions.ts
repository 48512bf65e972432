import { durationMs, type Json, type JsonObject, type ProviderContext, ThreadlineError } from 'threadline/provider';
import { compileJsonSchema, type ItemTemplate, type StepTemplate } from 'threadline/runtime';
import { MAX_OUTPUT } from '../contract/max-output.ts';
import type { ResolvedAssistant } from '../contract/resolve-assistant.ts';
import type { Config } from '../contract/schema.ts';
import type { Tool } from '../question/ask.ts';

/** How a person is asked before a call; `true` asks with our own words. */
export type ToolApproval = true | { message?: string; approvers?: string[]; timeout?: string | number };

/** A function that the model may call, and how it is run. */
export interface FunctionTool {
  name: string;
  description: string | undefined;
  parameters: JsonObject;
  strict: boolean;
  timeoutMs: number;
  /** The most tokens of an output that the model is told. */
  maxOutput: number;
  /** How often a call that failed with a retryable error is tried again. */
  retries: number;
  /** Given where a person has to allow each call. */
  approval?: ToolApproval;
  /** Given where the host does not run it, and so does not keep its results: a tool of an MCP server. */
  isForeign?: true;
  /** Mistakes in the arguments, one sentence each. */
  mistakesOf(args: JsonObject): string[];
  /** `path` is unique among the calls of the step. */
  call(args: JsonObject, path: string, signal: AbortSignal): Promise<Json>;
}

export type ToolEntry = NonNullable<ResolvedAssistant['tools']>[number];

/** The keys that an entry writes out, so that they can be laid over an earlier declaration. */
interface Declaration {
  name: string;
  description?: string;
  parameters?: JsonObject;
  strict?: boolean;
  step?: StepTemplate;
  timeoutMs?: number;
  retries?: number;
  approval?: ToolApproval | false;
  result?: ItemTemplate;
  maxOutput?: number;
}

const NO_PARAMETERS: JsonObject = { type: 'object', properties: {} };
export const CALL_TIMEOUT_MS = 60_000;

/** Functions that are steps: a declaration (in the assistant's file) and its step (in the workflow) are joined by name. */
export async function functionsOf(tools: ToolEntry[], context: ProviderContext<Config>): Promise<FunctionTool[]> {
  const declared = new Map<string, Declaration>();
  for (const tool of tools) {
    const declaration = declarationOf(tool);
    if (declaration) declared.set(declaration.name, { ...declared.get(declaration.name), ...declaration });
  }
  return Promise.all([...declared.values()].map((declaration) => complete(declaration, context)));
}

function declarationOf(tool: ToolEntry): Declaration | undefined {
  if (typeof tool === 'string' || !('function' in tool)) return undefined;
  const { name, description, parameters, strict } =
    typeof tool.function === 'string' ? { ...tool, name: tool.function } : tool.function;
  const { provider, timeout, retries, approval, result, max_output: maxOutput } = 'type' in tool ? {} : tool;
  return {
    name,
    ...(description === undefined ? {} : { description }),
    ...(parameters === undefined ? {} : { parameters: parameters as JsonObject }),
    ...(strict === undefined ? {} : { strict }),
    ...(provider === undefined ? {} : { step: provider }),
    ...(timeout === undefined ? {} : { timeoutMs: durationMs(timeout) ?? CALL_TIMEOUT_MS }),
    ...(retries === undefined ? {} : { retries }),
    ...(approval === undefined ? {} : { approval: approval as ToolApproval | false }),
    ...(result === undefined ? {} : { result }),
    ...(maxOutput === undefined ? {} : { maxOutput }),
  };
}

async function complete(declaration: Declaration, context: ProviderContext<Config>): Promise<FunctionTool> {
  const { name, description, parameters = NO_PARAMETERS, strict = false, step } = declaration;
  const { timeoutMs = CALL_TIMEOUT_MS, maxOutput = MAX_OUTPUT, retries = 0, approval = false, result } = declaration;
  if (!step) {
    throw new ThreadlineError('invalid_params', `Function \`${name}\` has no step.`, {
      hint: `Add \`- function: ${name}\` with a \`provider:\` to the step's tools.`,
    });
  }
  const mistakesOf = await compileJsonSchema(parameters);
  const call: FunctionTool['call'] = async (args, path, signal) => {
    const returned = await context.runtime.runStep(step, args, { name: path, signal });
    return result ? result.render({ args, result: returned }) : returned;
  };
  const asking = approval === false ? {} : { approval };
  return { name, description, parameters, strict, timeoutMs, maxOutput, retries, ...asking, mistakesOf, call };
}

export const offeredFunction = ({ name, description, parameters, strict }: FunctionTool): Tool => ({
  type: 'function',
  name,
  description,
  parameters,
  strict,
});

/** The tools that the server runs itself. Where one is named twice, in the assistant and in the step, the later one holds. */
export function builtInTools(tools: ToolEntry[], assistant: ResolvedAssistant, files: ToolFiles): Tool[] {
  const wanted = new Map<string, Tool>();
  for (const tool of tools) {
    const full = typeof tool === 'string' ? { type: tool } : tool;
    if (!('type' in full) || full.type === 'function') continue;
    if (full.type === 'file_search') wanted.set(full.type, fileSearch(full, assistant, files));
    else wanted.set(full.type, full.type === 'web_search' ? { type: full.type } : { type: full.type, fileIds: files.fileIds });
  }
  if (files.fileIds.length > 0 && !wanted.has('code_interpreter'))
    wanted.set('code_interpreter', { type: 'code_interpreter', fileIds: files.fileIds });
  if (files.vectorStoreIds.length > 0 && !wanted.has('file_search'))
    wanted.set('file_search', fileSearch({ type: 'file_search' }, assistant, files));
  return [...wanted.values()];
}

function fileSearch(
  own: { type: string; vector_store_ids?: string[]; max_num_results?: number },
  assistant: ResolvedAssistant,
  files: ToolFiles,
): Tool {
  const vectorStoreIds = [...(own.vector_store_ids ?? assistant.vector_store_ids ?? []), ...files.vectorStoreIds];
  return { type: 'file_search', vectorStoreIds, maxResults: own.max_num_results };
}

/** Files of attachments and knowledge for the server's tools. */
export interface ToolFiles {
  /** For the code interpreter. */
  fileIds: string[];
  /** For the search of files. */
  vectorStoreIds: string[];
}
