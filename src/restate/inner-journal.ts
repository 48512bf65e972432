import { setTimeout as delay } from 'node:timers/promises';
import { Clock } from '../journal/clock.ts';
import type { CallMemory, Journal, SignalWait } from '../journal/journal.ts';
import type { RunEvent } from '../plan/event.ts';
import type { Timer } from '../plan/plan.ts';
import type { Json } from '../shared/json/json.ts';
import { LONGEST_TIMER_MS } from '../shared/time/duration.ts';
import type { Ingress } from './ingress.ts';
import { listenTo, type SaidWork } from './said-events.ts';
import { MEMORY, RUNS } from './services.ts';

/** How often a wait within a call looks for its signal. */
const LOOK_MS = 500;

/** The memory of a run at the server, for what is done within calls: asked for by path, in whatever order. */
export interface RemoteShelf {
  recall(path: string): Promise<Json | undefined>;
  keep(path: string, value: Json): Promise<void>;
  /** What was sent under the name first; undefined when nothing was. */
  signal(name: string): Promise<Json | undefined>;
}

export interface ShelfOptions {
  /** Puts names in the place of secrets, in what the server keeps. */
  seal(data: Json): Json;
  unseal(data: Json): Json;
  /** Aborts when this worker has the run no more: what it would keep then is left to the one that goes on. */
  left: AbortSignal;
}

export function remoteShelf(ingress: Ingress, runId: string, { seal, unseal, left }: ShelfOptions): RemoteShelf {
  return {
    async recall(path) {
      left.throwIfAborted();
      const { kept } = (await ingress.call(MEMORY, runId, 'get', path)) as { kept?: Json };
      return kept === undefined ? undefined : unseal(kept);
    },
    async keep(path, value) {
      left.throwIfAborted();
      await ingress.call(MEMORY, runId, 'put', { path, value: seal(value) }, left);
    },
    async signal(name) {
      const { sent } = (await ingress.call(RUNS, runId, 'peek', { name, slot: 0 })) as { sent?: { data: Json } };
      return sent?.data;
    },
  };
}

/** The journal for what is done within calls. */
export class InnerJournal implements Journal {
  private readonly shelf: RemoteShelf;
  private readonly onPast: (events: readonly RunEvent[]) => void;
  private readonly prefix: string;

  /** `onPast` hears what work said of itself that is not done again. */
  constructor(shelf: RemoteShelf, onPast: (events: readonly RunEvent[]) => void, prefix = '') {
    this.shelf = shelf;
    this.onPast = onPast;
    this.prefix = prefix;
  }

  get inner(): InnerJournal {
    return this;
  }

  within(path: string): InnerJournal {
    return new InnerJournal(this.shelf, this.onPast, `${this.prefix}${path}/`);
  }

  now(): number {
    return Date.now();
  }

  random(): number {
    return Math.random();
  }

  async run(given: string, work: () => Promise<Json>): Promise<Json> {
    const path = this.prefix + given;
    const known = (await this.shelf.recall(path)) as unknown as SaidWork | undefined;
    if (known) this.onPast(known.events);
    const said = known ?? (await listenTo(work));
    if (!known) await this.shelf.keep(path, said as unknown as Json);
    return said.data;
  }

  async sleep(given: string, delayMs: number, signal: AbortSignal): Promise<void> {
    const path = this.prefix + given;
    const known = (await this.shelf.recall(path)) as number | undefined;
    const untilMs = known ?? this.now() + delayMs;
    if (known === undefined) await this.shelf.keep(path, untilMs);
    await pause(untilMs - this.now(), signal);
  }

  timer(_: string, delayMs: number, onEnd: () => void): Timer {
    return new Clock(delayMs, onEnd);
  }

  /** Holds the process, unlike a wait between steps: the call around it is work under way. */
  async waitForSignal(given: string, { name, untilMs, signal, onWait }: SignalWait): Promise<Json | undefined> {
    const path = this.prefix + given;
    const known = (await this.shelf.recall(path)) as number | null | undefined;
    const endMs = known === undefined ? untilMs : (known ?? undefined);
    if (known === undefined) await this.shelf.keep(path, untilMs ?? null);
    const fullName = name === undefined ? undefined : this.prefix + name;
    onWait?.({ name: fullName, untilMs: endMs });
    const leftMs = () => (endMs ?? Number.POSITIVE_INFINITY) - this.now();
    for (;;) {
      signal.throwIfAborted();
      const sent = fullName === undefined ? undefined : await this.shelf.signal(fullName);
      if (sent !== undefined || leftMs() <= 0) return sent;
      await pause(fullName === undefined ? leftMs() : Math.min(LOOK_MS, leftMs()), signal);
    }
  }

  during<Result>(_: string, work: () => Promise<Result>): Promise<Result> {
    return work();
  }

  memoryAt(given: string): CallMemory {
    const pathOf = (name: string) => `${this.prefix}${given}.memory-${name}`;
    return {
      recall: (name) => this.shelf.recall(pathOf(name)),
      record: (name, value) => this.shelf.keep(pathOf(name), value),
    };
  }
}

const pause = (delayMs: number, signal: AbortSignal): Promise<void> =>
  // Aborted is over, too: who waits looks at the signal.
  delay(Math.max(0, Math.min(delayMs, LONGEST_TIMER_MS)), undefined, { signal }).catch(() => undefined);
