import { type Json, type JsonObject, ThreadlineError } from 'threadline/provider';
import { assertAnswered, invalidOutput, type Judged, judge } from '../answer/answer.ts';
import type { OutputRule } from '../answer/output-rule.ts';
import { isWaiting } from '../base/run-suspended.ts';
import type { ResolvedAssistant } from '../contract/resolve-assistant.ts';
import { danglingCalls, type Item, type ToolOutputItem, unanswered, userMessage } from '../question/items.ts';
import type { FallbackReport } from '../routes/model-routes.ts';
import type { Toolbox } from '../tools/toolbox.ts';
import type { Reply, SendOptions } from '../wires/wire.ts';
import { historyOf } from './history.ts';
import { type Answered, type RequestParts, Requests } from './requests.ts';

const TOOL_ROUNDS = 10;

interface Parts extends Omit<RequestParts, 'maxTokens'> {
  assistant: ResolvedAssistant;
  rule: OutputRule;
  toolbox: Toolbox;
  fallbacks: FallbackReport[];
  /** What citations point to. */
  filesOf(citations: JsonObject[]): Promise<{ annotations: JsonObject[]; files: JsonObject[] }>;
}

/** One turn of the conversation: rounds of function calls, then an answer, asked for again where `repair` allows. */
export class Conversation {
  private readonly parts: Parts;
  private readonly requests: Requests;
  private rounds = 0;

  constructor(parts: Parts) {
    this.parts = parts;
    this.requests = new Requests({ ...parts, maxTokens: parts.assistant.max_completion_tokens });
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
    let reply = await this.rest(await this.requests.send(items, assistant.tool_choice));
    for (let repairs = 0; ; repairs++) {
      const judged = await judge(reply.text, rule);
      if (judged.mistakes.length === 0) return { reply, judged };
      if (repairs >= rule.repair) throw invalidOutput(reply, judged, rule, repairs);
      const text = `Your answer does not fit what was asked for: ${judged.mistakes.join('; ')}. Answer again with the corrected JSON only.`;
      this.parts.unsaid.items = [userMessage(text)];
      reply = await this.rest(await this.requests.send(this.parts.unsaid.items, this.laterChoice));
    }
  }

  /** A choice that forces a tool holds once: kept, it would force calls for ever. One that forbids them stays. */
  private get laterChoice(): SendOptions['toolChoice'] {
    return this.parts.assistant.tool_choice === 'none' ? 'none' : 'auto';
  }

  /** Runs functions until the model answers. */
  private async rest(first: Answered): Promise<Reply> {
    let answered = first;
    while (answered.reply.status === 'requires_action') answered = await this.handIn(await this.outputsOf(answered));
    const { reply } = answered;
    await this.leave(unanswered(reply.toolCalls, 'the answer was cut off'));
    return assertAnswered(reply);
  }

  private async outputsOf({ reply: { toolCalls: calls }, number }: Answered): Promise<ToolOutputItem[]> {
    const { toolbox, params, journal, signal } = this.parts;
    const most = params.max_tool_rounds ?? TOOL_ROUNDS;
    if (this.rounds >= most) {
      await this.leave(unanswered(calls, 'too many rounds'));
      const names = calls.map(({ name }) => name).join(', ');
      throw new ThreadlineError('too_many_tool_rounds', `The model still calls functions after ${most} rounds: ${names}.`, {
        hint: 'Raise `max_tool_rounds`, or tell the assistant when to stop.',
      });
    }
    try {
      this.rounds++;
      return await toolbox.run(calls, { request: number, isPast: await journal.isBehind(number) }, signal);
    } catch (thrown) {
      if (!isWaiting(thrown)) await this.leave(unanswered(calls, 'interrupted'));
      throw thrown;
    }
  }

  private async handIn(outputs: ToolOutputItem[]): Promise<Answered> {
    try {
      const answered = await this.requests.send(outputs, this.laterChoice);
      if (answered.reply.status === 'failed' || answered.reply.status === 'cancelled') await this.leave(outputs);
      return answered;
    } catch (thrown) {
      if (!isWaiting(thrown)) await this.leave(outputs);
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

  private async results(reply: Reply, { response, json }: Judged): Promise<Json> {
    const { thread, toolbox, wire, fallbacks, usage } = this.parts;
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
      usage: usage as unknown as Json,
      cost_usd: usage.cost_usd,
      thread_usage: thread.usage as unknown as Json,
      fallbacks: fallbacks as unknown as Json,
      json: json as unknown as Json,
      raw_response: reply.raw,
    };
    return results;
  }

  /** The answer is there and paid for: a server's copy of the thread that cannot be read or written does not lose it. */
  private async settle(): Promise<void> {
    const { session, signal, context, thread } = this.parts;
    thread.catchUp();
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
      run_id: this.requests.runId,
      request_id: this.requests.requestId,
    };
    return new ThreadlineError(code, message, {
      retryable,
      details: { ...ids, ...details, usage: { ...this.parts.usage } },
      cause: thrown,
      ...(hint === undefined ? {} : { hint }),
    });
  }
}
