import { type ProviderContext, ThreadlineError, type Usage } from 'threadline/provider';
import { isWaiting } from '../base/run-suspended.ts';
import type { Config, Params } from '../contract/schema.ts';
import type { Server } from '../contract/servers.ts';
import type { Item } from '../question/items.ts';
import { withoutParameter } from '../question/unsupported-parameter.ts';
import type { ThreadMemory } from '../thread/memory.ts';
import type { Ask, Reply, SendOptions, Session } from '../wires/wire.ts';
import type { WireName } from '../wires/wire-name.ts';
import { assertWithinBudget } from './budget.ts';
import { costOf } from './prices.ts';
import type { KnownRequest, RequestJournal } from './request-journal.ts';

export interface RequestParts {
  params: Params;
  ask: Ask;
  context: ProviderContext<Config>;
  session: Session;
  thread: ThreadMemory;
  signal: AbortSignal;
  journal: RequestJournal;
  /** That the session is on. */
  wire: { name: WireName; leastTokens: number };
  server: Server;
  /** Messages that are still to be said, should another way have to. */
  unsaid: { items: Item[] };
  /** What the model refuses is left out, with a warning. */
  isLenient: boolean;
  /** Of the answers of the whole step. */
  maxTokens: number | undefined;
  /** Of the whole step: what earlier ways have used counts. */
  usage: Usage;
}

/** A reply, and which request of the step it is to. */
export interface Answered {
  reply: Reply;
  number: number;
}

/** The requests of one way: each is sent once, whichever processes the step goes through, and what comes of it is kept. */
export class Requests {
  private readonly parts: RequestParts;
  runId: string | null = null;
  requestId: string | null = null;

  constructor(parts: RequestParts) {
    this.parts = parts;
  }

  /** A parameter that the model refuses is left out, where the step allows it: a refused request has cost nothing. */
  async send(items: Item[], toolChoice: SendOptions['toolChoice']): Promise<Answered> {
    const { ask, params, isLenient, context, server } = this.parts;
    for (;;) {
      try {
        return await this.sendOnce(items, toolChoice);
      } catch (thrown) {
        if (params.background === undefined && isWithoutBackground(ask, thrown)) continue;
        const dropped = withoutParameter(ask, thrown, server, isLenient);
        if (dropped === undefined) throw thrown;
        const message = `The model ${ask.model ?? ''} does not take \`${dropped}\`: it is left out.`;
        context.emit({ type: 'log', level: 'warning', message });
      }
    }
  }

  private async sendOnce(items: Item[], toolChoice: SendOptions['toolChoice']): Promise<Answered> {
    const { session, thread, unsaid, journal } = this.parts;
    const before = thread.length;
    const request = await journal.next();
    const reply = await (request.outcome ? this.replayed(request.outcome) : this.ask(request, items, toolChoice));
    session.take(items, reply);
    if (thread.length > before) unsaid.items = [];
    return { reply, number: request.number };
  }

  /** It counts; that it was paid has been said. */
  private async replayed(outcome: NonNullable<KnownRequest['outcome']>): Promise<Reply> {
    if ('error' in outcome) throw outcome.error;
    this.runId = outcome.reply.runId || null;
    this.count(outcome.reply);
    return outcome.reply;
  }

  private async ask(request: KnownRequest, items: Item[], toolChoice: SendOptions['toolChoice']): Promise<Reply> {
    const { journal, thread, context, signal } = this.parts;
    const { number } = request;
    try {
      const reply = await this.answer(request, items, toolChoice);
      const usage = this.count(reply);
      thread.addUsage(usage);
      context.emit({ type: 'usage', usage });
      await journal.ended(number, reply);
      return reply;
    } catch (thrown) {
      if (!signal.aborted && !isWaiting(thrown) && thrown instanceof ThreadlineError) await journal.failed(number, thrown);
      throw thrown;
    }
  }

  private async answer(request: KnownRequest, items: Item[], toolChoice: SendOptions['toolChoice']): Promise<Reply> {
    const { context, session, ask, params, journal, signal } = this.parts;
    const noted: Promise<void>[] = [];
    let startedId = request.startedId;
    const options: SendOptions = {
      maxOutputTokens: this.tokensLeft(),
      // Without a wish of the step's, nothing is said of it.
      toolChoice: ask.toolChoice === undefined ? undefined : toolChoice,
      signal,
      onStarted: (runId, requestId) => {
        this.runId = runId || null;
        this.requestId = requestId ?? null;
        if (!session.canResume || !runId || runId === startedId) return;
        startedId = runId;
        noted.push(journal.started(request.number, runId));
        // Whether it was kept is looked at when the reply is there.
        noted.at(-1)?.catch(() => undefined);
      },
      onText: (text) => context.emit({ type: 'text-delta', text }),
    };
    const found = request.mayBeSent ? await session.resume(items, request.startedId, options) : undefined;
    if (!found) assertWithinBudget(ask.model, this.parts.usage.cost_usd, params.max_cost_usd, context);
    const reply = found ?? (await session.send(items, options));
    await Promise.all(noted);
    return reply;
  }

  private count({ tokens, model }: Reply): Usage {
    const { context, ask, usage: sum } = this.parts;
    const { cached_tokens: _, ...counts } = tokens;
    const usage: Usage = { ...counts, cost_usd: costOf({ model: model || (ask.model ?? ''), ...tokens }, context.prices) };
    for (const key of ['prompt_tokens', 'completion_tokens', 'total_tokens'] as const) sum[key] += usage[key];
    // One unknown price makes the sum unknown.
    const isKnown = sum.cost_usd !== null && usage.cost_usd !== null;
    sum.cost_usd = isKnown ? Number(((sum.cost_usd ?? 0) + (usage.cost_usd ?? 0)).toPrecision(12)) : null;
    return usage;
  }

  private tokensLeft(): number | undefined {
    const { maxTokens, usage, wire } = this.parts;
    if (maxTokens === undefined) return undefined;
    const left = maxTokens - usage.completion_tokens;
    if (left >= wire.leastTokens) return left;
    throw new ThreadlineError('incomplete', `The answer was cut off: max_completion_tokens (${maxTokens}) is used up.`, {
      hint: 'Raise `max_completion_tokens`.',
    });
  }
}

/** That an answer may be found again is our wish, not the author's: a server that does not take it is asked without. */
function isWithoutBackground(ask: Ask, thrown: unknown): boolean {
  if (!ask.background || !(thrown instanceof ThreadlineError) || thrown.code !== 'bad_request') return false;
  if (thrown.details?.param !== 'background' && !/background/i.test(thrown.message)) return false;
  ask.background = false;
  return true;
}
