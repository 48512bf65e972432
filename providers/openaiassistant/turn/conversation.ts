import { type Json, ThreadlineError } from 'threadline/provider';
import { assertAnswered, invalidOutput, type Judged, judge } from '../answer/answer.ts';
import { isSuspension } from '../base/run-suspended.ts';
import { disclosed } from '../contract/enclosed-schema.ts';
import { outputsLacking, type ToolOutputItem, unanswered, userMessage } from '../question/items.ts';
import type { Reply, SendOptions } from '../wires/wire.ts';
import type { OpenRoute } from './open-route.ts';
import { type Answered, Requests } from './requests.ts';
import { resultsOf } from './results.ts';
import type { Turn } from './turn.ts';

const TOOL_ROUNDS = 10;

/** A turn over one route: rounds of function calls, then an answer, asked for again where `repair` allows. */
export class Conversation {
  private readonly turn: Turn;
  private readonly open: OpenRoute;
  private readonly requests: Requests;
  private rounds = 0;

  constructor(turn: Turn, open: OpenRoute) {
    this.turn = turn;
    this.open = open;
    this.requests = new Requests(turn, open);
  }

  async run(): Promise<Json> {
    try {
      const { reply, judged } = await this.answer();
      await this.syncRemote();
      this.sayMissedChoice();
      return await resultsOf(this.turn, this.open.route, reply, judged);
    } catch (thrown) {
      throw this.withIds(thrown);
    }
  }

  /** Servers that are told to force a call may not know how, and answer as if they had not been told. */
  private sayMissedChoice(): void {
    const { toolbox, context } = this.turn;
    const message = toolbox.missedChoice;
    if (message !== undefined) context.emit({ type: 'log', level: 'warning', message });
  }

  private async answer(): Promise<{ reply: Reply; judged: Judged }> {
    const { rule, assistant } = this.turn;
    let reply = await this.finish(await this.requests.send(this.open.items, assistant.tool_choice));
    for (let repairs = 0; ; repairs++) {
      const judged = this.judged(reply);
      if (judged.mistakes.length === 0) return { reply, judged };
      if (repairs >= rule.repair) throw invalidOutput(reply, judged, rule, repairs);
      const text = `Your answer does not fit what was asked for: ${judged.mistakes.join('; ')}. Answer again with the corrected JSON only.`;
      this.turn.unsaid = [userMessage(text)];
      reply = await this.finish(await this.requests.send(this.turn.unsaid, this.laterChoice));
    }
  }

  /** Reads an answer, whether it stands in the object that servers are asked for or not. */
  private judged({ text }: Reply): Judged {
    const { rule } = this.turn;
    const validate = (value: unknown) => rule.validate(disclosed(rule.format, value as Json));
    const judged = judge(text, { ...rule, validate });
    return { ...judged, response: disclosed(rule.format, judged.response) };
  }

  /** The tool choice after the first request: one that forces a tool would force calls for ever, one that forbids them stays. */
  private get laterChoice(): SendOptions['toolChoice'] {
    return this.turn.assistant.tool_choice === 'none' ? 'none' : 'auto';
  }

  /** Runs functions until the model answers. */
  private async finish(first: Answered): Promise<Reply> {
    let answered = first;
    while (answered.reply.status === 'requires_action') answered = await this.handIn(await this.outputsOf(answered));
    const { reply } = answered;
    await this.closeOpenCalls(unanswered(reply.toolCalls, 'the answer was cut off'));
    return assertAnswered(reply);
  }

  private async outputsOf({ reply: { toolCalls: calls }, number }: Answered): Promise<ToolOutputItem[]> {
    const { toolbox, params, journal, signal } = this.turn;
    const most = params.max_tool_rounds ?? TOOL_ROUNDS;
    if (this.rounds >= most) {
      await this.closeOpenCalls(unanswered(calls, 'too many rounds'));
      const names = calls.map(({ name }) => name).join(', ');
      throw new ThreadlineError('too_many_tool_rounds', `The model still calls functions after ${most} rounds: ${names}.`, {
        hint: 'Raise `max_tool_rounds`, or tell the assistant when to stop.',
      });
    }
    try {
      this.rounds++;
      return await toolbox.run(calls, { request: number, isPast: await journal.isBehind(number) }, signal);
    } catch (thrown) {
      if (!isSuspension(thrown)) await this.closeOpenCalls(unanswered(calls, 'interrupted'));
      throw thrown;
    }
  }

  private async handIn(outputs: ToolOutputItem[]): Promise<Answered> {
    try {
      const answered = await this.requests.send(outputs, this.laterChoice);
      if (answered.reply.status === 'failed' || answered.reply.status === 'cancelled') await this.closeOpenCalls(outputs);
      return answered;
    } catch (thrown) {
      if (!isSuspension(thrown)) await this.closeOpenCalls(outputs);
      throw thrown;
    }
  }

  /** Gives open calls these outputs, here and at the server: otherwise the thread would take no further message. */
  private async closeOpenCalls(outputs: ToolOutputItem[]): Promise<void> {
    const { context, thread } = this.turn;
    if (outputs.length === 0) return;
    thread.append(outputsLacking(thread.items, outputs));
    await this.open.session.closeOpenCalls(outputs).catch((thrown: Error) => {
      context.emit({ type: 'log', level: 'warning', message: `The thread keeps an unanswered function call: ${thrown.message}` });
    });
  }

  /** A failure here is a warning only: the answer is there and paid for. */
  private async syncRemote(): Promise<void> {
    const { context, thread, signal } = this.turn;
    thread.appendUnreplayed();
    await this.open.session.syncRemote(signal).catch(({ message }: Error) => {
      const warning = `The thread could not be read or written at the server: ${message}`;
      context.emit({ type: 'log', level: 'warning', message: warning });
    });
  }

  private withIds(thrown: unknown): unknown {
    if (!(thrown instanceof ThreadlineError)) return thrown;
    const { thread, params, usage } = this.turn;
    const { code, message, hint, retryable, details } = thrown;
    const ids = {
      thread_id: thread.id ?? params.thread_id ?? null,
      run_id: this.requests.runId,
      request_id: this.requests.requestId,
    };
    return new ThreadlineError(code, message, {
      retryable,
      details: { ...ids, ...details, usage: { ...usage } },
      cause: thrown,
      ...(hint === undefined ? {} : { hint }),
    });
  }
}
