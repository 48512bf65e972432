import {
  compileJsonSchema,
  durationMs,
  type Json,
  type JsonObject,
  type ProviderContext,
  type StepTemplate,
  ThreadlineError,
  toJson,
  toText,
  toThreadlineError,
} from 'threadline/provider';
import type { ResolvedAssistant } from './assistant.ts';
import type { Config, Params } from './schema.ts';
import type { Tool, ToolCall, ToolOutput } from './wires/wire.ts';

/** A call as the results show it. */
export interface ToolCallReport {
  name: string;
  arguments: Json;
  output: Json;
  duration_ms: number;
  error: string | null;
}

interface FunctionTool {
  name: string;
  description: string | undefined;
  parameters: JsonObject;
  strict: boolean;
  step: StepTemplate | undefined;
  timeoutMs: number;
}

const NO_PARAMETERS: JsonObject = { type: 'object', properties: {} };
const TIMEOUT_MS = 60_000;
/** The API takes 10 MB; what is longer is cut, and says so. */
const OUTPUT_LIMIT = 10_000_000;
/** Calls of one round that run at the same time. */
const PARALLEL = 8;

type ToolEntry = NonNullable<ResolvedAssistant['tools']>[number];

/** The functions of an assistant: a declaration (in its file) and its step (in the workflow) are joined by name. */
function functionsOf(tools: ToolEntry[]): Map<string, FunctionTool> {
  const functions = new Map<string, FunctionTool>();
  for (const tool of tools) {
    if (typeof tool === 'string' || !('function' in tool)) continue;
    const given = typeof tool.function === 'string' ? { ...tool, name: tool.function } : tool.function;
    const { name, description, parameters, strict } = given;
    const earlier = functions.get(name);
    const { provider, timeout } = 'provider' in tool || 'timeout' in tool ? tool : {};
    functions.set(name, {
      name,
      description: description ?? earlier?.description,
      parameters: (parameters as JsonObject | undefined) ?? earlier?.parameters ?? NO_PARAMETERS,
      strict: strict ?? earlier?.strict ?? false,
      step: provider ?? earlier?.step,
      timeoutMs: durationMs(timeout ?? '') ?? earlier?.timeoutMs ?? TIMEOUT_MS,
    });
  }
  return functions;
}

/** What the model is offered, and what happens when it takes it. */
export class Toolbox {
  readonly offered: Tool[];
  readonly calls: ToolCallReport[] = [];
  private readonly functions: Map<string, FunctionTool>;
  private readonly context: ProviderContext<Config>;

  constructor(assistant: ResolvedAssistant, params: Params, context: ProviderContext<Config>) {
    const tools = assistant.tools ?? [];
    this.context = context;
    this.functions = functionsOf(tools);
    for (const { name, step } of this.functions.values()) {
      if (!step)
        throw new ThreadlineError('invalid_params', `Function \`${name}\` has no step.`, {
          hint: `Add \`- function: ${name}\` with a \`provider:\` to the step's tools.`,
        });
    }
    this.offered = [...builtInTools(tools, assistant, params), ...[...this.functions.values()].map(offeredFunction)];
  }

  /** Runs the calls of one round, several at a time; a call that fails tells the model why. */
  async run(calls: ToolCall[], round: number, signal: AbortSignal): Promise<ToolOutput[]> {
    const outputs: ToolOutput[] = new Array(calls.length);
    let upNext = 0;
    const work = async () => {
      for (let index = upNext++; index < calls.length; index = upNext++) {
        signal.throwIfAborted();
        outputs[index] = await this.runOne(calls[index] as ToolCall, `tools/${round}.${index}`, signal);
      }
    };
    await Promise.all(Array.from({ length: Math.min(PARALLEL, calls.length) }, work));
    return outputs;
  }

  private async runOne(call: ToolCall, path: string, signal: AbortSignal): Promise<ToolOutput> {
    const startedAt = performance.now();
    const shown = readArguments(call.arguments);
    const { emit } = this.context;
    emit({ type: 'tool-started', call_id: call.callId, tool: call.name, arguments: shown.ok ? shown.value : call.arguments });
    const { output, error } = await this.outcome(call, shown, path, signal);
    const report: ToolCallReport = {
      name: call.name,
      arguments: shown.ok ? shown.value : call.arguments,
      output,
      duration_ms: Math.round(performance.now() - startedAt),
      error,
    };
    this.calls.push(report);
    emit({ type: 'tool-ended', call_id: call.callId, tool: call.name, output, error, duration_ms: report.duration_ms });
    return { callId: call.callId, output: cut(toText(output)) };
  }

  private async outcome(
    call: ToolCall,
    given: ReadArguments,
    path: string,
    signal: AbortSignal,
  ): Promise<{ output: Json; error: string | null }> {
    const failed = (error: string) => ({ output: { error }, error });
    const tool = this.functions.get(call.name);
    if (!tool?.step) return failed(`There is no function \`${call.name}\`. There are: ${[...this.functions.keys()].join(', ')}.`);
    if (!given.ok) return failed(`The arguments are no JSON object: ${given.error}`);
    const mistakes = (await compileJsonSchema(tool.parameters))(given.value);
    if (mistakes.length > 0) return failed(`The arguments do not fit the parameters: ${mistakes.join('; ')}.`);
    try {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(tool.timeoutMs)]);
      return { output: await this.context.runStep(tool.step, given.value, { name: path, signal: limit }), error: null };
    } catch (thrown) {
      signal.throwIfAborted();
      const late = (thrown as Error).name === 'TimeoutError' || toThreadlineError(thrown).code === 'cancelled';
      return failed(late ? `The function took longer than ${tool.timeoutMs / 1000} seconds.` : toThreadlineError(thrown).message);
    }
  }
}

type ReadArguments = { ok: true; value: JsonObject } | { ok: false; error: string };

function readArguments(text: string): ReadArguments {
  try {
    const value = JSON.parse(text.trim() === '' ? '{}' : text) as unknown;
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return { ok: true, value: toJson(value) as JsonObject };
    return { ok: false, error: 'it is something else' };
  } catch (error) {
    return { ok: false, error: (error as Error).message };
  }
}

const offeredFunction = ({ name, description, parameters, strict }: FunctionTool): Tool => ({
  type: 'function',
  name,
  description,
  parameters,
  strict,
});

function builtInTools(tools: ToolEntry[], assistant: ResolvedAssistant, params: Params): Tool[] {
  const fileIds = (params.attachments ?? []).flatMap((attachment) =>
    attachment.tools && attachment.file_id !== undefined ? [attachment.file_id] : [],
  );
  const wanted = tools.flatMap((tool): Tool[] => {
    const full = typeof tool === 'string' ? { type: tool } : tool;
    if ('function' in full) return [];
    if (full.type === 'file_search') {
      const own = 'vector_store_ids' in full ? full.vector_store_ids : undefined;
      const maxResults = 'max_num_results' in full ? full.max_num_results : undefined;
      return [{ type: 'file_search', vectorStoreIds: own ?? assistant.vector_store_ids ?? [], maxResults }];
    }
    return full.type === 'code_interpreter' ? [{ type: 'code_interpreter', fileIds }] : [{ type: 'web_search' }];
  });
  if (fileIds.length > 0 && !wanted.some((tool) => tool.type === 'code_interpreter'))
    wanted.push({ type: 'code_interpreter', fileIds });
  return wanted;
}

const cut = (text: string) =>
  text.length <= OUTPUT_LIMIT ? text : `${text.slice(0, OUTPUT_LIMIT - 100)}\n[cut: ${text.length} characters in all]`;
