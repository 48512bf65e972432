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
  /** What files of the workflow are relative to, and may not lie outside of; default: the process's working folder. */
  workingFolder?: string;
  /** The environment that `env.X`, `secrets.X` and credentials are read from. */
  environment: Readonly<Record<string, string | undefined>>;
  settings?: Settings;
  inputs?: JsonObject;
  alert?: JsonObject;
  incident?: JsonObject;
  /** Configurations of `providers.yaml`. */
  providersFile?: JsonObject;
  /** That of an interrupted or waiting run of `runs` goes on with it; that of an ended one gives its report. */
  runId?: string;
  /** The file of leases, for `concurrency`; without it runs of this process only are kept apart. */
  locks?: string;
  /** The file of the alert store; in memory, and gone with the run, when there is none. */
  alertStore?: string;
  /** The file of the thread store; in memory, and gone with the run, when there is none. */
  threadStore?: string;
  /** What keeps the run, so that it can go on after this process; without it the run is gone with the process. */
  runs?: RunStore;
  /** A run that goes on may do so although its workflow was edited, where what has run so far reads the same. */
  allowChanged?: boolean;
  /** The run that this one does again. */
  rerunOf?: string;
  /** Answers in the place of providers, by step, by type or for all that are not installed. Alerts then stay in memory. */
  stubs?: Stubs;
  /** Calls nothing outside of the run: what no stub answers is made up from what is read of it, null where nothing is. */
  dryRun?: boolean;
  /** The most that the run may cost, in US dollars: the call that could pass it is not made. */
  maxCostUsd?: number;
  /** Aborts to let a run of `runs` leave the process: what is under way ends, nothing more is begun; it can go on elsewhere. */
  drain?: AbortSignal;
  /** Aborts to cancel the run. */
  signal?: AbortSignal;
  /** Starts the emulator, when the run is offline and a provider needs it. Resolves to its URL. */
  emulatorUrl?: () => Promise<string>;
  onEvent?(event: RunEvent): void;
  /** Hears of the run's events too, a line each, and of what providers say to whoever operates the process; none without it. */
  log?: Logger;
}

/** A run whose journal and leases an engine keeps. */
export interface EngineRunOptions extends Omit<RunOptions, 'locks'> {
  locks?: Leases;
  /** The engine's memory of the run. `hear` takes what the run said before this process had it. */
  remember?(mask: Mask, hear: (event: RunEvent) => void): RunMemory;
}
