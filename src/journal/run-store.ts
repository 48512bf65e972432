import type { RunStatus, Usage } from '../plan/event.ts';
import type { ErrorReport } from '../shared/errors/errors.ts';
import type { Json, JsonObject } from '../shared/json/json.ts';

/** A run as the history has it. Times are milliseconds since 1970. */
export interface StoredRun {
  id: string;
  workflow: string;
  /** The workflow's file, as it was named. */
  file: string;
  /** `running` with a dead owner is what interrupted runs are. */
  status: 'running' | Exclude<RunStatus, 'interrupted'>;
  startedAtMs: number;
  endedAtMs: number | null;
  error: ErrorReport | null;
  outputs: JsonObject;
  usage: Usage;
  offline: boolean;
  /** What it was started with. */
  request: RunRecord;
  /** The texts of the workflow and of those that it calls, by file. */
  sources: Record<string, string>;
  /** The run that it does again. */
  rerunOf: string | null;
  /** When a waiting run has to go on by itself. */
  wakeAtMs: number | null;
  /** What a waiting run waits for, besides. */
  waitsFor: string[];
  /** Marks the places of secrets in what is kept. */
  seal: string;
}

/** What a run is started with, as far as it outlives the process: no secrets, no environment. */
export interface RunRecord {
  inputs: JsonObject;
  alert?: JsonObject;
  incident?: JsonObject;
}

export interface NewRun {
  id: string;
  workflow: string;
  file: string;
  offline: boolean;
  request: RunRecord;
  sources: Record<string, string>;
  rerunOf?: string | undefined;
  seal: string;
}

/**
 * One thing that a run remembers, in the order in which it came about:
 * - `kept`: what the journal answers at the path when the run goes on;
 * - `step-started`, `step-ended`: of the step at the path;
 * - `event`: something else that the run said of itself.
 */
export interface Entry {
  kind: 'kept' | 'step-started' | 'step-ended' | 'event';
  path: string;
  atMs: number;
  data: Json;
}

export interface RunFilter {
  /** What their ids begin with. */
  idPrefix?: string | undefined;
  workflow?: string | undefined;
  /** `interrupted` is `running` without anybody who runs it. */
  status?: StoredRun['status'] | 'interrupted' | undefined;
  sinceMs?: number | undefined;
  /** Before this one, for the next page. */
  before?: string | undefined;
  limit?: number | undefined;
}

/** A line of the history: what can be told without reading a run whole. */
export type RunLine = Omit<StoredRun, 'request' | 'sources' | 'outputs' | 'seal'> & { isInterrupted: boolean };

export interface RunEnd {
  status: Exclude<RunStatus, 'waiting' | 'interrupted'>;
  atMs: number;
  error: ErrorReport | null;
  outputs: JsonObject;
  usage: Usage;
}

/** A run that this process executes, and nobody else: it holds it until it ends or parks, or until the process dies. */
export interface HeldRun {
  readonly run: StoredRun;
  /** Those from before, when it goes on. */
  readonly entries: readonly Entry[];
  /** Resolves once it is on disk, and all that was noted before with it. */
  append(entry: Entry): Promise<void>;
  /** Resolves once all that was noted outlives this process. */
  noted(): Promise<void>;
  /** Is on disk with the next `append`, or soon. */
  note(entry: Entry): void;
  /** What was sent to the run under the name, and no other path has taken. */
  signal(name: string, path: string): Json | undefined;
  /** Lets go of a run that waits: until `wakeAtMs`, or for one of these names. False when one of them has come. */
  park(waits: { names: readonly string[]; wakeAtMs: number | undefined; usage: Usage }): boolean;
  /** Lets go of a run that has not ended: it can go on at once. */
  release(usage: Usage): void;
  end(end: RunEnd): Promise<void>;
  /** Aborts when somebody asked for the run to be cancelled. */
  readonly cancelled: AbortSignal;
}

/** Something that was sent to a run. */
export interface SentSignal {
  name: string;
  data: Json;
  atMs: number;
  /** Whether the run has asked for it. */
  isTaken: boolean;
}

/** The history of runs, and what they go on from. Several processes may have one open. */
export interface RunStore {
  /** Throws `run_busy` for an id that is known. */
  create(run: NewRun, atMs: number): HeldRun;
  /** A new run with the start of a known one, and what it takes over of it; nobody executes it yet. Throws `run_busy`. */
  copy(from: string, id: string, entries: readonly Entry[], atMs: number): void;
  /** Forgets a copy that nobody has executed; any other run stays. */
  discard(id: string): void;
  /** `sources` are what it goes on with. Throws `run_not_found`, `run_ended`, or `run_busy` when another process executes it. */
  take(id: string, sources: Record<string, string>): HeldRun;
  get(id: string): (StoredRun & { isInterrupted: boolean }) | undefined;
  /** The latest first. */
  list(filter: RunFilter): RunLine[];
  entries(id: string): Entry[];
  /** Kept until the run asks for it. Throws `run_not_found`, `run_ended`. */
  send(id: string, name: string, data: Json, atMs: number): void;
  /** What was sent to it, in order. */
  signals(id: string): SentSignal[];
  /** A run that somebody executes is asked to stop; one that nobody does is cancelled. Throws `run_not_found`, `run_ended`. */
  cancel(id: string, atMs: number): 'asked' | 'cancelled';
  /** Forgets the runs that have ended before that time, and says how many they were. */
  prune(beforeMs: number): number;
  /** How many runs that would be. */
  countEndedBefore(beforeMs: number): number;
  /** When runs were last pruned; undefined when they never were. */
  prunedAtMs(): number | undefined;
  close(): void;
}
