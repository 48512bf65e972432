import type { ErrorReport } from '../errors.ts';
import type { RunEvent, RunStatus } from '../event.ts';
import type { Json, JsonObject } from '../json.ts';
import type { ProviderCall } from '../plan.ts';

/** What starts a run: everything that its templates can read besides the steps. */
export interface RunRequest {
  id: string;
  inputs: JsonObject;
  alert?: JsonObject;
  incident?: JsonObject;
  env: JsonObject;
  secrets: JsonObject;
  offline: boolean;
}

/** All that the engine touches of the world. */
export interface EnginePorts {
  call(call: ProviderCall): Promise<Json>;
  emit(event: RunEvent): void;
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
