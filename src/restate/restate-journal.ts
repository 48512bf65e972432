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
import { isWithinWork, listenTo, type SaidWork } from './said-events.ts';
import type { SentSignal, SignalSlots } from './signal-slots.ts';

/** What the journals of a run, and of the workflows that it calls, share. */
export interface RunParts {
  context: WorkflowContext;
  effects: Effects;
  signals: SignalSlots;
  /** By calls that are run again with the run. */
  recorded: Map<string, Json>;
  clock: Clock;
  random(): number;
  /** For what is done within calls, where nothing can be asked of the context. */
  inner: Journal;
  work: WorkGate;
  /** Names in the place of secrets, in what the server keeps. */
  seal(data: Json): Json;
  unseal(data: Json): Json;
  /** Hears what work said of itself whose end the server had already. */
  onPast(events: readonly RunEvent[]): void;
}

/** The run's own time: that of the last thing that it heard of, the same whenever it is replayed. Ms since 1970. */
export interface Clock {
  ms: number;
}

/** Lets work begin, or not any more; counts what has begun and is not with the server. */
export interface WorkGate {
  enter(): Promise<void>;
  leave(): void;
}

/** What the server keeps of a call. */
interface KeptWork extends SaidWork {
  at: number;
}

/** The journal of a run that a Restate server keeps. */
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

  /** Of a call that is run again with the run: it records again what it recorded. */
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
    const act = async (): Promise<KeptWork> => {
      await gate.enter();
      isDoneHere = true;
      return this.perform(work);
    };
    const kept = await effects.one(context.run(this.prefix + path, act)).finally(() => {
      if (isDoneHere) gate.leave();
    });
    this.hearOf(kept.at);
    if (!isDoneHere) this.parts.onPast(kept.events);
    return this.parts.unseal(kept.data);
  }

  async sleep(path: string, delayMs: number, signal: AbortSignal): Promise<void> {
    await this.pause(path, delayMs, { signal });
  }

  timer(path: string, delayMs: number, onEnd: () => void): Timer {
    const pause = (ms: number, signal: AbortSignal) => this.pause(path, ms, { signal, kind: 'limit' });
    const timer = new PausableTimer(delayMs, onEnd, { pause, now: () => this.now() });
    return {
      // Waits within a call are no part of what is replayed.
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
    this.hearOf(sent?.at ?? untilMs ?? 0);
    return sent?.data;
  }

  /** What was given when it was first asked for. */
  private async firstEnd(path: string, givenMs: number): Promise<number> {
    const { context, effects } = this.parts;
    const kept = await effects.one(context.run(`${this.prefix}${path}.until`, () => ({ at: Date.now(), untilMs: givenMs })));
    this.hearOf(kept.at);
    return kept.untilMs;
  }

  private timeUntil(path: string, untilMs: number): RestatePromise<void> {
    return this.parts.context.sleep(Math.max(0, Math.ceil(untilMs - this.now())), this.prefix + path);
  }

  track<Result>(_: string, work: () => Promise<Result>): Promise<Result> {
    return work();
  }

  private async perform(work: () => Promise<Json>): Promise<KeptWork> {
    try {
      const { data, events } = await listenTo(work);
      return { at: Date.now(), data: this.parts.seal(data), events };
    } catch (thrown) {
      // Work never fails; if it does all the same, trying it again for ever would be no better.
      throw new TerminalError(thrown instanceof Error ? thrown.message : String(thrown));
    }
  }

  /** True when the time is over, false when the signal aborts before. */
  private async pause(path: string, delayMs: number, how: { signal: AbortSignal; kind?: EffectKind }): Promise<boolean> {
    if (how.signal.aborted) return false;
    const untilMs = this.now() + delayMs;
    const isOver = (await this.parts.effects.first([this.timeUntil(path, untilMs)], how)) !== undefined;
    if (isOver) this.hearOf(untilMs);
    return isOver;
  }

  private hearOf(atMs: number): void {
    const { clock } = this.parts;
    clock.ms = Math.max(clock.ms, atMs);
  }
}
