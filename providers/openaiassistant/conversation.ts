import { type Json, type JsonObject, type ProviderContext, ThreadlineError, type Usage } from 'threadline/provider';
import { assertAnswered, invalidOutput, type Judged, judge } from './answer.ts';
import type { ResolvedAssistant } from './assistant.ts';
import { assertWithinBudget } from './budget.ts';
import type { OutputRule } from './format.ts';
import { historyOf } from './history.ts';
import { costOf } from './prices.ts';
import type { Config, Params } from './schema.ts';
import type { Server } from './servers.ts';
import { danglingCalls, type Item, type ToolCallItem, type ToolOutputItem, unanswered, userMessage } from './thread/items.ts';
import type { ThreadMemory } from './thread/memory.ts';
import type { Toolbox } from './tools.ts';
import { withoutParameter } from './unsupported-parameter.ts';
import type { Ask, Reply, SendOptions, Session } from './wires/wire.ts';
import type { WireName } from './wires/wire-name.ts';

const TOOL_ROUNDS = 10;

/** A way that was tried before. */
export interface FallbackReport {
  wire: string;
  server: string;
  error: { code: string; message: string };
}

interface Parts {
  params: Params;
  ask: Ask;
  assistant: ResolvedAssistant;
  rule: OutputRule;
  toolbox: Toolbox;
  context: ProviderContext<Config>;
  session: Session;
  thread: ThreadMemory;
  signal: AbortSignal;
  /** That the session is on. */
  wire: { name: WireName; leastTokens: number };
  server: Server;
  fallbacks: FallbackReport[];
  /** Messages that are still to be said, should another way have to. */
  unsaid: { items: Item[] };
  /** What the model refuses is left out, with a warning. */
  isLenient: boolean;
  /** Of the whole step: what earlier ways have used counts. */
  usage: Usage;
  /** What citations point to. */
  filesOf(citations: JsonObject[]): Promise<{ annotations: JsonObject[]; files: JsonObject[] }>;
}

/** One turn of the conversation: rounds of function calls, then an answer, asked for again where `repair` allows. */
export class Conversation {
  private readonly parts: Parts;
  private readonly usage: Usage;
  private runId: string | null = null;
  private requestId: string | null = null;
  private rounds = 0;

  constructor(parts: Parts) {
    this.parts = parts;
    this.usage = parts.usage;
  }

  async run(items: Item[]): Promise<Json> {
    try {
      const { reply, judged } = await this.answer(items);
      await this.settle();
      return await this.results(reply, judged);
    } catch (thrown) {
      throw this.withIds(thrown);
    }
  }

  private async answer(items: Item[]): Promise<{ reply: Reply; judged: Judged }> {
    const { rule, assistant } = this.parts;
    let reply = await this.rest(await this.send(items, assistant.tool_choice));
    for (let repairs = 0; ; repairs++) {
      const judged = await judge(reply.text, rule);
      if (judged.mistakes.length === 0) return { reply, judged };
      if (repairs >= rule.repair) throw invalidOutput(reply, judged, rule, repairs);
      const text = `Your answer does not fit what was asked for: ${judged.mistakes.join('; ')}. Answer again with the corrected JSON only.`;
      this.parts.unsaid.items = [userMessage(text)];
      reply = await this.rest(await this.send(this.parts.unsaid.items, this.laterChoice));
    }
  }

  /** A choice that forces a tool holds once: kept, it would force calls for ever. One that forbids them stays. */
  private get laterChoice(): SendOptions['toolChoice'] {
    return this.parts.assistant.tool_choice === 'none' ? 'none' : 'auto';
  }

  /** Runs functions until the model answers. */
  private async rest(first: Reply): Promise<Reply> {
    let reply = first;
    while (reply.status === 'requires_action') reply = await this.handIn(await this.outputsOf(reply.toolCalls));
    await this.leave(unanswered(reply.toolCalls, 'the answer was cut off'));
    return assertAnswered(reply);
  }

  private async outputsOf(calls: ToolCallItem[]): Promise<ToolOutputItem[]> {
    const { toolbox, params, signal } = this.parts;
    const most = params.max_tool_rounds ?? TOOL_ROUNDS;
    if (this.rounds >= most) {
      await this.leave(unanswered(calls, 'too many rounds'));
      const names = calls.map(({ name }) => name).join(', ');
      throw new ThreadlineError('too_many_tool_rounds', `The model still calls functions after ${most} rounds: ${names}.`, {
        hint: 'Raise `max_tool_rounds`, or tell the assistant when to stop.',
      });
    }
    try {
      return await toolbox.run(calls, ++this.rounds, signal);
    } catch (thrown) {
      await this.leave(unanswered(calls, 'interrupted'));
      throw thrown;
    }
  }

  private async handIn(outputs: ToolOutputItem[]): Promise<Reply> {
    try {
      const reply = await this.send(outputs, this.laterChoice);
      if (reply.status === 'failed' || reply.status === 'cancelled') await this.leave(outputs);
      return reply;
    } catch (thrown) {
      await this.leave(outputs);
      throw thrown;
    }
  }

  /** A thread with calls that nothing answers takes no further message: it is left with outputs, whatever happened. */
  private async leave(outputs: ToolOutputItem[]): Promise<void> {
    const { session, context, thread } = this.parts;
    if (outputs.length === 0) return;
    const open = new Set(danglingCalls(thread.items).map(({ callId }) => callId));
    thread.append(outputs.filter(({ callId }) => open.has(callId)));
    await session.leave(outputs).catch((thrown: Error) => {
      context.emit({ type: 'log', level: 'warning', message: `The thread keeps an unanswered function call: ${thrown.message}` });
    });
  }

  /** A parameter that the model refuses is left out, where the step allows it: a refused request has cost nothing. */
  private async send(items: Item[], toolChoice: SendOptions['toolChoice']): Promise<Reply> {
    const { ask, isLenient, context, server } = this.parts;
    for (;;) {
      try {
        return await this.sendOnce(items, toolChoice);
      } catch (thrown) {
        const dropped = withoutParameter(ask, thrown, server, isLenient);
        if (dropped === undefined) throw thrown;
        const message = `The model ${ask.model ?? ''} does not take \`${dropped}\`: it is left out.`;
        context.emit({ type: 'log', level: 'warning', message });
      }
    }
  }

  private async sendOnce(items: Item[], toolChoice: SendOptions['toolChoice']): Promise<Reply> {
    const { context, signal, session, ask, params, thread, unsaid } = this.parts;
    const before = thread.length;
    assertWithinBudget(ask.model, this.usage.cost_usd, params.max_cost_usd, context);
    const reply = await session.send(items, {
      maxOutputTokens: this.tokensLeft(),
      // Without a wish of the step's, nothing is said of it.
      toolChoice: ask.toolChoice === undefined ? undefined : toolChoice,
      signal,
      onStarted: (runId, requestId) => {
        this.runId = runId || null;
        this.requestId = requestId ?? null;
      },
      onText: (text) => context.emit({ type: 'text-delta', text }),
    });
    if (thread.length > before) unsaid.items = [];
    this.count(reply);
    return reply;
  }

  private count({ tokens, model }: Reply): void {
    const { context, ask, thread } = this.parts;
    const { cached_tokens: _, ...counts } = tokens;
    const usage: Usage = { ...counts, cost_usd: costOf({ model: model || (ask.model ?? ''), ...tokens }, context.prices) };
    for (const key of ['prompt_tokens', 'completion_tokens', 'total_tokens'] as const) this.usage[key] += usage[key];
    const { cost_usd: spent } = this.usage;
    // One unknown price makes the sum unknown.
    this.usage.cost_usd = spent === null || usage.cost_usd === null ? null : Number((spent + usage.cost_usd).toPrecision(12));
    thread.addUsage(usage);
    context.emit({ type: 'usage', usage });
  }

  private tokensLeft(): number | undefined {
    const limit = this.parts.assistant.max_completion_tokens;
    if (limit === undefined) return undefined;
    const left = limit - this.usage.completion_tokens;
    if (left >= this.parts.wire.leastTokens) return left;
    throw new ThreadlineError('incomplete', `The answer was cut off: max_completion_tokens (${limit}) is used up.`, {
      hint: 'Raise `max_completion_tokens`.',
    });
  }

  private async results(reply: Reply, { response, json }: Judged): Promise<Json> {
    const { thread, toolbox, wire, fallbacks } = this.parts;
    const { annotations, files } = await this.parts.filesOf(reply.annotations);
    const results: JsonObject = {
      response,
      text: reply.text,
      thread_id: thread.isKept ? thread.id : null,
      run_id: reply.runId === '' ? null : reply.runId,
      status: reply.status,
      model: reply.model,
      wire: wire.name,
      messages: historyOf(thread),
      tool_calls: toolbox.calls as unknown as Json,
      annotations,
      files,
      usage: this.usage as unknown as Json,
      cost_usd: this.usage.cost_usd,
      thread_usage: thread.usage as unknown as Json,
      fallbacks: fallbacks as unknown as Json,
      json: json as unknown as Json,
      raw_response: reply.raw,
    };
    return results;
  }

  /** The answer is there and paid for: a server's copy of the thread that cannot be read or written does not lose it. */
  private async settle(): Promise<void> {
    const { session, signal, context } = this.parts;
    try {
      await session.settle(signal);
    } catch (thrown) {
      const { message } = thrown as Error;
      context.emit({
        type: 'log',
        level: 'warning',
        message: `The thread could not be read or written at the server: ${message}`,
      });
    }
  }

  private withIds(thrown: unknown): unknown {
    if (!(thrown instanceof ThreadlineError)) return thrown;
    const { code, message, hint, retryable, details } = thrown;
    const ids = {
      thread_id: this.parts.thread.id ?? this.parts.params.thread_id ?? null,
      run_id: this.runId,
      request_id: this.requestId,
    };
    return new ThreadlineError(code, message, {
      retryable,
      details: { ...ids, ...details, usage: { ...this.usage } },
      cause: thrown,
      ...(hint === undefined ? {} : { hint }),
    });
  }
}
