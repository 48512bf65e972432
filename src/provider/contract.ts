import type { AlertStore } from '../alerts/store/store.ts';
import type { GuardedFetch } from '../fetch/guarded-fetch.ts';
import type { CallMemory } from '../journal/journal.ts';
import type { ProviderEvent, Question } from '../plan/event.ts';
import type { InputPlan } from '../plan/plan.ts';
import type { ItemTemplate, StepTemplate } from '../plan/step-template.ts';
import type { ErrorCode } from '../shared/errors/errors.ts';
import type { Json, JsonObject } from '../shared/json/json.ts';
import type { Logger } from '../shared/log/logger.ts';
import { type Static, type TSchema, Type } from '../shared/schema/schema.ts';
import type { ThreadLock, ThreadStore } from '../threads/store.ts';

/**
 * The schema of a place in `params` where an ItemTemplate arrives: a tree of templates in YAML. `roots`: the names of all that an
 * item has, where they are always the same; other names are mistakes then.
 */
export const ItemValue = ({ roots, ...options }: { description: string; roots?: readonly string[] }) =>
  Type.Unsafe<ItemTemplate>({ 'x-threadline': 'item', ...(roots ? { 'x-threadline-roots': roots } : {}), ...options });

/** The schema of the path of a field of an item, such as `labels.job`. */
export const ItemField = () => Type.Unsafe<string>({ type: 'string', minLength: 1, 'x-threadline': 'item-field' });

/** The same for a condition. */
export const ItemCondition = (options: { description: string }) =>
  Type.Unsafe<ItemTemplate>({ 'x-threadline': 'item-condition', ...options });

/** The schema of a place in `params` where a StepTemplate arrives: `{type, config, with}` in YAML. */
export const Step = (options: { description: string }) =>
  Type.Unsafe<StepTemplate>({ type: 'object', 'x-threadline': 'step', ...options });

/** A mistake in parameters that fit the schema. `path` leads from the parameters, or from the top of `file`, to the place. */
export interface ParamsProblem {
  file?: string;
  path: (string | number)[];
  /** What of the place is wrong; the value by default. */
  part?: 'key' | 'value';
  message: string;
  hint?: string;
  /** An error by default; a note asks for no change. */
  severity?: 'error' | 'warning' | 'note';
}

/** What a called workflow starts with. */
export interface WorkflowStart {
  inputs: JsonObject;
  alert?: JsonObject;
  incident?: JsonObject;
}

/** What a workflow asks for and hands out. */
export interface WorkflowSignature {
  id: string;
  inputs: readonly InputPlan[];
  outputs: readonly string[];
}

/** A file of the workflow's, read whole. */
export interface WorkflowFile {
  /** The base name. */
  name: string;
  /** The absolute path. */
  path: string;
  bytes: Uint8Array;
}

/** Conversations that outlive a step. */
export interface ThreadAccess {
  /** The registry and what was said, opened when it is first asked for. */
  store(): Promise<ThreadStore>;
  /**
   * What was said in a thread until now: `[{id, role, text, created_at}]`, oldest first. In results the list is a reference, which
   * is read when somebody asks for it, and stays what it is now.
   */
  messages(threadId: string): Promise<Json[]>;
  /**
   * Holds a thread, or a key of one, until it is released: over all processes of the working folder. Waits in line when it
   * is patient, else rejects with `thread_busy`; rejects with the reason of `signal` when that aborts before.
   */
  lock(key: string, options: { isPatient: boolean; signal: AbortSignal; onWait(by: string): void }): Promise<ThreadLock>;
}

/** Files of the workflow: inside its folder and the working folder only, symbolic links included. */
export interface WorkflowFiles {
  /** `path` is relative to the workflow file. Rejects with `file_not_found`. */
  read(path: string): Promise<WorkflowFile>;
  /**
   * The paths that a glob matches, as `read` takes them, sorted: `*`, `**`, `?`, `[a-z]`, `{a,b}`. Hidden files and node_modules
   * are left out where the pattern does not name them. Rejects with `file_not_found` when a match lies outside, and with
   * `invalid_params` when more than 2000 match.
   */
  find(pattern: string): Promise<string[]>;
  /** A YAML or JSON file as data. Rejects with `invalid_config` when it is neither. */
  data(path: string): Promise<Json>;
}

/**
 * What a provider may do with the run around it: call functions and other workflows, wait, and keep what outlives the step.
 * Only providers that put other work together need it; the types of what it deals in are in `threadline/runtime`.
 */
export interface Runtime {
  /** Milliseconds since 1970. For providers that `orchestrate` the run's time: the same when the run is replayed. */
  now(): number;
  /** What this try at the call remembers should the process die in it: the call is run again then, and finds it. */
  readonly memory: CallMemory;
  /**
   * Resolves with what was sent to the run under the name, or with undefined at `untilMs` (since 1970), which stays that of the
   * first time when the step is run again. The run may leave the process meanwhile: only for providers that `orchestrate`, and
   * within functions.
   */
  waitForSignal(wait: { name?: string; untilMs?: number; question?: Question }): Promise<Json | undefined>;
  /**
   * Runs a StepTemplate with these arguments; resolves with what its provider says a function returns, and rejects with the
   * failure of that provider. Done once for each `name`: asked for again, after a crash too, it answers as it did.
   */
  runStep(step: StepTemplate, args: JsonObject, options: { name: string; signal?: AbortSignal }): Promise<Json>;
  /**
   * Runs a workflow that the parameters name in a place that means `workflow`; resolves to its outputs. Rejects with what it
   * failed with, and with `recursion_limit` when workflows call each other without end. A provider that calls several needs a
   * `name` for each, as for `runStep`.
   */
  runWorkflow(file: string, start: WorkflowStart, options?: { name?: string; signal?: AbortSignal }): Promise<JsonObject>;
  /** What a workflow that the parameters name asks for and hands out. */
  workflow(file: string): WorkflowSignature;
  /** The store of alerts, opened when it is first asked for. */
  alerts(): Promise<AlertStore>;
  readonly threads: ThreadAccess;
  /** What models cost: US dollars per million tokens, by name; `*` in a name is any text. */
  readonly prices: Readonly<Record<string, { input: number; cached_input?: number; output: number }>>;
  /** What the run may cost, and what it has cost so far; null when something of it has no price. */
  readonly budget: { maxCostUsd: number | undefined; spentUsd(): number | null };
}

export interface ProviderContext<Config = JsonObject> {
  /** What the `config` schema describes, secrets in clear. Never put it into results. */
  readonly config: Config;
  /** Aborts on Ctrl-C, on the step's timeout and when the run is cancelled. */
  readonly signal: AbortSignal;
  /** The same for each attempt at the same step of the same run: `run id + step path`. */
  readonly idempotencyKey: string;
  /**
   * For whoever operates the process: requests, retries, what a server said. Lines carry the run's id and the step, secrets are
   * masked. What a reader of the run should know is an event: `emit({ type: 'log', … })`.
   */
  readonly log: Logger;
  readonly run: { id: string; workflow: string; offline: boolean };
  /** `path` is where in the run this try at it stands, unlike that of any other: `hosts[2]/ping.try-2`. */
  readonly step: { name: string; path: string };
  /** HTTP, to public hosts and to those that `http.allow_hosts` of the settings names. */
  readonly fetch: GuardedFetch;
  readonly files: WorkflowFiles;
  /** Tells the run's reporters how the work goes on. */
  emit(event: ProviderEvent): void;
  readonly runtime: Runtime;
}

/** Files of the workflow, for checks before a run. */
export interface CheckFiles {
  exists(path: string): boolean;
  /** The data of a YAML or JSON file; undefined when it is not there or not well-formed, which is reported already. */
  data(path: string): Json | undefined;
  /** A workflow that the parameters name; undefined when it has mistakes, which are reported already. */
  workflow(path: string): WorkflowSignature | undefined;
}

/** What a check-up found of one thing. */
export interface Finding {
  /** What was looked at: `key`, `endpoint`, `model`, `tools`, `hello` … */
  check: string;
  status: 'ok' | 'warning' | 'problem' | 'skipped';
  /** One sentence. */
  message: string;
  /** What to do about it. */
  hint?: string;
  /** Of a problem: what a run would fail with. */
  code?: ErrorCode;
  /** Facts for machines. */
  details?: JsonObject;
  /** The steps that it is about; absent where it is about the configuration. */
  steps?: string[];
}

/** What a check-up looks at: a step, or a configuration alone. */
export interface InspectionSubject<Config = JsonObject> {
  step: string | undefined;
  /** Rendered as far as no run is needed for it: the rest are templates still. */
  params: JsonObject;
  /** As for a run of the step, but nothing is run: `runStep` and `runWorkflow` reject, threads are kept in memory. */
  context: ProviderContext<Config>;
}

/**
 * Contract of a provider:
 * - `run` resolves with plain JSON, or rejects with a ThreadlineError whose `retryable` tells the truth;
 * - it rejects soon after `signal` aborts, and takes what it started at a server back where that is possible;
 * - it never retries by itself what could be paid or done twice: `retry` is the workflow's;
 * - it may run again after a crash with the same `idempotencyKey`, which it hands on to whoever takes one;
 * - what it reads from the network or a model is data: it selects no file, host or function.
 */
export interface Provider<Params extends TSchema = TSchema, Config extends TSchema = TSchema> {
  /** One sentence, for `threadline providers`. */
  readonly description: string;
  /** Error codes of its own, which `retry: {on: […]}` may name: what each means, in one sentence. */
  readonly errors?: Readonly<Record<string, string>>;
  /** What `with:` takes. A closed object. */
  readonly params: Params;
  /** A value for each parameter, for the docs. */
  readonly examples?: JsonObject;
  /**
   * What `run` resolves with, as far as the parameters as written tell; undefined where they do not. Templates that read
   * something else of the results are mistakes. Only what every server and every run gives belongs into a closed object.
   */
  results?(params: JsonObject): TSchema | undefined;
  /** What `providers: NAME: authentication:` takes. A closed object. */
  readonly config: Config;
  /** Configuration keys that environment variables can fill when nothing else does: key → variable, or several, the first that is set. */
  readonly environment?: Readonly<Record<string, string | readonly string[]>>;
  /** The configuration that points this provider at the emulator; absent when it needs no server of OpenAI's kind. */
  offline?(emulatorUrl: string): Partial<Static<Config>>;
  /** Stands, with the emulator, for a configuration that a step names and that is not there. */
  readonly offlineStandIn?: Partial<Static<Config>>;
  /**
   * Throws what a schema cannot tell of a configuration, such as a key that its server wants: asked for every step, with its
   * parameters as written, before the first one runs.
   */
  checkConfig?(config: Static<Config>, params: JsonObject): void;
  /**
   * Whether it only puts together what `context` offers (waits, workflows) and does nothing itself: when a run goes on, it is
   * run again, and what it asked for answers from the journal.
   */
  readonly orchestrates?: boolean;
  /**
   * For a provider whose steps decide on what comes after them, as an approval does: whether one with these parameters, as they
   * are written, lets later steps and actions start only when it succeeds. Other actions that fail stop nobody. Where it does
   * not, its results must be read.
   */
  gates?(params: JsonObject): boolean;
  /** Whether such a call does nothing outside of the run and its state: a dry run makes it. */
  isLocal?(params: JsonObject): boolean;
  /**
   * What a function returns that is a step of this provider: of the results, what its caller asked for, such as the body of an
   * HTTP answer. All of the results by default.
   */
  functionResult?(results: Json): Json;
  /**
   * The parameters of a call that deletes a thread of the registry: at its servers, and then there. It resolves to `{deleted,
   * left}`, the places where the configuration does not lead.
   */
  threadDeletion?(threadId: string): JsonObject;
  /** Mistakes that a schema cannot tell. Templates are still text here; reads files only through `files`. */
  check?(params: JsonObject, files: CheckFiles): ParamsProblem[];
  /**
   * Says what is right and what is wrong with what runs would use, as it finds it out. Leaves nothing behind at a server; only
   * where it `asks` may it do what is paid, and then as little as shows whether it works. Throws only when the signal aborts.
   */
  inspect?(
    subjects: readonly InspectionSubject<Static<Config>>[],
    options: { asks: boolean; signal: AbortSignal },
  ): AsyncIterable<Finding>;
  run(params: Static<Params>, context: ProviderContext<Static<Config>>): Promise<Json>;
}

/** Types a provider's `run` by its schemas; the default export of a provider's folder is what this returns. */
export const defineProvider = <Params extends TSchema, Config extends TSchema>(
  provider: Provider<Params, Config>,
): Provider<Params, Config> => provider;
