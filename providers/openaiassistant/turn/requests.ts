import { ThreadlineError, type Usage } from 'threadline/provider';
import { addUsage } from 'threadline/runtime';
import { spokenReply } from '../answer/spoken-reply.ts';
import { isSuspension } from '../base/run-suspended.ts';
import { complaintOf } from '../dialects/complaint.ts';
import { isFailedGeneration } from '../dialects/failure-kinds.ts';
import type { Item } from '../question/items.ts';
import { mend } from '../question/remedies.ts';
import { MAX_RETRIES } from '../routes/client.ts';
import { systemClock } from '../transport/clock.ts';
import { isPassingStatus } from '../transport/repeat-reason.ts';
import { backoffMs } from '../transport/retry-delay.ts';
import { mayBePaid } from '../wires/may-be-paid.ts';
import { NO_TOKENS, type Reply, type SendOptions } from '../wires/wire.ts';
import { assertWithinBudget } from './budget.ts';
import type { OpenRoute } from './open-route.ts';
import { costOf } from './prices.ts';
import type { KnownRequest } from './request-journal.ts';
import type { Turn } from './turn.ts';

/** A reply, and which request of the step it is to. */
export interface Answered {
  reply: Reply;
  number: number;
}

/** The requests of a turn over one route: each is sent once, whichever processes the step goes through, and its end is kept. */
export class Requests {
  private readonly turn: Turn;
  private readonly open: OpenRoute;
  /** What the server was seen to want otherwise. */
  private readonly mended = new Set<string>();
  /** Whether something of the answer has come. */
  private hasBegun = false;
  runId: string | null = null;
  requestId: string | null = null;

  constructor(turn: Turn, open: OpenRoute) {
    this.turn = turn;
    this.open = open;
  }

  /** Sends again where the failure allows that: a refused request has cost nothing. */
  async send(items: Item[], toolChoice: SendOptions['toolChoice']): Promise<Answered> {
    for (let repeats = 0; ; ) {
      try {
        return await this.sendOnce(items, toolChoice);
      } catch (thrown) {
        if (this.isMended(thrown)) continue;
        await this.waitToRepeat(thrown, repeats++);
      }
    }
  }

  /** Whether the server wants the question in another way, and gets it so from now on. */
  private isMended(thrown: unknown): boolean {
    const { params, context } = this.turn;
    const { ask, route, isLenient } = this.open;
    const isOurs = (name: string) => name === 'background' && params.background === undefined;
    const mended = mend(thrown, { ask, server: route.server, mended: this.mended, isLenient, isOurs });
    if (mended?.isLoss) context.emit({ type: 'log', level: 'warning', message: mended.message });
    else if (mended) context.emit({ type: 'progress', message: mended.message });
    return mended !== undefined;
  }

  /** Waits before a request that may be sent again as it was; throws what was thrown where it may not. */
  private async waitToRepeat(thrown: unknown, repeats: number): Promise<void> {
    const { params, context, signal } = this.turn;
    const most = params.max_retries ?? this.open.route.config.max_retries ?? MAX_RETRIES;
    const reason = thrown instanceof ThreadlineError ? whyRepeat(thrown) : undefined;
    if (reason === undefined || repeats >= Math.min(most, reason.most)) throw thrown;
    const delayMs = backoffMs(repeats);
    context.emit({ type: 'progress', message: `attempt ${repeats + 1} failed (${reason.words}): again in ${delayMs} ms` });
    await systemClock.sleep(delayMs, signal);
  }

  private async sendOnce(items: Item[], toolChoice: SendOptions['toolChoice']): Promise<Answered> {
    const { thread, journal } = this.turn;
    const before = thread.length;
    const request = await journal.next();
    const came = await (request.outcome ? this.replayed(request.outcome) : this.requested(request, items, toolChoice));
    const reply = spokenReply(came);
    this.open.session.commitReply(items, reply);
    if (thread.length > before) this.turn.unsaid = [];
    return { reply, number: request.number };
  }

  /** A kept reply counts towards the limits; its usage was reported when it came. */
  private async replayed(outcome: NonNullable<KnownRequest['outcome']>): Promise<Reply> {
    if ('error' in outcome) throw outcome.error;
    this.runId = outcome.reply.runId || null;
    this.count(outcome.reply);
    return outcome.reply;
  }

  private async requested(request: KnownRequest, items: Item[], toolChoice: SendOptions['toolChoice']): Promise<Reply> {
    const { journal, signal } = this.turn;
    const { number } = request;
    try {
      const reply = await this.resumeOrSend(request, items, toolChoice);
      this.report(this.count(reply));
      await journal.ended(number, reply);
      return reply;
    } catch (thrown) {
      const isReported = thrown instanceof ThreadlineError && thrown.details?.http_status === 200;
      if (mayBePaid(thrown) || (isReported && this.hasBegun)) this.report(this.add(UNKNOWN));
      if (signal.aborted || isSuspension(thrown) || !(thrown instanceof ThreadlineError)) throw thrown;
      // Kept with it, so that the same follows from it when the step is replayed.
      if (isReported && this.hasBegun && thrown.details) thrown.details.has_begun = true;
      await journal.failed(number, thrown);
      throw thrown;
    }
  }

  private async resumeOrSend(request: KnownRequest, items: Item[], toolChoice: SendOptions['toolChoice']): Promise<Reply> {
    const { context, params, journal, signal, usage } = this.turn;
    const { session, ask } = this.open;
    const noted: Promise<void>[] = [];
    this.hasBegun = false;
    let startedId = request.startedId;
    const options: SendOptions = {
      maxOutputTokens: this.tokensLeft(),
      // A step without a tool choice leaves it to the server.
      toolChoice: ask.toolChoice === undefined ? undefined : toolChoice,
      signal,
      onStarted: (runId, requestId) => {
        this.hasBegun = true;
        this.runId = runId || null;
        this.requestId = requestId ?? null;
        if (!session.canResume || !runId || runId === startedId) return;
        startedId = runId;
        noted.push(journal.started(request.number, runId));
        // A failure to keep it is thrown below, when the reply is there.
        noted.at(-1)?.catch(() => undefined);
      },
      onText: (text) => context.emit({ type: 'text-delta', text }),
    };
    const found = request.mayBeSent ? await session.resume(items, request.startedId, options) : undefined;
    if (!found) assertWithinBudget(ask.model, usage.cost_usd, params.max_cost_usd, context.runtime);
    const reply = found ?? (await session.send(items, options));
    await Promise.all(noted);
    return reply;
  }

  /** A model that failed has given no answer: its tokens count where the server tells them. */
  private count({ tokens, model, status }: Reply): Usage {
    const { context } = this.turn;
    const hasFailed = status === 'failed' || status === 'cancelled';
    const { cached_tokens, ...counts } = hasFailed && tokens.total_tokens === null ? NO_TOKENS : tokens;
    const cost_usd = costOf({ model: model || (this.open.ask.model ?? ''), cached_tokens, ...counts }, context.runtime.prices);
    return this.add({ ...counts, cost_usd });
  }

  private add(usage: Usage): Usage {
    this.turn.usage = addUsage(this.turn.usage, usage);
    return usage;
  }

  private report(usage: Usage): void {
    this.turn.thread.addUsage(usage);
    this.turn.context.emit({ type: 'usage', usage });
  }

  /** The rest of the tokens that all answers of the turn may have together. */
  private tokensLeft(): number | undefined {
    const { assistant, usage } = this.turn;
    const { max_completion_tokens: most } = assistant;
    if (most === undefined) return undefined;
    // Where the server does not tell what it used, each answer has the whole.
    const left = most - (usage.completion_tokens ?? 0);
    if (left >= (this.open.route.wire.least.max_completion_tokens ?? 1)) return left;
    throw new ThreadlineError('incomplete', `The answer was cut off: max_completion_tokens (${most}) is used up.`, {
      hint: 'Raise `max_completion_tokens`.',
    });
  }
}

/** A model whose answers cannot be read is given up sooner: each of them was paid for. */
const MOST_GENERATIONS = 2;

/** Why a request may be sent again that the transport could not judge. */
function whyRepeat({ code, message, details = {} }: ThreadlineError): { words: string; most: number } | undefined {
  if (isFailedGeneration(complaintOf({ message, details })))
    return { words: 'the model wrote what its server cannot read', most: MOST_GENERATIONS };
  // A failure with status 200 is as good as one with its own status, as long as nothing of the answer has come.
  const isPassing = code === 'rate_limit' || (code === 'server_error' && isPassingStatus(Number(details.status)));
  if (details.http_status !== 200 || details.has_begun === true || !isPassing) return undefined;
  return { words: `the API answered 200, with an error: ${details.api_code ?? code}`, most: Number.POSITIVE_INFINITY };
}

const UNKNOWN: Usage = { prompt_tokens: null, completion_tokens: null, total_tokens: null, cost_usd: null };
