import type { ThreadlineError } from '../shared/errors/errors.ts';
import type { DataPath, Json, JsonObject } from '../shared/json/json.ts';
import type { ItemReport, RunEvent } from './event.ts';
import type { TriggerPlan } from './trigger-plan.ts';

/**
 * A compiled workflow file: `language/` makes it and `engine/` runs it. Every template and expression is compiled once, and
 * every keyword becomes a wrapper around the provider call. A plan holds closures, so machines exchange `source` and compile
 * it again.
 */
export interface Plan {
  id: string;
  name: string;
  description: string;
  file: string;
  source: string;
  /** Text of each action that the workflow uses from a file of actions, by file and name. */
  actions: Readonly<Record<string, string>>;
  triggers: TriggerPlan[];
  inputs: InputPlan[];
  /** Names of environment variables that templates may read as `env.NAME`. */
  env: string[];
  consts: Constant[];
  steps: StepPlan[];
  onFailure: StepPlan | undefined;
  /** Steps that run last, even after a failure. */
  finally: StepPlan[];
  outputs: OutputPlan[];
  timeoutMs: number | undefined;
  concurrency: ConcurrencyPlan | undefined;
  /** No trigger starts a disabled workflow. */
  disabled: boolean;
  /** The workflow needs the alert store: for history, enrichment or throttling. */
  usesAlerts: boolean;
  /** Provider configurations in the workflow file itself: `providers: NAME: authentication:`. */
  providers: Record<string, Value>;
  /** Further fields of these configurations, which templates read as `providers.NAME.description`. */
  providerFacts: ReadonlyMap<string, JsonObject>;
  /** Called workflows, by the paths that this file names them with. */
  workflows: ReadonlyMap<string, Plan>;
  /** Roots and their first segments that templates read: `alert`, `secrets.TOKEN` … */
  reads: ReadonlySet<string>;
  /** Every reference in templates and expressions, with its whole path. */
  references: readonly TextReference[];
  /** Every provider call in the file, including those inside groups and the function tools of assistants. */
  providerPlaces: readonly ProviderPlace[];
}

/** The interface of a workflow for its callers. */
export const signatureOf = ({ id, inputs, outputs }: Pick<Plan, 'id' | 'inputs' | 'outputs'>) => ({
  id,
  inputs,
  outputs: outputs.map(({ name }) => name),
});

/** The plan and every plan that it calls, directly or indirectly. */
export function withCalledPlans(plan: Plan): ReadonlySet<Plan> {
  const plans = new Set([plan]);
  for (const caller of plans) for (const called of caller.workflows.values()) plans.add(called);
  return plans;
}

export interface TextReference {
  root: string;
  path: DataPath;
  /** Step that contains the reference; undefined outside steps. */
  step: string | undefined;
  /** Kind of value that the position requires, if any: `items` and `section` require a list. */
  wants: 'items' | 'section' | 'number' | 'time' | undefined;
  /** The reference reads the current item of the step or of an enclosing step. */
  isOfIteration: boolean;
}

export interface ProviderPlace {
  /** Name of the step, or `triage/recent_deploys` for a function tool of step `triage`. */
  step: string;
  provider: string;
  /** The step runs once for each item, so its results are a list. */
  isIterated: boolean;
  /** `file:line:column`. */
  place: string;
  config: Value | undefined;
  /** The configuration reads what only the step has, such as the item of a `foreach`. */
  configIsLate: boolean;
  /** Parameters as written in the file, with templates as text. */
  params: JsonObject;
}

/** Values that templates and expressions can read, by root name. */
export type Scope = Readonly<Record<string, unknown>>;

/** A compiled YAML value: computes its data from a scope. Throws `missing_value` or `expression_failed`. */
export type Value = (scope: Scope) => Json;

export type InputType = 'string' | 'number' | 'boolean' | 'choice' | 'list' | 'object';

export interface InputPlan {
  name: string;
  type: InputType;
  description: string | undefined;
  required: boolean;
  default: Json | undefined;
  options: Json[] | undefined;
}

export interface Constant {
  name: string;
  value: Value;
  /** The constant reads something that changes during the run. */
  isLate: boolean;
}

export interface OutputPlan {
  name: string;
  value: Value;
  type: InputType | undefined;
}

/** Runs with the same key never overlap. */
export interface ConcurrencyPlan {
  key: Value;
  /** When another run has the key, a run waits, is skipped (a failure for Keep's `nonparallel`), or cancels the other run. */
  onBusy: 'queue' | 'skip' | 'cancel';
}

export interface StepPlan {
  name: string;
  kind: 'step' | 'action';
  /** `file:line:column`, for messages. */
  place: string;
  /** A step has either a provider or a group. */
  provider: ProviderUse | undefined;
  group: GroupPlan | undefined;
  /** Names of the steps that must end before this one starts; undefined means every earlier step. */
  needs: string[] | undefined;
  /** A failure of this step neither stops the run nor fails it. */
  toleratesFailure: boolean;
  /** It decides on what comes after it: unless it succeeds, neither later steps nor actions start. */
  gates: boolean;
  /** After this step has run, the rest of its list is skipped. */
  endsList: boolean;
  /** Outermost first. */
  wraps: Wrap[];
}

/** Steps within a step: `steps`, `parallel`, or the cases of a `switch`. */
export interface GroupPlan {
  kind: 'steps' | 'parallel' | 'switch';
  branches: StepPlan[][];
  /** Index of the branch that runs; undefined for none. */
  choose(scope: Scope): number | undefined;
}

export interface ProviderUse {
  type: string;
  config: Value | undefined;
  /** The parameters that the workflow gives. */
  params: Value;
  /** Parameters of the provider's that the workflow leaves out and that are computed. */
  defaults: Value | undefined;
}

export interface ProviderCall {
  step: string;
  /** Name of the function tool, when the call is made by a tool of the step. */
  tool?: string;
  path: string;
  item: number | undefined;
  /** Counts from 1. */
  attempt?: number;
  /** The call is made within another provider call. */
  isInner?: boolean;
  /** Limits that already count the enclosing calls, and with them this call. */
  limits?: ReadonlySet<string>;
  /** Pauses the step's timeouts until the returned function is called: waiting for others is not the step's own time. */
  stopClock?: Frame['stopClock'];
  provider: string;
  config: Json;
  params: JsonObject;
  signal: AbortSignal;
}

/** A single attempt at a step, or at an item of the step. */
export interface Frame {
  scope: Scope;
  /** Position in the run, such as `triage` or `triage[3]`. Unique, and the key of the journal entry. */
  path: string;
  item: number | undefined;
  /** Counts from 1. */
  attempt: number;
  signal: AbortSignal;
  /** Pauses the enclosing timeouts until the returned function is called. */
  stopClock?: (() => () => void) | undefined;
}

export interface Outcome {
  status: 'succeeded' | 'failed' | 'skipped';
  results: Json;
  error?: ThreadlineError;
  attempts: number;
  /** Explains why the step was skipped. */
  reason?: string;
  items?: ItemReport[];
  /** Further fields of this step for the templates of later steps. */
  facts?: StepFacts;
}

/** Fields that Keep's workflows read as `steps.NAME.conditions`, `.vars`, `.aliases` and `.provider_parameters`. */
export interface StepFacts {
  conditions?: { [name: string]: Json[] };
  vars?: Json;
  aliases?: Json;
  provider_parameters?: Json;
  /** Results of conditions by alias; later steps read an alias as a root. */
  flags?: { [alias: string]: boolean };
}

/** Never rejects: a failure is an Outcome. */
export type RunStep = (frame: Frame) => Promise<Outcome>;

/** Services of the run for keywords. */
export interface StepPorts {
  step: string;
  now(): number;
  /** Between 0 and 1. */
  random(): number;
  /** Resolves after the delay, or at once when the signal aborts. */
  sleep(path: string, delayMs: number, signal: AbortSignal): Promise<void>;
  /** Calls `onEnd` after the delay. */
  timer(path: string, delayMs: number, onEnd: () => void): Timer;
  emit(event: StepEvent): void;
  alerts: AlertPort;
}

export interface Timer {
  /** Cancels the timer. */
  end(): void;
  /** Pauses the timer until the returned function is called once. Journals that cannot pause timers ignore it. */
  stop(): () => void;
}

/** The alert or incident that an enrichment changes. */
export interface AlertTarget {
  kind: 'alert' | 'incident';
  /** The alert's fingerprint, or the incident's id. */
  id: string;
}

/** Access of steps to the alert store. */
export interface AlertPort {
  enrich(target: AlertTarget, enrichment: Enrichment): Promise<void>;
  /** Tells whether the action has run for the alert since the alert last began to fire. */
  hasRunSinceFiring(path: string, action: string, fingerprint: string): Promise<boolean>;
  noteRun(action: string, fingerprint: string): Promise<void>;
}

export interface Enrichment {
  fields: JsonObject;
  /** Fields that are removed when the alert's status next changes. */
  disposable: JsonObject;
  /** Path of the step that made the change. */
  by: string;
  /** The change is recorded in the alert's audit. */
  audited: boolean;
}

/** Events of a step's inside, before the engine adds the time. */
type StepEvent = WithoutTime<Extract<RunEvent, { type: 'attempt-failed' | 'item-ended' | 'enriched' }>>;
type WithoutTime<Event> = Event extends unknown ? Omit<Event, 'at'> : never;

/** A compiled keyword: wraps a step's run in further behavior. */
export type Wrap = (next: RunStep, ports: StepPorts) => RunStep;
