import type { EvaluationContext } from '../plan/evaluation-context.ts';
import type { RunEvent, RunStatus } from '../plan/event.ts';
import type { AlertPort, Frame, Outcome, ProviderCall, Timer } from '../plan/plan.ts';
import type { ErrorReport } from '../shared/errors/errors.ts';
import type { Json, JsonObject } from '../shared/json/json.ts';

/** Input of a run: everything that its templates can read besides the steps. */
export interface RunRequest {
  id: string;
  inputs: JsonObject;
  alert?: JsonObject;
  incident?: JsonObject;
  env: JsonObject;
  secrets: JsonObject;
  offline: boolean;
  evaluation: EvaluationContext;
  /** First start of a resumed run, ms since the Unix epoch. */
  startedAtMs?: number;
  /** The last run of this workflow that succeeded, for `last_workflow_results`. */
  lastRun?: { results: JsonObject; at: string };
}

/** Everything that the engine needs from outside. */
export interface EnginePorts {
  /** Rejects with the error of the step; an aborted call rejects with the reason of its signal. */
  call(call: ProviderCall): Promise<Json>;
  emit(event: RunEvent): void;
  alerts: AlertPort;
  now(): number;
  random(): number;
  sleep(path: string, delayMs: number, signal: AbortSignal): Promise<void>;
  /** Calls `onEnd` after the delay. */
  timer(path: string, delayMs: number, onEnd: () => void): Timer;
  /** Records of the steps that began or ended before the run resumed. */
  memory: StepMemory;
  /** Resolves when this process has no work left for the run: all remaining steps wait, or the process is ending. */
  suspended: Promise<'waiting' | 'interrupted'>;
  /** Pauses the timeouts of the step that called this workflow. */
  stopClock?: Frame['stopClock'];
  /** Aborts when the run is cancelled from outside. */
  signal: AbortSignal;
}

/** Result of a step that ended in this process or in an earlier one. */
export interface EndedStep {
  outcome: Outcome;
  durationMs: number;
}

/** Keyed by the paths of frames. */
export interface StepMemory {
  /** Undefined if the step has not ended. */
  ended(path: string): EndedStep | undefined;
  /** First start of the step, ms since the Unix epoch; undefined if it has not begun. */
  began(path: string): number | undefined;
  noteBegin(path: string, provider: string): void;
  noteEnd(path: string, outcome: Outcome, facts: { durationMs: number; tolerated: boolean }): void;
}

export interface RunResult {
  status: RunStatus;
  outputs: JsonObject;
  error: ErrorReport | null;
}

/** The run's result, with the results of each step as a list: one entry per item, or a single entry. */
export interface EndedRun extends RunResult {
  results: JsonObject;
}

type Untimed<Event> = Event extends unknown ? Omit<Event, 'at'> & { at?: string } : never;

/** Shared by all step lists of a run. */
export interface RunContext {
  ports: EnginePorts;
  emit(event: Untimed<RunEvent>): void;
}
