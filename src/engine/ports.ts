import type { EvaluationContext } from '../plan/evaluation-context.ts';
import type { RunEvent, RunStatus } from '../plan/event.ts';
import type { AlertPort, Frame, Outcome, ProviderCall, Timer } from '../plan/plan.ts';
import type { ErrorReport } from '../shared/errors/errors.ts';
import type { Json, JsonObject } from '../shared/json/json.ts';

/** What starts a run: everything that its templates can read besides the steps. */
export interface RunRequest {
  id: string;
  inputs: JsonObject;
  alert?: JsonObject;
  incident?: JsonObject;
  env: JsonObject;
  secrets: JsonObject;
  offline: boolean;
  /** What functions may ask: the time, the history of alerts. */
  evaluation: EvaluationContext;
  /** When it first began, ms since 1970, where that is kept. */
  startedAtMs?: number;
  /** The last run of this workflow that succeeded, for `last_workflow_results`. */
  lastRun?: { results: JsonObject; at: string };
}

/** All that the engine touches outside itself. */
export interface EnginePorts {
  /** Rejects with what the step has failed with: a call that was aborted, with the reason of its signal. */
  call(call: ProviderCall): Promise<Json>;
  emit(event: RunEvent): void;
  alerts: AlertPort;
  now(): number;
  random(): number;
  sleep(path: string, delayMs: number, signal: AbortSignal): Promise<void>;
  /** The same, for a limit. */
  timer(path: string, delayMs: number, onEnd: () => void): Timer;
  /** What is known of steps from before, in a run that goes on. */
  memory: StepMemory;
  /** Resolves with what the run ends as in this process when nothing of it goes on here: all that is left of it waits, or the process ends. */
  suspended: Promise<'waiting' | 'interrupted'>;
  /** That of the time-outs around a run that a step calls. */
  stopClock?: Frame['stopClock'];
  /** Aborts when the run is cancelled from outside. */
  signal: AbortSignal;
}

/** A step that has ended, in this process or in one that died. */
export interface EndedStep {
  outcome: Outcome;
  durationMs: number;
}

/** Paths are those of frames. */
export interface StepMemory {
  /** Undefined for a step that has not ended. */
  ended(path: string): EndedStep | undefined;
  /** When it first began, ms since 1970; undefined when it has not. */
  began(path: string): number | undefined;
  noteBegin(path: string, provider: string): void;
  noteEnd(path: string, outcome: Outcome, facts: { durationMs: number; tolerated: boolean }): void;
}

export interface RunResult {
  status: RunStatus;
  outputs: JsonObject;
  error: ErrorReport | null;
}

/** How a run ended, and what its steps gave: a list for each, of its items or of one. */
export interface EndedRun extends RunResult {
  results: JsonObject;
}

type Untimed<Event> = Event extends unknown ? Omit<Event, 'at'> & { at?: string } : never;

/** What all lists of a run share. */
export interface RunContext {
  ports: EnginePorts;
  emit(event: Untimed<RunEvent>): void;
}
