import type { Timer } from '../plan/plan.ts';
import { ThreadlineError } from '../shared/errors/errors.ts';
import type { Json } from '../shared/json/json.ts';
import { pause } from '../shared/time/pause.ts';
import { Activity } from './activity.ts';
import type { CallMemory, Journal, SignalWait } from './journal.ts';
import { callMemoryIn, InMemoryStorage, type JournalStorage } from './journal-storage.ts';
import { PausableTimer } from './pausable-timer.ts';
import type { KeptWait } from './pending-waits.ts';

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
    this.refuseParked();
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
    await this.activity.rest(path, async () => {
      if (known === undefined) await this.keep(path, untilMs);
      await pause(untilMs - this.now(), signal);
    });
    this.refuseParked();
  }

  timer(_: string, delayMs: number, onEnd: () => void): Timer {
    return new PausableTimer(delayMs, onEnd);
  }

  async waitForSignal(given: string, asked: SignalWait): Promise<Json | undefined> {
    const path = this.prefix + given;
    const known = (await this.storage.recall(path)) as unknown as KeptWait | undefined;
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
    const { storage } = this;
    const recall = (path: string) => storage.recall(path);
    const keep = (path: string, value: Json) => this.keep(path, value);
    return callMemoryIn({ recall, keep, isVolatile: storage.isVolatile === true }, this.prefix + given);
  }

  private async endOf(path: string, { name, untilMs }: KeptWait, { signal, onWait }: SignalWait): Promise<Json | undefined> {
    const { signalPollMs: pollMs = SIGNAL_POLL_MS } = this.storage;
    const leftMs = () => (untilMs ?? Number.POSITIVE_INFINITY) - this.now();
    const look = async () => {
      for (let looks = 0; ; looks++) {
        this.refuseParked();
        signal.throwIfAborted();
        const sent = name === undefined ? undefined : await this.storage.signal(name, path);
        if (sent !== undefined || leftMs() <= 0) return sent;
        if (looks === 0) onWait?.({ name, untilMs });
        await pause(Math.min(name === undefined ? leftMs() : pollMs, leftMs()), signal);
      }
    };
    if (leftMs() <= LONGEST_HELD_WAIT_MS) return this.activity.rest(path, look);
    return this.activity.waiting(path, { name, untilMs }, look);
  }

  private async keep(path: string, value: Json): Promise<void> {
    this.refuseParked();
    await this.storage.keep(path, value);
  }

  /** What a parked run would still do is left to the process that goes on with it. */
  private refuseParked(): void {
    if (this.activity.isParked) throw new ThreadlineError('waiting', 'The run waits: it goes on later.');
  }
}
