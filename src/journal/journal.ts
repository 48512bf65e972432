import type { Question } from '../plan/event.ts';
import type { Timer } from '../plan/plan.ts';
import type { Json } from '../shared/json/json.ts';

/**
 * What one run remembers of what it has done, so that it can go on where it was cut short. The interpreter is run again from
 * its beginning, and what has been done answers from here.
 *
 * Obligations of a journal:
 * - paths are unique in a run, and the same ones are asked for again when the run goes on;
 * - `run` resolves only once the result is kept: nobody goes on with what could be forgotten;
 * - work whose result is kept is never done again; work that was under way when the process died is;
 * - work never rejects: failures are data, made so by the caller.
 */
export interface Journal {
  run(path: string, work: () => Promise<Json>): Promise<Json>;
  /** Resolves after the delay, counted from when it was first asked for, or at once when the signal aborts. */
  sleep(path: string, delayMs: number, signal: AbortSignal): Promise<void>;
  /**
   * The same for a limit on what takes long. Where nothing is kept of it, a run that goes on has all of the time again.
   */
  timer(path: string, delayMs: number, onEnd: () => void): Timer;
  /**
   * Resolves with what was sent under this name, now or before, or with undefined at `untilMs`. Holds no process: a run in
   * which nothing else is under way is parked.
   */
  waitForSignal(path: string, wait: SignalWait): Promise<Json | undefined>;
  /** Work that counts as under way from its beginning to its end: a run is not parked meanwhile, unless the work waits. */
  during<Result>(path: string, work: () => Promise<Result>): Promise<Result>;
  memoryAt(path: string): CallMemory;
  /** For a workflow that is called at the path. */
  within(path: string): Journal;
  /** For what is done within the work of `run`. */
  readonly inner: Journal;
  /** Milliseconds since 1970. */
  now(): number;
  /** Between 0 and 1. */
  random(): number;
}

export interface SignalWait {
  /** What the signal is called within the run; undefined for a delay only. */
  name: string | undefined;
  /** Milliseconds since 1970. */
  untilMs: number | undefined;
  /** What a person is asked, who answers by the signal: kept with the wait. */
  question?: Question;
  signal: AbortSignal;
  /**
   * Called where it does not end at once: with the name by which whoever sends the signal has to call it, which in a called
   * workflow is longer, and with the end that was given when it was first asked for.
   */
  onWait?(wait: { name: string | undefined; untilMs: number | undefined }): void;
}

/** What a call of a provider remembers within itself: an id that it waits for, an answer that was paid for. */
export interface CallMemory {
  /** It is gone with the process: what is recorded helps nobody. */
  readonly isVolatile?: boolean;
  /** What was recorded under the name, in this process or in one that died; undefined when nothing was. */
  recall(name: string): Promise<Json | undefined>;
  /** Resolves once it is kept. In place of what was recorded before. */
  record(name: string, value: Json): Promise<void>;
}
