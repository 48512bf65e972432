import type { ThreadlineError } from '../shared/errors/errors.ts';
import type { Json, JsonObject } from '../shared/json/json.ts';
import type { ItemReport, RunEvent } from './event.ts';
import type { TriggerPlan } from './trigger-plan.ts';

/**
 * The Plan is what `language/` makes of a workflow file and `engine/` runs: every template and expression compiled once,
 * every keyword turned into a wrapper around the call of the provider. It holds closures; what travels between machines
 * is `source`, from which it is compiled again.
 */
export interface Plan {
  id: string;
  name: string;
  description: string;
  file: string;
  source: string;
  /** What it takes over of a file of actions: each one's text, by file and name. */
  actions: Readonly<Record<string, string>>;
  /** What starts the run may fill in; templates that read another root are mistakes. */
  triggers: TriggerPlan[];
  inputs: InputPlan[];
  /** Names of environment variables that templates may read as `env.NAME`. */
  env: string[];
  consts: Constant[];
  steps: StepPlan[];
  onFailure: StepPlan | undefined;
  /** Run at the end, whatever happened before. */
  finally: StepPlan[];
  outputs: OutputPlan[];
  timeoutMs: number | undefined;
  /** Which runs must not overlap. */
  concurrency: ConcurrencyPlan | undefined;
  /** Switched off: no trigger starts it. */
  disabled: boolean;
  /** Whether it needs the store of alerts: for history, enrichment or throttling. */
  usesAlerts: boolean;
  /** Provider configurations written in the file itself: `providers: NAME: authentication:`. */
  providers: Record<string, Value>;
  /** What the file says of them besides, for `providers.NAME.description`. */
  providerFacts: ReadonlyMap<string, JsonObject>;
  /** The workflows that this one calls, by the paths that it names them with. */
  workflows: ReadonlyMap<string, Plan>;
  /** The first segments of what templates read: `alert`, `secrets.TOKEN` … */
  reads: ReadonlySet<string>;
  /** All that templates and expressions read, with whole paths. */
  references: readonly TextReference[];
  /** Every place that calls a provider: those inside of groups too, and the functions of assistants. */
  providerPlaces: readonly ProviderPlace[];
}

/** What a caller has to know of a workflow. */
export const signatureOf = ({ id, inputs, outputs }: Pick<Plan, 'id' | 'inputs' | 'outputs'>) => ({
  id,
  inputs,
  outputs: outputs.map(({ name }) => name),
});

/** A plan and those that it calls, by whatever way, each once. */
export function withCalledPlans(plan: Plan): ReadonlySet<Plan> {
  const plans = new Set([plan]);
  for (const one of plans) for (const called of one.workflows.values()) plans.add(called);
  return plans;
}

export interface TextReference {
  root: string;
  path: readonly (string | number)[];
  /** The step whose text it is; undefined outside of steps. */
  step: string | undefined;
  /** What kind of value it must be there, as far as its place tells: a list where a step runs over its `items`, and for sections. */
  wants: 'items' | 'section' | 'number' | 'time' | undefined;
  /** It reads an item of the list that the step, or one around it, runs over. */
  isOfIteration: boolean;
}

export interface ProviderPlace {
  /** The step's own name; `triage/recent_deploys` for a function. */
  step: string;
  provider: string;
  /** Whether the step runs once for each item: its results are then a list. */
  isIterated: boolean;
  /** `file:line:column`. */
  place: string;
  config: Value | undefined;
  /** As they are written: templates are text. */
  params: JsonObject;
}

/** The roots that templates and expressions can read, by name. */
export type Scope = Readonly<Record<string, unknown>>;

/** A compiled piece of YAML: computes its data from a scope. Throws `missing_value` or `expression_failed`. */
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
  /** Whether it reads something that is not the same for the whole run. */
  isLate: boolean;
}

export interface OutputPlan {
  name: string;
  value: Value;
  type: InputType | undefined;
}

/** Runs with the same key do not overlap. */
export interface ConcurrencyPlan {
  key: Value;
  /** What a run does that finds the key taken: waits, is skipped (a failure for Keep's `nonparallel`), or cancels the other. */
  onBusy: 'queue' | 'skip' | 'cancel';
}

export interface StepPlan {
  name: string;
  kind: 'step' | 'action';
  /** `file:line:column`, for messages. */
  place: string;
  /** What it calls; a step has this or a group. */
  provider: ProviderUse | undefined;
  /** The steps that it holds. */
  group: GroupPlan | undefined;
  /** Names that must have ended before this one starts; undefined means: all that stand before it. */
  needs: string[] | undefined;
  /** A failure of this step neither stops nor fails the run. */
  toleratesFailure: boolean;
  /** Once it has run, the rest of its list does not. */
  endsList: boolean;
  /** Outermost first. */
  wraps: Wrap[];
}

/** Steps within a step: `steps`, `parallel`, or the cases of a `switch`. */
export interface GroupPlan {
  kind: 'steps' | 'parallel' | 'switch';
  branches: StepPlan[][];
  /** Which branch runs; undefined for none. */
  choose(scope: Scope): number | undefined;
}

export interface ProviderUse {
  type: string;
  config: Value | undefined;
  params: Value;
}

/** What a provider is called with. */
export interface ProviderCall {
  step: string;
  /** The function of the step that is called, when it is not the step itself. */
  tool?: string;
  path: string;
  item: number | undefined;
  /** Which try it is, from 1. */
  attempt?: number;
  /** Whether it is made within another call. */
  isInner?: boolean;
  /** The limits that it counts for already: those of the calls around it. */
  limits?: ReadonlySet<string>;
  /** Stops the step's time-out until what it returns is called: a wait for others is none of the step's own time. */
  stopClock?: Frame['stopClock'];
  provider: string;
  config: Json;
  params: JsonObject;
  signal: AbortSignal;
}

/** One try at one step, or at one item of it. */
export interface Frame {
  scope: Scope;
  /** Where in the run: `triage`, `triage[3]`. Unique; the journal's key. */
  path: string;
  item: number | undefined;
  /** Which try it is, from 1. */
  attempt: number;
  signal: AbortSignal;
  /** Stops the time-outs around it until what it returns is called. */
  stopClock?: (() => () => void) | undefined;
}

export interface Outcome {
  status: 'succeeded' | 'failed' | 'skipped';
  results: Json;
  error?: ThreadlineError;
  attempts: number;
  /** Why it was skipped. */
  reason?: string;
  items?: ItemReport[];
  /** What else later steps can read of this one. */
  facts?: StepFacts;
}

/** `steps.NAME.conditions`, `.vars`, `.aliases`, `.provider_parameters`, as Keep's workflows read them. */
export interface StepFacts {
  conditions?: { [name: string]: Json[] };
  vars?: Json;
  aliases?: Json;
  provider_parameters?: Json;
  /** Results of conditions by alias: later steps read them by their bare names. */
  flags?: { [alias: string]: boolean };
}

/** Resolves always: a failure is an Outcome. */
export type RunStep = (frame: Frame) => Promise<Outcome>;

/** What keywords may ask of the run. */
export interface StepPorts {
  step: string;
  now(): number;
  /** Between 0 and 1. */
  random(): number;
  /** Resolves after the delay, or at once when the signal aborts. */
  sleep(path: string, delayMs: number, signal: AbortSignal): Promise<void>;
  /** The same, for a limit on what takes long. */
  timer(path: string, delayMs: number, onEnd: () => void): Timer;
  emit(event: StepEvent): void;
  alerts: AlertPort;
}

/** A limit of time. */
export interface Timer {
  /** It is not needed any more. */
  end(): void;
  /** It stands still until what this returns is called, once; where the journal can have that. */
  stop(): () => void;
}

/** Whom an enrichment is about. */
export interface AlertTarget {
  kind: 'alert' | 'incident';
  /** The alert's fingerprint, or the incident's id. */
  id: string;
}

/** What steps may write about alerts. */
export interface AlertPort {
  enrich(target: AlertTarget, enrichment: Enrichment): Promise<void>;
  /** Whether the action of this name has run for the alert since it last began to fire. */
  hasRunSinceFiring(path: string, action: string, fingerprint: string): Promise<boolean>;
  noteRun(action: string, fingerprint: string): Promise<void>;
}

export interface Enrichment {
  fields: JsonObject;
  /** Gone when the alert's status next changes. */
  disposable: JsonObject;
  /** Who it was: the step's path. */
  by: string;
  /** Whether the change is kept in the alert's audit. */
  audited: boolean;
}

/** Events of a step's inside, before the engine adds the time. */
type StepEvent = WithoutTime<Extract<RunEvent, { type: 'attempt-failed' | 'item-ended' | 'enriched' }>>;
type WithoutTime<Event> = Event extends unknown ? Omit<Event, 'at'> : never;

/** A keyword at work: the same step, with something around it. */
export type Wrap = (next: RunStep, ports: StepPorts) => RunStep;
