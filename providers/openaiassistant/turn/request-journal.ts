import { isObject, type Json, type JsonObject, type ProviderContext, ThreadlineError } from 'threadline/provider';
import type { Runtime } from 'threadline/runtime';
import { orAborted } from '../base/deadline.ts';
import { asJson } from '../question/items.ts';
import type { FallbackReport } from '../routes/model-routes.ts';
import type { Reply } from '../wires/wire.ts';

/** Where the thread stood before the step's first request. */
export interface ThreadMark {
  /** Null of one that is not in the store yet. */
  thread_id: string | null;
  /** How many items it had. */
  position: number;
}

/** A request as it is known when its turn comes. */
export interface KnownRequest {
  number: number;
  /** What came of it, in a process that died. */
  outcome: { reply: Reply } | { error: ThreadlineError } | undefined;
  /** What the server calls it, where it was under way. */
  startedId: string | undefined;
  /** A process died after the request before this one: whether this one was sent is not known. */
  mayBeSent: boolean;
}

/** Which of the step's routes a request went over, by its number, and which failed before. */
interface RouteRecord {
  route: number;
  fallbacks: FallbackReport[];
}

/**
 * What a step remembers of its requests, so that a process that goes on with it pays for none of them again. They are numbered
 * over all routes, in the order in which they are sent: that is the same when the step is replayed.
 */
export class RequestJournal {
  private readonly memory: Runtime['memory'];
  private readonly idempotencyKey: string;
  private readonly signal: AbortSignal;
  private number = 0;
  private current: RouteRecord = { route: 0, fallbacks: [] };
  private readonly keys = new Map<string, number>();
  /** Where the thread stood when a process began that died. */
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

  /** Whether a process that died had come beyond the request: what followed from it was done then, and said. */
  async isBehind(number: number): Promise<boolean> {
    return (await this.entryOf(number + 1)) !== undefined;
  }

  /** As soon as the server has said what it calls the request. */
  started(number: number, id: string): Promise<void> {
    return this.keep(startedName(number), { id, ...this.routeData() });
  }

  /** Resolves once it is kept: what was paid for is not used before. */
  ended(number: number, reply: Reply): Promise<void> {
    return this.keep(replyName(number), { reply: asJson(reply), ...this.routeData() });
  }

  /** Kept so that a replay goes over the same routes. */
  failed(number: number, { code, message, hint, retryable, details }: ThreadlineError): Promise<void> {
    const error = asJson({ code, message, hint, retryable, details });
    return this.keep(replyName(number), { error, ...this.routeData() });
  }

  /**
   * The routes that failed, where a process that died had gone on to one after `route`. Undefined where `route` is the next to
   * ask: what follows is noted as asked over it.
   */
  async failedBefore(route: number, fallbacks: FallbackReport[]): Promise<FallbackReport[] | undefined> {
    const entry = await this.entryOf(this.number + 1);
    if (isObject(entry) && Number(entry.route ?? 0) > route) return entry.fallbacks as unknown as FallbackReport[];
    this.current = { route, fallbacks: [...fallbacks] };
    return undefined;
  }

  /** Keys tell all that is sent apart, and are the same when it is sent again. */
  keyFor(path: string): string {
    const name = `${this.idempotencyKey}/${this.number}/${path.split('/').at(-1)}`;
    const count = (this.keys.get(name) ?? 0) + 1;
    this.keys.set(name, count);
    return count === 1 ? name : `${name}-${count}`;
  }

  /** In a run that has been parked nothing is kept any more, and nobody waits for it. */
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
