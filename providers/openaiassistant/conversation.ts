import { type Json, type ProviderContext, ThreadlineError, type Usage } from 'threadline/provider';
import { assertAnswered, invalidOutput, type Judged, judge } from './answer.ts';
import type { ResolvedAssistant } from './assistant.ts';
import type { OutputRule } from './format.ts';
import type { Config, Params } from './schema.ts';
import type { Toolbox } from './tools.ts';
import type { HistoryMessage, Reply, SendOptions, Session, ToolCall, ToolOutput } from './wires/wire.ts';

const TOOL_ROUNDS = 10;
/** The least that the API lets an answer have. */
const LEAST_TOKENS = 16;

interface Parts {
  params: Params;
  assistant: ResolvedAssistant;
  rule: OutputRule;
  toolbox: Toolbox;
  context: ProviderContext<Config>;
  session: Session;
  signal: AbortSignal;
  /** The name of the wire that the session is on. */
  wire: string;
}

/** One turn of the conversation: rounds of function calls, then an answer, asked for again where `repair` allows. */
export class Conversation {
  private readonly parts: Parts;
  private readonly usage: Usage = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0, cost_usd: null };
  private runId: string | null = null;
  private requestId: string | null = null;
  private rounds = 0;

  constructor(parts: Parts) {
    this.parts = parts;
  }

  async run(): Promise<Json> {
    try {
      const { reply, judged } = await this.answer();
      return await this.results(reply, judged);
    } catch (thrown) {
      throw this.withIds(thrown);
    }
  }

  private async answer(): Promise<{ reply: Reply; judged: Judged }> {
    const { session, rule, assistant } = this.parts;
    let reply = await this.settle(await this.send((options) => session.start(options), assistant.tool_choice));
    for (let repairs = 0; ; repairs++) {
      const judged = await judge(reply.text, rule);
      if (judged.mistakes.length === 0) return { reply, judged };
      if (repairs >= rule.repair) throw invalidOutput(reply, judged, rule, repairs);
      const text = `Your answer does not fit what was asked for: ${judged.mistakes.join('; ')}. Answer again with the corrected JSON only.`;
      reply = await this.settle(await this.send((options) => session.followUp(text, options), this.laterChoice));
    }
  }

  /** A choice that forces a tool holds once: kept, it would force calls for ever. One that forbids them stays. */
  private get laterChoice(): SendOptions['toolChoice'] {
    return this.parts.assistant.tool_choice === 'none' ? 'none' : 'auto';
  }

  /** Runs functions until the model answers. */
  private async settle(first: Reply): Promise<Reply> {
    let reply = first;
    while (reply.status === 'requires_action') reply = await this.handIn(await this.outputsOf(reply.toolCalls));
    await this.leave(unanswered(reply.toolCalls, 'the answer was cut off'));
    return assertAnswered(reply);
  }

  private async outputsOf(calls: ToolCall[]): Promise<ToolOutput[]> {
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

  private async handIn(outputs: ToolOutput[]): Promise<Reply> {
    try {
      const reply = await this.send((options) => this.parts.session.answer(outputs, options), this.laterChoice);
      if (reply.status === 'failed' || reply.status === 'cancelled') await this.leave(outputs);
      return reply;
    } catch (thrown) {
      await this.leave(outputs);
      throw thrown;
    }
  }

  /** A thread with calls that nothing answers takes no further message: it is left with outputs, whatever happened. */
  private async leave(outputs: ToolOutput[]): Promise<void> {
    const { session, context } = this.parts;
    if (outputs.length === 0) return;
    await session.leave(outputs).catch((thrown: Error) => {
      context.emit({ type: 'log', level: 'warning', message: `The thread keeps an unanswered function call: ${thrown.message}` });
    });
  }

  private async send(request: (options: SendOptions) => Promise<Reply>, toolChoice: SendOptions['toolChoice']): Promise<Reply> {
    const { context, signal } = this.parts;
    const reply = await request({
      maxOutputTokens: this.tokensLeft(),
      toolChoice,
      signal,
      onStarted: (runId, requestId) => {
        this.runId = runId;
        this.requestId = requestId ?? null;
      },
      onText: (text) => context.emit({ type: 'text-delta', text }),
    });
    for (const key of ['prompt_tokens', 'completion_tokens', 'total_tokens'] as const) this.usage[key] += reply.usage[key];
    context.emit({ type: 'usage', usage: reply.usage });
    return reply;
  }

  private tokensLeft(): number | undefined {
    const limit = this.parts.assistant.max_completion_tokens;
    if (limit === undefined) return undefined;
    const left = limit - this.usage.completion_tokens;
    if (left >= LEAST_TOKENS) return left;
    throw new ThreadlineError('incomplete', `The answer was cut off: max_completion_tokens (${limit}) is used up.`, {
      hint: 'Raise `max_completion_tokens`.',
    });
  }

  private async results(reply: Reply, { response, json }: Judged): Promise<Json> {
    const { session, toolbox } = this.parts;
    const results: Record<string, unknown> = {
      response,
      text: reply.text,
      thread_id: session.threadId,
      run_id: reply.runId,
      status: reply.status,
      model: reply.model,
      wire: this.parts.wire,
      messages: await this.history(),
      tool_calls: toolbox.calls,
      annotations: reply.annotations,
      usage: this.usage,
      cost_usd: null,
      fallbacks: [],
      json,
      raw_response: reply.raw,
    };
    return results as Json;
  }

  /** The answer is there and paid for: not being able to list the thread does not lose it. */
  private async history(): Promise<HistoryMessage[]> {
    const { session, signal, context } = this.parts;
    try {
      return await session.history(signal);
    } catch (thrown) {
      const { message } = thrown as Error;
      context.emit({ type: 'log', level: 'warning', message: `The thread's messages could not be read: ${message}` });
      return [];
    }
  }

  private withIds(thrown: unknown): unknown {
    if (!(thrown instanceof ThreadlineError)) return thrown;
    const { code, message, hint, retryable, details } = thrown;
    const ids = { thread_id: this.parts.session.threadId, run_id: this.runId, request_id: this.requestId };
    return new ThreadlineError(code, message, {
      retryable,
      details: { ...ids, ...details, usage: { ...this.usage } },
      cause: thrown,
      ...(hint === undefined ? {} : { hint }),
    });
  }
}

const unanswered = (calls: ToolCall[], reason: string): ToolOutput[] =>
  calls.map(({ callId }) => ({ callId, output: JSON.stringify({ error: reason }) }));
