import type { RunStore } from '../journal/run-store.ts';
import type { Leases } from '../locks/lease-table.ts';
import type { RunEvent } from '../plan/event.ts';
import type { ProviderRegistry } from '../provider/load.ts';
import type { JsonObject } from '../shared/json/json.ts';
import type { Logger } from '../shared/log/logger.ts';
import type { Mask } from '../shared/text/mask.ts';
import type { Stubs } from '../stubs/stub-file.ts';
import type { RunMemory } from './run-memory.ts';
import type { Settings } from './settings.ts';

export interface RunOptions {
  registry: ProviderRegistry;
  /** Folder that contains all files of the workflow and that their paths are relative to; default: the working folder. */
  workingFolder?: string;
  /** The environment that `env.X`, `secrets.X` and credentials are read from. */
  environment: Readonly<Record<string, string | undefined>>;
  settings?: Settings;
  inputs?: JsonObject;
  alert?: JsonObject;
  incident?: JsonObject;
  /** Configurations of `providers.yaml`. */
  providersFile?: JsonObject;
  /** If `runs` has this id, an interrupted or waiting run resumes; a finished one returns its report. */
  runId?: string;
  /** File of leases, for `concurrency`; without it, only runs of this process exclude each other. */
  locks?: string;
  /** File of the alert store; by default the store is in memory and ends with the run. */
  alertStore?: string;
  /** File of the thread store; by default the store is in memory and ends with the run. */
  threadStore?: string;
  /** Stores the run, so that another process can resume it; without it, the run ends with the process. */
  runs?: RunStore;
  /** A run may resume although its workflow was edited, if the steps that have run are unchanged. */
  allowChanged?: boolean;
  /** Id of the run that this one repeats. */
  rerunOf?: string;
  /** Stubs that answer instead of providers, by step, by type or for all that are not installed. Alerts then stay in memory. */
  stubs?: Stubs;
  /** Calls no provider. Results without a stub are inferred from how later templates read them; null if nothing does. */
  dryRun?: boolean;
  /** Budget of the run in US dollars: a call that could exceed it is not made. */
  maxCostUsd?: number;
  /** Aborts to interrupt a run of `runs`: running steps finish, no new ones start, and another process can resume the run. */
  drain?: AbortSignal;
  /** Aborts to cancel the run. */
  signal?: AbortSignal;
  /** Starts the emulator, when the run is offline and a provider needs it. Resolves to its URL. */
  emulatorUrl?: () => Promise<string>;
  onEvent?(event: RunEvent): void;
  /** Gets the run's events and the log messages of providers. */
  log?: Logger;
}

/** Options for a run whose journal and leases an engine keeps. */
export interface EngineRunOptions extends Omit<RunOptions, 'locks'> {
  locks?: Leases;
  /** Opens the engine's memory of the run. `hear` gets the events of earlier processes. */
  remember?(mask: Mask, hear: (event: RunEvent) => void): RunMemory;
}
