import type { Timer } from '../plan/plan.ts';
import { ThreadlineError } from '../shared/errors/errors.ts';
import type { Json } from '../shared/json/json.ts';
import { LONGEST_TIMER_MS } from '../shared/time/duration.ts';
import { Activity } from './activity.ts';
import { Clock } from './clock.ts';
import type { CallMemory, Journal, SignalWait } from './journal.ts';
import type { KeptWait } from './pending-waits.ts';

/** Where the journal of one run in this process is kept. */
export interface JournalShelf {
  /** Gone with the process. */
  readonly isVolatile?: boolean;
  /** What was kept at the path; undefined when nothing was. */
  recall(path: string): Json | undefined;
  /** Resolves once that which is about to be done has been noted. */
  begin(): Promise<void>;
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
    this.refuseParked();
    return this.activity.work(path, async () => {
      await this.shelf.begin();
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
    await this.activity.rest(path, async () => {
      if (known === undefined) await this.keep(path, untilMs);
      await pause(untilMs - this.now(), signal);
    });
    this.refuseParked();
  }

  timer(_: string, delayMs: number, onEnd: () => void): Timer {
    return new Clock(delayMs, onEnd);
  }

  async waitForSignal(given: string, asked: SignalWait): Promise<Json | undefined> {
    const path = this.prefix + given;
    const known = this.shelf.recall(path) as unknown as KeptWait | undefined;
    if (known?.state === 'ended') return known.sent;
    const wait = known?.state === 'waiting' ? known : this.newWait(asked, known?.untilMs);
    const keep = (changed: Partial<KeptWait>) => this.keep(path, { ...wait, ...changed } as unknown as Json);
    if (wait !== known) await keep({});
    try {
      const sent = await this.endOf(path, wait, asked);
      await keep({ state: 'ended', ...(sent === undefined ? {} : { sent }) });
      return sent;
    } catch (thrown) {
      // Nobody is asked any more; that this could not be kept matters less than why.
      if (asked.signal.aborted) await keep({ state: 'given-up' }).catch(() => undefined);
      throw thrown;
    }
  }

  /** A wait that was given up, and is begun again, ends when it would have ended. */
  private newWait({ name, untilMs, question }: SignalWait, knownMs: number | undefined): KeptWait {
    const endMs = knownMs ?? untilMs;
    return {
      state: 'waiting',
      ...(name === undefined ? {} : { name: this.prefix + name }),
      ...(endMs === undefined ? {} : { untilMs: endMs }),
      ...(question ? { question } : {}),
    };
  }

  during<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
    return this.activity.during(this.prefix + path, work);
  }

  memoryAt(given: string): CallMemory {
    const pathOf = (name: string) => `${this.prefix}${given}.memory-${name}`;
    return {
      isVolatile: this.shelf.isVolatile === true,
      recall: async (name) => this.shelf.recall(pathOf(name)),
      record: (name, value) => this.keep(pathOf(name), value),
    };
  }

  private async endOf(path: string, { name, untilMs }: KeptWait, { signal, onWait }: SignalWait): Promise<Json | undefined> {
    const leftMs = () => (untilMs ?? Number.POSITIVE_INFINITY) - this.now();
    const look = async () => {
      for (let looks = 0; ; looks++) {
        this.refuseParked();
        signal.throwIfAborted();
        const sent = name === undefined ? undefined : this.shelf.signal(name, path);
        if (sent !== undefined || leftMs() <= 0) return sent;
        if (looks === 0) onWait?.({ name, untilMs });
        await pause(Math.min(name === undefined ? leftMs() : LOOK_MS, leftMs()), signal);
      }
    };
    if (leftMs() <= HOLD_MS) return this.activity.rest(path, look);
    return this.activity.waiting(path, { name, untilMs }, look);
  }

  private async keep(path: string, value: Json): Promise<void> {
    this.refuseParked();
    await this.shelf.keep(path, value);
  }

  /** What a parked run would still do is left to the process that goes on with it. */
  private refuseParked(): void {
    if (this.activity.isParked) throw new ThreadlineError('waiting', 'The run waits: it goes on later.');
  }
}

/** Aborted is over, too: who waits looks at the signal. */
const pause = (delayMs: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, Math.min(delayMs, LONGEST_TIMER_MS));
    signal.addEventListener('abort', end, { once: true });
  });

/** Gone with the process. */
export class MemoryShelf implements JournalShelf {
  readonly isVolatile = true;
  private readonly kept = new Map<string, Json>();
  private readonly signals: { name: string; data: Json; takenBy?: string }[] = [];

  recall(path: string): Json | undefined {
    return this.kept.get(path);
  }

  async begin(): Promise<void> {}

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
