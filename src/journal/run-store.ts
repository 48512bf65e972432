import type { RunStatus, Usage } from '../plan/event.ts';
import type { ErrorReport } from '../shared/errors/errors.ts';
import type { Json, JsonObject } from '../shared/json/json.ts';

/** A run in the history. Times are milliseconds since 1970. */
export interface StoredRun {
  id: string;
  workflow: string;
  /** The workflow's file, as the caller named it. */
  file: string;
  /** An interrupted run is `running`, and its owner is dead. */
  status: 'running' | Exclude<RunStatus, 'interrupted'>;
  startedAtMs: number;
  endedAtMs: number | null;
  error: ErrorReport | null;
  outputs: JsonObject;
  usage: Usage;
  offline: boolean;
  /** The data that the run was started with. */
  request: RunRecord;
  /** The texts of the workflow and of the workflows that it calls, by file. */
  sources: Record<string, string>;
  /** The id of the run that this one is a rerun of. */
  rerunOf: string | null;
  /** When a waiting run resumes without a signal. */
  wakeAtMs: number | null;
  /** The names of the signals that a waiting run waits for. */
  waitsFor: string[];
  /** Marks the places of secrets in the stored data. */
  seal: string;
}

/** The data that a run is started with, as far as it is stored: no secrets, no environment. */
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
 * A journal entry. The entries of a run are in the order in which they came about:
 * - `kept`: the record that answers at the path when the run is replayed;
 * - `step-started`, `step-ended`: the start and the end of the step at the path;
 * - `event`: any other event of the run.
 */
export interface Entry {
  kind: 'kept' | 'step-started' | 'step-ended' | 'event';
  path: string;
  atMs: number;
  data: Json;
}

export interface RunFilter {
  /** The beginning of their ids. */
  idPrefix?: string | undefined;
  workflow?: string | undefined;
  /** `interrupted`: `running`, and no living process owns the run. */
  status?: StoredRun['status'] | 'interrupted' | undefined;
  sinceMs?: number | undefined;
  /** The id of the last run of the page before. */
  before?: string | undefined;
  limit?: number | undefined;
}

/** A run in a list: the facts that are read without its data. */
export type RunLine = Omit<StoredRun, 'request' | 'sources' | 'outputs' | 'seal'> & { isInterrupted: boolean };

export interface RunEnd {
  status: Exclude<RunStatus, 'waiting' | 'interrupted'>;
  atMs: number;
  error: ErrorReport | null;
  outputs: JsonObject;
  usage: Usage;
}

/** A run that this process alone executes, until the run ends or is suspended, or the process dies. */
export interface OwnedRun {
  readonly run: StoredRun;
  /** The entries of earlier processes, in a run that resumes. */
  readonly entries: readonly Entry[];
  /** Resolves once the entry is on disk, with everything noted before. */
  append(entry: Entry): Promise<void>;
  /** Resolves once everything noted survives this process. */
  noted(): Promise<void>;
  /** Stores the entry with the next `append`, or soon. */
  note(entry: Entry): void;
  /** The first signal sent under the name that no other path has taken. */
  signal(name: string, path: string): Json | undefined;
  /** Gives up a run that waits until `wakeAtMs` or for a signal of one of these names. False when such a signal is there. */
  suspend(waits: { names: readonly string[]; wakeAtMs: number | undefined; usage: Usage }): boolean;
  /** Gives up a run that has not ended: any process can resume it. */
  release(usage: Usage): void;
  end(end: RunEnd): Promise<void>;
  /** Aborts when another process has asked for the run to be cancelled. */
  readonly cancelled: AbortSignal;
}

/** A signal that was sent to a run. */
export interface SentSignal {
  name: string;
  data: Json;
  atMs: number;
  /** Whether a wait of the run has taken it. */
  isTaken: boolean;
}

/** The history of runs, from which interrupted ones resume. Several processes may have one open. */
export interface RunStore {
  /** Throws `run_busy` for an id that is taken. */
  create(run: NewRun, atMs: number): OwnedRun;
  /** Creates a run with the request of another one and these entries; no process executes it yet. Throws `run_busy`. */
  copy(from: string, id: string, entries: readonly Entry[], atMs: number): void;
  /** Deletes a copy that no process has executed; any other run stays. */
  discard(id: string): void;
  /** Resumes a run with these sources. Throws `run_not_found`, `run_ended`, or `run_busy` when another process executes it. */
  take(id: string, sources: Record<string, string>): OwnedRun;
  get(id: string): (StoredRun & { isInterrupted: boolean }) | undefined;
  /** Latest runs first. */
  list(filter: RunFilter): RunLine[];
  entries(id: string): Entry[];
  /** Sends a signal, which is stored until a wait of the run takes it. Throws `run_not_found`, `run_ended`. */
  send(id: string, name: string, data: Json, atMs: number): void;
  /** The signals that were sent to the run, in order. */
  signals(id: string): SentSignal[];
  /** Asks the process that executes the run to stop it; cancels a run that none executes. Throws `run_not_found`, `run_ended`. */
  cancel(id: string, atMs: number): 'asked' | 'cancelled';
  /** Deletes the runs that ended before that time; returns their number. */
  prune(beforeMs: number): number;
  /** The number of runs that `prune` would delete. */
  countEndedBefore(beforeMs: number): number;
  /** When runs were last pruned; undefined for never. */
  prunedAtMs(): number | undefined;
  close(): void;
}
