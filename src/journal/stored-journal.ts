import type { Timer } from '../plan/plan.ts';
import { ThreadlineError } from '../shared/errors/errors.ts';
import type { Json } from '../shared/json/json.ts';
import { pause } from '../shared/time/pause.ts';
import { Activity } from './activity.ts';
import type { CallMemory, Journal, SignalWait } from './journal.ts';
import { callMemoryIn, InMemoryStorage, type JournalStorage } from './journal-storage.ts';
import { PausableTimer } from './pausable-timer.ts';
import type { StoredWait } from './pending-waits.ts';

const SIGNAL_POLL_MS = 250;
/** The run stays in this process for a wait of at most this long. */
const LONGEST_HELD_WAIT_MS = 60_000;

/** A journal that asks its storage by path, in whatever order. */
export class StoredJournal implements Journal {
  private readonly storage: JournalStorage;
  private readonly activity: Activity;
  private readonly prefix: string;

  constructor(storage: JournalStorage = new InMemoryStorage(), activity: Activity = new Activity(), prefix = '') {
    this.storage = storage;
    this.activity = activity;
    this.prefix = prefix;
  }

  get inner(): StoredJournal {
    return this;
  }

  within(path: string): StoredJournal {
    return new StoredJournal(this.storage, this.activity, `${this.prefix}${path}/`);
  }

  now(): number {
    return Date.now();
  }

  random(): number {
    return Math.random();
  }

  async run(given: string, work: () => Promise<Json>): Promise<Json> {
    const path = this.prefix + given;
    const known = await this.storage.recall(path);
    if (known !== undefined) return this.storage.resultOf(known, true);
    this.refuseSuspended();
    return this.activity.work(path, async () => {
      const record = await this.storage.perform(work);
      await this.keep(path, record);
      return this.storage.resultOf(record, false);
    });
  }

  async sleep(given: string, delayMs: number, signal: AbortSignal): Promise<void> {
    const path = this.prefix + given;
    const known = (await this.storage.recall(path)) as number | undefined;
    const untilMs = known ?? this.now() + delayMs;
    if (untilMs <= this.now()) return;
    await this.activity.sleep(path, async () => {
      if (known === undefined) await this.keep(path, untilMs);
      await pause(untilMs - this.now(), signal);
    });
    this.refuseSuspended();
  }

  timer(_: string, delayMs: number, onEnd: () => void): Timer {
    return new PausableTimer(delayMs, onEnd);
  }

  async waitForSignal(given: string, asked: SignalWait): Promise<Json | undefined> {
    const path = this.prefix + given;
    const known = (await this.storage.recall(path)) as unknown as StoredWait | undefined;
    if (known?.state === 'ended') return known.sent;
    const wait = known?.state === 'waiting' ? known : this.newWait(asked, known?.untilMs);
    const keep = (changed: Partial<StoredWait>) => this.keep(path, { ...wait, ...changed } as unknown as Json);
    if (wait !== known) await keep({});
    try {
      const sent = await this.endOf(path, wait, asked);
      await keep({ state: 'ended', ...(sent === undefined ? {} : { sent }) });
      return sent;
    } catch (thrown) {
      // The question is no longer open. A failure to store that matters less than the reason for it.
      if (asked.signal.aborted) await keep({ state: 'given-up' }).catch(() => undefined);
      throw thrown;
    }
  }

  /** A wait that begins again after it was given up ends when the first one would have ended. */
  private newWait({ name, untilMs, question }: SignalWait, knownMs: number | undefined): StoredWait {
    const endMs = knownMs ?? untilMs;
    return {
      state: 'waiting',
      ...(name === undefined ? {} : { name: this.prefix + name }),
      ...(endMs === undefined ? {} : { untilMs: endMs }),
      ...(question ? { question } : {}),
    };
  }

  track<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
    return this.activity.track(this.prefix + path, work);
  }

  memoryAt(given: string): CallMemory {
    const { storage } = this;
    const recall = (path: string) => storage.recall(path);
    const keep = (path: string, value: Json) => this.keep(path, value);
    return callMemoryIn({ recall, keep, isVolatile: storage.isVolatile === true }, this.prefix + given);
  }

  private async endOf(path: string, { name, untilMs }: StoredWait, { signal, onWait }: SignalWait): Promise<Json | undefined> {
    const { signalPollMs: pollMs = SIGNAL_POLL_MS } = this.storage;
    const leftMs = () => (untilMs ?? Number.POSITIVE_INFINITY) - this.now();
    const look = async () => {
      for (let looks = 0; ; looks++) {
        this.refuseSuspended();
        signal.throwIfAborted();
        const sent = name === undefined ? undefined : await this.storage.signal(name, path);
        if (sent !== undefined || leftMs() <= 0) return sent;
        if (looks === 0) onWait?.({ name, untilMs });
        await pause(Math.min(name === undefined ? leftMs() : pollMs, leftMs()), signal);
      }
    };
    if (leftMs() <= LONGEST_HELD_WAIT_MS) return this.activity.sleep(path, look);
    return this.activity.waiting(path, { name, untilMs }, look);
  }

  private async keep(path: string, value: Json): Promise<void> {
    this.refuseSuspended();
    await this.storage.keep(path, value);
  }

  /** The process that resumes a suspended run does what is left of it. */
  private refuseSuspended(): void {
    if (this.activity.isSuspended) throw new ThreadlineError('waiting', 'The run waits and resumes later.');
  }
}
