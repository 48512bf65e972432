import { hash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type Json,
  type JsonObject,
  type ProviderContext,
  ThreadlineError,
  toText,
  toThreadlineError,
  withDeadline,
} from 'threadline/provider';
import { inParallel } from '../base/in-parallel.ts';
import { orAborted } from '../base/or-aborted.ts';
import { isSuspension } from '../base/run-suspended.ts';
import { MAX_OUTPUT } from '../contract/max-output.ts';
import type { ResolvedAssistant } from '../contract/resolve-assistant.ts';
import type { Config, Params } from '../contract/schema.ts';
import type { Tool } from '../question/ask.ts';
import type { ToolCallItem, ToolOutputItem } from '../question/items.ts';
import { cutText } from '../thread/cut-text.ts';
import { faultOfAuthor } from './broken-function.ts';
import { callOnceEver, failureText } from './call-once-ever.ts';
import { builtInTools, type FunctionTool, functionsOf, offeredFunction, type ToolFiles } from './functions.ts';
import { type McpTools, openMcpTools } from './mcp-tools.ts';
import { type ReadArguments, readArguments } from './read-arguments.ts';
import { requireApproval } from './tool-approval.ts';
import { workflowTools } from './workflow-tools.ts';

/** A call as the results show it. */
export interface ToolCallReport {
  name: string;
  arguments: Json;
  output: Json;
  duration_ms: number;
  error: string | null;
}

/** How many calls of a round run at the same time. */
const PARALLEL = 8;
/** The most tools that a request may offer. */
const MOST_TOOLS = 128;
const FIRST_PAUSE_MS = 500;

/** The tools that the model is offered, and the running of its calls. */
export class Toolbox {
  readonly offered: Tool[];
  /** In the order in which the model asked. */
  readonly calls: ToolCallReport[] = [];
  private readonly functions: Map<string, FunctionTool>;
  private readonly context: ProviderContext<Config>;
  private readonly parallel: number;
  private readonly choice: ResolvedAssistant['tool_choice'] | undefined;
  private readonly servers: McpTools;

  /**
   * Starts the MCP servers that are named; `close` ends them. Throws `invalid_params` where a function has no step, no usable
   * schema or another one's name, before anything is paid.
   */
  static async open(
    assistant: ResolvedAssistant,
    params: Params,
    files: ToolFiles,
    context: ProviderContext<Config>,
    signal: AbortSignal,
  ): Promise<Toolbox> {
    const tools = params.functions_off === true ? [] : (assistant.tools ?? []);
    const own = [...(await functionsOf(tools, context)), ...(await workflowTools(tools, context))];
    const servers = await openMcpTools(tools, context, signal);
    const functions = [...own, ...servers.functions];
    try {
      refuseClashes(functions);
      const offersFiles = params.functions_off === true ? { fileIds: [], vectorStoreIds: [] } : files;
      const builtIn = builtInTools(tools, assistant, offersFiles);
      const wishes = { parallel: params.max_parallel_calls ?? PARALLEL, choice: assistant.tool_choice };
      return new Toolbox(builtIn, functions, wishes, context, servers);
    } catch (thrown) {
      await servers.close();
      throw thrown;
    }
  }

  private constructor(
    builtIn: Tool[],
    functions: FunctionTool[],
    { parallel, choice }: { parallel: number; choice: ResolvedAssistant['tool_choice'] | undefined },
    context: ProviderContext<Config>,
    servers: McpTools,
  ) {
    this.offered = [...builtIn, ...functions.map(offeredFunction)];
    this.functions = new Map(functions.map((one) => [one.name, one]));
    this.parallel = parallel;
    this.choice = choice;
    this.context = context;
    this.servers = servers;
  }

  async close(): Promise<void> {
    await this.servers.close();
  }

  /** Says which call `tool_choice` forces where none came; of the server's own tools nobody knows here. */
  get missedChoice(): string | undefined {
    const { choice, calls } = this;
    const forced = typeof choice === 'object' ? choice.function : undefined;
    if (forced !== undefined && !calls.some(({ name }) => name === forced))
      return `\`tool_choice\` forces \`${forced}\`, and the model has answered without a call of it.`;
    const isMissed = choice === 'required' && calls.length === 0 && this.offered.every(({ type }) => type === 'function');
    return isMissed ? '`tool_choice` forces a call, and the model has answered without one.' : undefined;
  }

  /**
   * Runs the calls of a reply, several at a time; a call that fails tells the model why. `request` is the number of the request
   * that was replied to: it makes the paths of the calls unique, and the same when the step is replayed. The events of a round
   * that `isPast` are not emitted again.
   */
  async run(
    calls: ToolCallItem[],
    { request, isPast }: { request: number; isPast: boolean },
    signal: AbortSignal,
  ): Promise<ToolOutputItem[]> {
    const emit = isPast ? () => {} : this.context.emit;
    const reports: ToolCallReport[] = new Array(calls.length);
    const runOne = async (index: number) => {
      signal.throwIfAborted();
      const call = calls[index] as ToolCallItem;
      reports[index] = await this.runOne(call, `tools/${request}.${index}-${fingerprintOf(call)}`, { signal, emit });
    };
    const asks = (index: number) => this.functions.get(calls[index]?.name ?? '')?.approval !== undefined;
    // Calls that wait for a person come last: meanwhile the run may leave the process.
    const [asking, others] = [[...calls.keys()].filter(asks), [...calls.keys()].filter((index) => !asks(index))];
    await inParallel(others, this.parallel, runOne);
    await inParallel(asking, this.parallel, runOne);
    this.calls.push(...reports);
    return Promise.all(reports.map((report, index) => this.toldOf(report, calls[index] as ToolCallItem, emit)));
  }

  /** The output as the model is told it: one that is too long would be in the way of all that is said afterwards. */
  private async toldOf(
    { output }: ToolCallReport,
    { callId, name }: ToolCallItem,
    emit: ProviderContext['emit'],
  ): Promise<ToolOutputItem> {
    const text = toText(output);
    const most = this.functions.get(name)?.maxOutput ?? MAX_OUTPUT;
    const cut = await cutText(text, most);
    if (cut !== undefined) {
      const length = text.length.toLocaleString('en');
      const message = `The output of \`${name}\` has ${length} characters: the model is told about ${most.toLocaleString('en')} tokens of it (\`max_output\`).`;
      emit({ type: 'log', level: 'warning', message });
    }
    return { type: 'tool_output', callId, output: cut ?? text };
  }

  private async runOne(
    call: ToolCallItem,
    path: string,
    { signal, emit }: Pick<ProviderContext, 'signal' | 'emit'>,
  ): Promise<ToolCallReport> {
    const startedAt = performance.now();
    const given = readArguments(call.arguments);
    const shown = given.ok ? given.value : call.arguments;
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
    if (this.choice === 'none') return failed('No function may be called: `tool_choice` is `none`. Answer without calls.');
    const tool = this.functions.get(call.name);
    if (!tool) return failed(`There is no function \`${call.name}\`. There are: ${[...this.functions.keys()].join(', ')}.`);
    if (!given.ok) return failed(`The arguments are not a JSON object: ${given.error}`);
    const mistakes = tool.mistakesOf(given.value);
    if (mistakes.length > 0) return failed(`The arguments do not fit the parameters: ${mistakes.join('; ')}.`);
    try {
      await requireApproval(tool, given.value, path, this.context);
      const work = () => callWithRetries(tool, given.value, path, signal);
      // The host keeps the results of steps and workflows itself.
      return {
        output: await (tool.isForeign ? callOnceEver(this.context.runtime.memory, path, signal, work) : work()),
        error: null,
      };
    } catch (thrown) {
      signal.throwIfAborted();
      if (isSuspension(thrown)) throw thrown;
      const fault = faultOfAuthor(tool, given.value, thrown);
      if (fault) throw fault;
      return failed(failureText(thrown));
    }
  }
}

/** Repeats a call that failed with a retryable error, after pauses that double, as often as the function's author allows. */
async function callWithRetries(tool: FunctionTool, args: JsonObject, path: string, signal: AbortSignal): Promise<Json> {
  for (let retries = 0; ; retries++) {
    try {
      return await callOnce(tool, args, retries === 0 ? path : `${path}.try-${retries + 1}`, signal);
    } catch (thrown) {
      if (retries >= tool.retries || !toThreadlineError(thrown).retryable) throw thrown;
      await delay(FIRST_PAUSE_MS * 2 ** retries, undefined, { signal }).catch(() => undefined);
      signal.throwIfAborted();
    }
  }
}

function callOnce(tool: FunctionTool, args: JsonObject, path: string, signal: AbortSignal): Promise<Json> {
  const late = new ThreadlineError('timeout', `The function took longer than ${tool.timeoutMs / 1000} seconds.`);
  return withDeadline(tool.timeoutMs, late, signal, (limit) => orAborted(tool.call(args, path, limit), limit));
}

function refuseClashes(functions: FunctionTool[]): void {
  const names = functions.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) {
    const hint = "Call one of them something else; a `name` beside `mcp`'s `command` or `url` is put before its tools' names.";
    throw new ThreadlineError('invalid_params', `There are two functions called \`${twice}\`.`, { hint });
  }
  if (names.length <= MOST_TOOLS) return;
  const message = `There are ${names.length} functions, and a model takes at most ${MOST_TOOLS}.`;
  throw new ThreadlineError('invalid_params', message, { hint: 'Choose among those of MCP servers by `allow`.' });
}

/** Part of a call's path, so that a step that begins anew does not take another call's result for its own. */
const fingerprintOf = ({ callId, name, arguments: args }: ToolCallItem): string =>
  hash('sha256', JSON.stringify([callId, name, args]), 'hex').slice(0, 8);
