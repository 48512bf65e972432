import type { AlertStore } from '../alerts/store/store.ts';
import type { Journal } from '../journal/journal.ts';
import type { EventOrigin, ProviderEvent, Question } from '../plan/event.ts';
import type { ProviderCall } from '../plan/plan.ts';
import type { Json, JsonObject } from '../shared/json/json.ts';
import type { Logger } from '../shared/log/logger.ts';
import type { Provider, Runtime, ThreadAccess, WorkflowSignature, WorkflowStart } from './contract.ts';
import type { CredentialSources } from './credentials.ts';
import type { ProviderRegistry } from './load.ts';
import type { FileHost } from './workflow-file.ts';

/** What all calls of one run share. */
export interface CallHost extends FileHost {
  registry: ProviderRegistry;
  credentials: CredentialSources;
  /** For whoever operates the process; masks the run's secrets. */
  log: Logger;
  run: { id: string; workflow: string; offline: boolean };
  http: { allowHosts: readonly string[] };
  prices: Runtime['prices'];
  budget: Runtime['budget'];
  /** Starts the emulator when a provider first needs it. */
  emulatorUrl: (() => Promise<string>) | undefined;
  /** Opens the store of alerts when it is first needed. */
  alerts(): Promise<AlertStore>;
  threads: ThreadAccess;
  /** Of the run: `path` tells calls and tries apart. */
  journal: Journal;
  emit(origin: EventOrigin, event: ProviderEvent): void;
  /** Answers in the place of a provider where something stands in for it; `ask` asks the provider itself. */
  standIn?(call: ProviderCall, provider: Provider | undefined, ask: () => Promise<Json>): Promise<Json>;
  limits?: Limits;
  /** Told of every call of a provider as it begins. */
  track?(work: Promise<unknown>): void;
  /** What stands for a person's answer, where something does. */
  answerQuestion?(question: Question): Json | undefined;
  /** Keeps these values out of everything that leaves the run. */
  hide(config: JsonObject): void;
  parseData(text: string, file: string): Json;
  workflow(file: string): WorkflowSignature;
  runWorkflow(call: ProviderCall, file: string, start: WorkflowStart, journal: Journal): Promise<JsonObject>;
}

/** How many calls of a provider may be under way at once. */
export interface Limits {
  /** The limits that the call comes under, by name. */
  of(call: ProviderCall): string[];
  /** Waits for its turn; what it returns lets others have theirs. Rejects with the reason of the signal. */
  hold(names: readonly string[], runId: string, signal: AbortSignal, onWait: (message: string) => void): Promise<() => void>;
}
