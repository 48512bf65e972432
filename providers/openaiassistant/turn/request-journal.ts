import { isObject, type Json, type JsonObject, type ProviderContext, ThreadlineError } from 'threadline/provider';
import type { Runtime } from 'threadline/runtime';
import { orAborted } from '../base/deadline.ts';
import { asJson } from '../question/items.ts';
import type { FallbackReport } from '../routes/model-routes.ts';
import type { Reply } from '../wires/wire.ts';

/** Where the thread stood before the step's first request. */
export interface ThreadMark {
  /** Null where the thread was not in the store yet. */
  thread_id: string | null;
  /** How many items it had. */
  position: number;
}

/** A request, and what the journal has of it. */
export interface KnownRequest {
  number: number;
  /** How it ended, in a process that died. */
  outcome: { reply: Reply } | { error: ThreadlineError } | undefined;
  /** The server's id of it, where it was under way. */
  startedId: string | undefined;
  /** A process died after the request before this one, which may have been sent. */
  mayBeSent: boolean;
}

/** Which of the step's routes a request went over, by its number, and which failed before. */
interface RouteRecord {
  route: number;
  fallbacks: FallbackReport[];
}

/**
 * Keeps what a step's requests came to, so that a process that resumes the step pays for none of them again. Requests are
 * numbered over all routes, in the order in which they are sent: that is the same when the step is replayed.
 */
export class RequestJournal {
  private readonly memory: Runtime['memory'];
  private readonly idempotencyKey: string;
  private readonly signal: AbortSignal;
  private number = 0;
  private current: RouteRecord = { route: 0, fallbacks: [] };
  private readonly keys = new Map<string, number>();
  /** Where the thread stood when a process began the step and died. */
  readonly mark: ThreadMark | undefined;
  private isMarked: boolean;
  private mayBeSent: boolean;

  static async open(
    { runtime: { memory }, idempotencyKey }: Pick<ProviderContext, 'runtime' | 'idempotencyKey'>,
    signal: AbortSignal,
  ): Promise<RequestJournal> {
    const mark = (await memory.recall('thread')) as unknown as ThreadMark | undefined;
    return new RequestJournal(memory, idempotencyKey, signal, mark);
  }

  private constructor(memory: Runtime['memory'], idempotencyKey: string, signal: AbortSignal, mark: ThreadMark | undefined) {
    this.memory = memory;
    this.idempotencyKey = idempotencyKey;
    this.signal = signal;
    this.mark = mark;
    this.isMarked = mark !== undefined;
    this.mayBeSent = this.isMarked;
  }

  /** Called before the first request, by the first route that gets as far. */
  async begin(mark: ThreadMark): Promise<void> {
    if (this.isMarked) return;
    this.isMarked = true;
    await this.keep('thread', mark as unknown as Json);
  }

  /** The next request, in the order of sending. */
  async next(): Promise<KnownRequest> {
    const number = ++this.number;
    const outcome = await this.outcomeOf(number);
    const started = outcome ? undefined : await this.memory.recall(startedName(number));
    const startedId = isObject(started) ? String(started.id) : undefined;
    const mayBeSent = outcome === undefined && (this.mayBeSent || startedId !== undefined);
    if (!outcome) this.mayBeSent = false;
    return { number, outcome, startedId, mayBeSent };
  }

  /** Whether a process that died had gone on to the next request: what the reply led to was done and reported then. */
  async isBehind(number: number): Promise<boolean> {
    return (await this.entryOf(number + 1)) !== undefined;
  }

  /** Called as soon as the server has told its id of the request. */
  started(number: number, id: string): Promise<void> {
    return this.keep(startedName(number), { id, ...this.routeData() });
  }

  /** Resolves once the reply is kept: before that it is not used. */
  ended(number: number, reply: Reply): Promise<void> {
    return this.keep(replyName(number), { reply: asJson(reply), ...this.routeData() });
  }

  /** Kept so that a replay goes over the same routes. */
  failed(number: number, { code, message, hint, retryable, details }: ThreadlineError): Promise<void> {
    const error = asJson({ code, message, hint, retryable, details });
    return this.keep(replyName(number), { error, ...this.routeData() });
  }

  /**
   * The routes that failed, where a process that died had gone on to one after `route`. Undefined where `route` is next: then
   * further requests are noted as sent over it.
   */
  async failedBefore(route: number, fallbacks: FallbackReport[]): Promise<FallbackReport[] | undefined> {
    const entry = await this.entryOf(this.number + 1);
    if (isObject(entry) && Number(entry.route ?? 0) > route) return entry.fallbacks as unknown as FallbackReport[];
    this.current = { route, fallbacks: [...fallbacks] };
    return undefined;
  }

  /** The idempotency key of a request: all differ, and each is the same when its request is sent again. */
  keyFor(path: string): string {
    const name = `${this.idempotencyKey}/${this.number}/${path.split('/').at(-1)}`;
    const count = (this.keys.get(name) ?? 0) + 1;
    this.keys.set(name, count);
    return count === 1 ? name : `${name}-${count}`;
  }

  /** Rejects when the signal aborts: a suspended run keeps nothing any more, so waiting for it would never end. */
  keep(name: string, value: Json): Promise<void> {
    return orAborted(this.memory.record(name, value), this.signal);
  }

  recall(name: string): Promise<Json | undefined> {
    return this.memory.recall(name);
  }

  private async entryOf(number: number): Promise<Json | undefined> {
    return (await this.memory.recall(replyName(number))) ?? this.memory.recall(startedName(number));
  }

  private async outcomeOf(number: number): Promise<KnownRequest['outcome']> {
    const entry = await this.memory.recall(replyName(number));
    if (!isObject(entry)) return undefined;
    return isObject(entry.error) ? { error: errorOf(entry.error) } : { reply: entry.reply as unknown as Reply };
  }

  private routeData(): JsonObject {
    const { route, fallbacks } = this.current;
    return route === 0 ? {} : { route, fallbacks: asJson(fallbacks) };
  }
}

const replyName = (number: number): string => `request-${number}`;
const startedName = (number: number): string => `request-${number}-started`;

function errorOf({ code, message, hint, retryable, details }: JsonObject): ThreadlineError {
  return new ThreadlineError(code as ThreadlineError['code'], String(message), {
    retryable: retryable === true,
    ...(typeof hint === 'string' ? { hint } : {}),
    ...(isObject(details) ? { details } : {}),
  });
}
