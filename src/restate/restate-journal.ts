import { type RestatePromise, TerminalError, type WorkflowContext } from '@restatedev/restate-sdk';
import type { CallMemory, Journal, SignalWait } from '../journal/journal.ts';
import { callMemoryIn } from '../journal/journal-storage.ts';
import { PausableTimer } from '../journal/pausable-timer.ts';
import type { RunEvent } from '../plan/event.ts';
import type { Timer } from '../plan/plan.ts';
import { nameOfPath } from '../plan/step-path.ts';
import type { Json } from '../shared/json/json.ts';
import type { EffectKind, Effects } from './effects.ts';
import type { RunWait } from './run-request.ts';
import type { SentSignal, SignalSlots } from './signal-slots.ts';
import { collectEvents, isWithinWork, type WorkWithEvents } from './work-events.ts';

/** The parts that the journals of a run and of the workflows that it calls share. */
export interface RunParts {
  context: WorkflowContext;
  effects: Effects;
  signals: SignalSlots;
  /** The notes of calls that are replayed with the run. */
  recorded: Map<string, Json>;
  clock: RunClock;
  random(): number;
  /** The journal for what is done within calls, where the context cannot be used. */
  inner: Journal;
  work: WorkGate;
  /** Puts names in the place of secrets, in what the server stores. */
  seal(data: Json): Json;
  unseal(data: Json): Json;
  /** Receives the events of work whose end the server has already. */
  onReplayed(events: readonly RunEvent[]): void;
}

/** The run's own time, ms since 1970: the time of the last end that it received, so the same on every replay. */
interface RunClock {
  ms: number;
}

/** Admits work, unless the worker drains, and counts work whose end the server does not have yet. */
export interface WorkGate {
  enter(): Promise<void>;
  leave(): void;
}

/** The record of a call at the server. */
interface StoredWork extends WorkWithEvents {
  at: number;
}

/** The journal of a run at a Restate server. */
export class RestateJournal implements Journal {
  private readonly parts: RunParts;
  private readonly prefix: string;
  readonly inner: Journal;

  constructor(parts: RunParts, prefix = '', inner: Journal = parts.inner) {
    this.parts = parts;
    this.prefix = prefix;
    this.inner = inner;
  }

  within(path: string): RestateJournal {
    return new RestateJournal(this.parts, `${this.prefix}${path}/`, this.inner.within(path));
  }

  /** The notes of a call that is replayed with the run, which records them again. */
  memoryAt(path: string): CallMemory {
    const { recorded } = this.parts;
    const recall = (name: string) => recorded.get(name);
    const keep = async (name: string, value: Json) => void recorded.set(name, value);
    return callMemoryIn({ recall, keep }, this.prefix + path);
  }

  now(): number {
    return this.parts.clock.ms;
  }

  random(): number {
    return this.parts.random();
  }

  async run(path: string, work: () => Promise<Json>): Promise<Json> {
    const { context, effects, work: gate } = this.parts;
    let isDoneHere = false;
    const act = async (): Promise<StoredWork> => {
      await gate.enter();
      isDoneHere = true;
      return this.perform(work);
    };
    const record = await effects.one(context.run(this.prefix + path, act)).finally(() => {
      if (isDoneHere) gate.leave();
    });
    this.advanceTo(record.at);
    if (!isDoneHere) this.parts.onReplayed(record.events);
    return this.parts.unseal(record.data);
  }

  async sleep(path: string, delayMs: number, signal: AbortSignal): Promise<void> {
    await this.pause(path, delayMs, { signal });
  }

  timer(path: string, delayMs: number, onEnd: () => void): Timer {
    const pause = (ms: number, signal: AbortSignal) => this.pause(path, ms, { signal, kind: 'limit' });
    const timer = new PausableTimer(delayMs, onEnd, { pause, now: () => this.now() });
    return {
      // Waits within a call are not replayed, so the timer must not depend on them.
      stop: () => (isWithinWork() ? () => undefined : timer.stop()),
      end: () => timer.end(),
    };
  }

  async waitForSignal(path: string, { name, untilMs: givenMs, question, signal, onWait }: SignalWait): Promise<Json | undefined> {
    signal.throwIfAborted();
    const { context, effects, signals } = this.parts;
    const fullName = name === undefined ? undefined : this.prefix + name;
    const untilMs = givenMs === undefined ? undefined : await this.firstEnd(path, givenMs);
    onWait?.({ name: fullName, untilMs });
    const slot = fullName === undefined ? undefined : signals.take(context, fullName);
    const time = untilMs === undefined ? undefined : this.timeUntil(path, untilMs).map(() => undefined);
    const step = nameOfPath((this.prefix + path).replace(/\.wait(-.*)?$/, ''));
    const wait: RunWait = {
      step,
      signal: fullName ?? null,
      untilMs: untilMs ?? null,
      ...(question ? { question } : {}),
      ...(slot ? { slot: slot.number } : {}),
    };
    const ends = [slot?.promise, time].filter((end) => end !== undefined);
    const end = await effects.first<SentSignal | undefined>(ends, { signal, kind: { wait } });
    const sent = end?.value;
    if (!sent) slot?.giveBack();
    if (!end) throw signal.reason;
    this.advanceTo(sent?.at ?? untilMs ?? 0);
    return sent?.data;
  }

  /** The end that the first call at the path gave. */
  private async firstEnd(path: string, givenMs: number): Promise<number> {
    const { context, effects } = this.parts;
    const record = await effects.one(context.run(`${this.prefix}${path}.until`, () => ({ at: Date.now(), untilMs: givenMs })));
    this.advanceTo(record.at);
    return record.untilMs;
  }

  private timeUntil(path: string, untilMs: number): RestatePromise<void> {
    return this.parts.context.sleep(Math.max(0, Math.ceil(untilMs - this.now())), this.prefix + path);
  }

  track<Result>(_: string, work: () => Promise<Result>): Promise<Result> {
    return work();
  }

  private async perform(work: () => Promise<Json>): Promise<StoredWork> {
    try {
      const { data, events } = await collectEvents(work);
      return { at: Date.now(), data: this.parts.seal(data), events };
    } catch (thrown) {
      // Work never rejects; if it does all the same, the server should not retry it for ever.
      throw new TerminalError(thrown instanceof Error ? thrown.message : String(thrown));
    }
  }

  /** Resolves with true when the time is over, with false when the signal aborts first. */
  private async pause(path: string, delayMs: number, how: { signal: AbortSignal; kind?: EffectKind }): Promise<boolean> {
    if (how.signal.aborted) return false;
    const untilMs = this.now() + delayMs;
    const isOver = (await this.parts.effects.first([this.timeUntil(path, untilMs)], how)) !== undefined;
    if (isOver) this.advanceTo(untilMs);
    return isOver;
  }

  private advanceTo(atMs: number): void {
    const { clock } = this.parts;
    clock.ms = Math.max(clock.ms, atMs);
  }
}
