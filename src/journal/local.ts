import { setTimeout as delay } from 'node:timers/promises';
import { LONGEST_TIMER_MS } from '../duration.ts';
import type { Json, JsonObject } from '../json.ts';
import { Activity } from './activity.ts';
import type { CallMemory, Journal, SignalWait } from './journal.ts';

/** Where the journal of one run in this process is kept. */
export interface JournalShelf {
  /** What was kept at the path; undefined when nothing was. */
  recall(path: string): Json | undefined;
  /** Resolves once it is kept. In place of what was there. */
  keep(path: string, value: Json): Promise<void>;
  /** What was sent to the run under the name, and no other path has taken; undefined when nothing was. */
  signal(name: string, path: string): Json | undefined;
}

/** How often a run looks for signals, which other processes send. */
const LOOK_MS = 250;
/** For a shorter time it is not worth to leave the process. */
const HOLD_MS = 60_000;

/** The journal of a run that this process executes. */
export class LocalJournal implements Journal {
  private readonly shelf: JournalShelf;
  private readonly activity: Activity;
  private readonly prefix: string;

  constructor(shelf: JournalShelf = new MemoryShelf(), activity: Activity = new Activity(), prefix = '') {
    this.shelf = shelf;
    this.activity = activity;
    this.prefix = prefix;
  }

  get inner(): LocalJournal {
    return this;
  }

  within(path: string): LocalJournal {
    return new LocalJournal(this.shelf, this.activity, `${this.prefix}${path}/`);
  }

  now(): number {
    return Date.now();
  }

  random(): number {
    return Math.random();
  }

  async run(given: string, work: () => Promise<Json>): Promise<Json> {
    const path = this.prefix + given;
    const known = this.shelf.recall(path);
    if (known !== undefined) return known;
    return this.activity.during(path, async () => {
      const result = await work();
      await this.keep(path, result);
      return result;
    });
  }

  async sleep(given: string, delayMs: number, signal: AbortSignal): Promise<void> {
    const path = this.prefix + given;
    const known = this.shelf.recall(path) as number | undefined;
    const untilMs = known ?? this.now() + delayMs;
    if (untilMs <= this.now()) return;
    await this.activity.during(path, async () => {
      if (known === undefined) await this.keep(path, untilMs);
      await pause(untilMs - this.now(), signal);
    });
  }

  timer(_: string, delayMs: number, signal: AbortSignal): Promise<void> {
    return pause(delayMs, signal);
  }

  async waitForSignal(given: string, { name, untilMs, signal }: SignalWait): Promise<Json | undefined> {
    const path = this.prefix + given;
    const known = this.shelf.recall(path) as KeptWait | undefined;
    if (known?.ended) return known.sent;
    const wait: KeptWait = known ?? {
      ended: false,
      ...(name === undefined ? {} : { name: this.prefix + name }),
      ...(untilMs === undefined ? {} : { untilMs }),
    };
    if (!known) await this.keep(path, wait);
    const sent = await this.endOf(path, wait, signal);
    await this.keep(path, { ...wait, ended: true, ...(sent === undefined ? {} : { sent }) });
    return sent;
  }

  memoryAt(given: string): CallMemory {
    const pathOf = (name: string) => `${this.prefix}${given}.memory-${name}`;
    return {
      recall: async (name) => this.shelf.recall(pathOf(name)),
      record: (name, value) => this.keep(pathOf(name), value),
    };
  }

  private async endOf(path: string, { name, untilMs }: KeptWait, signal: AbortSignal): Promise<Json | undefined> {
    const leftMs = () => (untilMs ?? Number.POSITIVE_INFINITY) - this.now();
    const look = async () => {
      for (;;) {
        if (this.activity.isParked) return never();
        signal.throwIfAborted();
        const sent = name === undefined ? undefined : this.shelf.signal(name, path);
        if (sent !== undefined || leftMs() <= 0) return sent;
        await pause(Math.min(name === undefined ? leftMs() : LOOK_MS, leftMs()), signal);
      }
    };
    if (leftMs() <= HOLD_MS) return this.activity.during(path, look);
    return this.activity.waiting(path, { name, untilMs }, look);
  }

  /** What a parked run still does is left to the process that goes on with it: it does it again. */
  private keep(path: string, value: Json): Promise<void> {
    return this.activity.isParked ? never() : this.shelf.keep(path, value);
  }
}

/** What is kept of a wait. */
interface KeptWait extends JsonObject {
  ended: boolean;
  name?: string;
  untilMs?: number;
  sent?: Json;
}

const pause = (delayMs: number, signal: AbortSignal): Promise<void> =>
  // Aborted is over, too: who waits looks at the signal.
  delay(Math.min(delayMs, LONGEST_TIMER_MS), undefined, { signal }).catch(() => undefined);

const never = (): Promise<never> => new Promise(() => undefined);

/** Gone with the process. */
export class MemoryShelf implements JournalShelf {
  private readonly kept = new Map<string, Json>();
  private readonly signals: { name: string; data: Json; takenBy?: string }[] = [];

  recall(path: string): Json | undefined {
    return this.kept.get(path);
  }

  async keep(path: string, value: Json): Promise<void> {
    this.kept.set(path, value);
  }

  signal(name: string, path: string): Json | undefined {
    const found = this.signals.find((one) => one.name === name && (one.takenBy ?? path) === path);
    if (found) found.takenBy = path;
    return found?.data;
  }

  send(name: string, data: Json): void {
    this.signals.push({ name, data });
  }
}
