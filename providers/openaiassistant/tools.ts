import {
  type Json,
  type JsonObject,
  type ProviderContext,
  ThreadlineError,
  toJson,
  toText,
  toThreadlineError,
} from 'threadline/provider';
import type { ResolvedAssistant } from './assistant.ts';
import { orAborted, withDeadline } from './deadline.ts';
import { builtInTools, type FunctionTool, functionsOf, offeredFunction } from './functions.ts';
import type { Config, Params } from './schema.ts';
import type { ToolCallItem, ToolOutputItem } from './thread/items.ts';
import type { Tool } from './wires/wire.ts';

/** A call as the results show it. */
export interface ToolCallReport {
  name: string;
  arguments: Json;
  output: Json;
  duration_ms: number;
  error: string | null;
}

/** The API takes 10 MB; what is longer is cut, and says so. */
const OUTPUT_LIMIT = 10_000_000;
/** Calls of one round that run at the same time. */
const PARALLEL = 8;

/** What the model is offered, and what happens when it takes it. */
export class Toolbox {
  readonly offered: Tool[];
  /** In the order in which the model asked. */
  readonly calls: ToolCallReport[] = [];
  private readonly functions: Map<string, FunctionTool>;
  private readonly context: ProviderContext<Config>;

  /** Throws `invalid_params` where a function has no step or no usable schema, before anything is paid. */
  static async open(assistant: ResolvedAssistant, params: Params, context: ProviderContext<Config>): Promise<Toolbox> {
    const tools = assistant.tools ?? [];
    return new Toolbox(builtInTools(tools, assistant, params), await functionsOf(tools), context);
  }

  private constructor(builtIn: Tool[], functions: Map<string, FunctionTool>, context: ProviderContext<Config>) {
    this.offered = [...builtIn, ...[...functions.values()].map(offeredFunction)];
    this.functions = functions;
    this.context = context;
  }

  /** Runs the calls of one round, several at a time; a call that fails tells the model why. */
  async run(calls: ToolCallItem[], round: number, signal: AbortSignal): Promise<ToolOutputItem[]> {
    const reports: ToolCallReport[] = new Array(calls.length);
    let upNext = 0;
    const work = async () => {
      for (let index = upNext++; index < calls.length; index = upNext++) {
        signal.throwIfAborted();
        reports[index] = await this.runOne(calls[index] as ToolCallItem, `tools/${round}.${index}`, signal);
      }
    };
    await Promise.all(Array.from({ length: Math.min(PARALLEL, calls.length) }, work));
    this.calls.push(...reports);
    return calls.map(({ callId }, index) => ({
      type: 'tool_output',
      callId,
      output: cut(toText(reports[index]?.output ?? null)),
    }));
  }

  private async runOne(call: ToolCallItem, path: string, signal: AbortSignal): Promise<ToolCallReport> {
    const startedAt = performance.now();
    const given = readArguments(call.arguments);
    const shown = given.ok ? given.value : call.arguments;
    const { emit } = this.context;
    emit({ type: 'tool-started', call_id: call.callId, tool: call.name, arguments: shown });
    const { output, error } = await this.outcome(call, given, path, signal);
    const duration = Math.round(performance.now() - startedAt);
    emit({ type: 'tool-ended', call_id: call.callId, tool: call.name, output, error, duration_ms: duration });
    return { name: call.name, arguments: shown, output, duration_ms: duration, error };
  }

  private async outcome(
    call: ToolCallItem,
    given: ReadArguments,
    path: string,
    signal: AbortSignal,
  ): Promise<{ output: Json; error: string | null }> {
    const failed = (error: string) => ({ output: { error }, error });
    const tool = this.functions.get(call.name);
    if (!tool) return failed(`There is no function \`${call.name}\`. There are: ${[...this.functions.keys()].join(', ')}.`);
    if (!given.ok) return failed(`The arguments are no JSON object: ${given.error}`);
    const mistakes = tool.validate(given.value);
    if (mistakes.length > 0) return failed(`The arguments do not fit the parameters: ${mistakes.join('; ')}.`);
    try {
      return { output: await this.call(tool, given.value, path, signal), error: null };
    } catch (thrown) {
      signal.throwIfAborted();
      const { message, hint } = toThreadlineError(thrown);
      return failed(hint === undefined ? message : `${message} ${hint}`);
    }
  }

  private call(tool: FunctionTool, args: JsonObject, path: string, signal: AbortSignal): Promise<Json> {
    const late = new ThreadlineError('timeout', `The function took longer than ${tool.timeoutMs / 1000} seconds.`);
    return withDeadline(tool.timeoutMs, late, signal, (limit) =>
      orAborted(this.context.runStep(tool.step, args, { name: path, signal: limit }), limit),
    );
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

const cut = (text: string) =>
  text.length <= OUTPUT_LIMIT ? text : `${text.slice(0, OUTPUT_LIMIT - 100)}\n[cut: ${text.length} characters in all]`;
