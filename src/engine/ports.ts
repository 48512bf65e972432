import type { ErrorReport } from '../errors.ts';
import type { RunEvent, RunStatus } from '../event.ts';
import type { Json, JsonObject } from '../json.ts';
import type { AlertPort, ProviderCall } from '../plan.ts';
import type { World } from '../world.ts';

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
  world: World;
  /** The last run of this workflow that succeeded, for `last_workflow_results`. */
  lastRun?: { results: JsonObject; at: string };
}

/** All that the engine touches of the world. */
export interface EnginePorts {
  call(call: ProviderCall): Promise<Json>;
  emit(event: RunEvent): void;
  alerts: AlertPort;
  now(): number;
  random(): number;
  sleep(path: string, delayMs: number, signal: AbortSignal): Promise<void>;
  /** Aborts when the run is cancelled from outside. */
  signal: AbortSignal;
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

type Untimed<Event> = Event extends unknown ? Omit<Event, 'at'> : never;

/** What all lists of a run share. */
export interface RunContext {
  ports: EnginePorts;
  emit(event: Untimed<RunEvent>): void;
}
