import type { Question } from '../plan/event.ts';
import type { Timer } from '../plan/plan.ts';
import type { Json } from '../shared/json/json.ts';

/**
 * The record of what one run has done, from which an interrupted run resumes: the interpreter runs again from the beginning,
 * and recorded work answers from the journal.
 *
 * Obligations of a journal and its callers:
 * - a path is unique in a run, and the same when the run is replayed;
 * - `run` resolves only once the result is stored, so that no caller goes on with a result that could be lost;
 * - work whose result is stored is never done again; work that was in progress when the process died is;
 * - work never rejects: the caller turns failures into data.
 */
export interface Journal {
  run(path: string, work: () => Promise<Json>): Promise<Json>;
  /** Resolves after the delay, counted from the first call at the path, or as soon as the signal aborts. */
  sleep(path: string, delayMs: number, signal: AbortSignal): Promise<void>;
  /** Calls `onEnd` after the delay. A journal that does not record it gives a resumed run the whole time again. */
  timer(path: string, delayMs: number, onEnd: () => void): Timer;
  /**
   * Resolves with the signal sent under the name, now or before, or with undefined at `untilMs`. A run in which no other work
   * is in progress is suspended meanwhile.
   */
  waitForSignal(path: string, wait: SignalWait): Promise<Json | undefined>;
  /** Counts work as in progress until it ends: a run is not suspended meanwhile, unless the work itself only waits. */
  track<Result>(path: string, work: () => Promise<Result>): Promise<Result>;
  memoryAt(path: string): CallMemory;
  /** The journal of a workflow that is called at the path. */
  within(path: string): Journal;
  /** The journal for what is done within the work of `run`. */
  readonly inner: Journal;
  /** Milliseconds since 1970. */
  now(): number;
  /** Between 0 and 1. */
  random(): number;
}

export interface SignalWait {
  /** The signal's name within the run; undefined for a delay only. */
  name: string | undefined;
  /** Milliseconds since 1970. */
  untilMs: number | undefined;
  /** The question that a person answers by the signal; stored with the wait. */
  question?: Question;
  signal: AbortSignal;
  /**
   * Called if the wait does not end at once: with the signal's full name, which includes the path of a called workflow, and
   * with the end that the first call at the path gave.
   */
  onWait?(wait: { name: string | undefined; untilMs: number | undefined }): void;
}

/** Notes of one provider call for its own resumption: the id of a remote job, say, or an answer that was paid for. */
export interface CallMemory {
  /** True when the notes are gone with the process, so that none of them helps a later one. */
  readonly isVolatile?: boolean;
  /** The value recorded under the name, by this process or an earlier one; undefined when there is none. */
  recall(name: string): Promise<Json | undefined>;
  /** Resolves once the value is stored. Replaces the one before. */
  record(name: string, value: Json): Promise<void>;
}
