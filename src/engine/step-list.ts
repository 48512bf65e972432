import type { ItemReport, StepStatus } from '../plan/event.ts';
import type { Frame, GroupPlan, Outcome, Scope, StepFacts, StepPlan } from '../plan/plan.ts';
import { extendScope, withClock } from '../plan/scope.ts';
import { nameOfPath, pathOfTry } from '../plan/step-path.ts';
import { type ErrorReport, reportOf, ThreadlineError, toThreadlineError } from '../shared/errors/errors.ts';
import type { Json, JsonObject } from '../shared/json/json.ts';
import type { EndedStep, RunContext } from './ports.ts';
import { wrapStep } from './wrap-step.ts';

/** Value of `steps.NAME` in templates. */
export interface StepState extends Omit<StepFacts, 'flags'> {
  results: Json;
  status: StepStatus;
  error: ErrorReport | null;
  duration_ms: number;
  attempts: number;
  items?: ItemReport[];
}

export type StepStates = Record<string, StepState>;

export interface Failure {
  step: string;
  error: ThreadlineError;
}

/** Execution of a list of steps: those of the workflow, or those of a group for one item. */
export class StepList {
  readonly states: StepStates;
  /** Results of conditions, which become roots of the scope of later steps. */
  readonly flags: Record<string, unknown>;
  failure: Failure | undefined;
  private readonly steps: readonly StepPlan[];
  private readonly context: RunContext;
  /** Prefix of the step paths inside a group: `hosts[2]/`. */
  private readonly prefix: string;
  /** Pauses the enclosing steps' timeouts while this list waits. */
  private readonly stopClock: Frame['stopClock'];
  /** Reasons why further steps of a kind do not start. */
  private readonly stopped = new Map<StepPlan['kind'], string>();
  /** Failed steps and steps skipped because of them; steps that need them cannot run. */
  private readonly blocked = new Set<string>();
  /** Steps with `continue: false` that have run. */
  private readonly enders = new Map<string, StepPlan['kind']>();

  constructor(
    steps: readonly StepPlan[],
    context: RunContext,
    place: { states: StepStates; prefix: string; flags: Record<string, unknown>; stopClock: Frame['stopClock'] },
  ) {
    this.steps = steps;
    this.context = context;
    this.states = place.states;
    this.prefix = place.prefix;
    this.stopClock = place.stopClock;
    this.flags = place.flags;
  }

  /** Starts each step when the steps that it needs have ended. */
  async run(scope: () => Scope, signal: AbortSignal, isParallel = false): Promise<void> {
    const ended = new Map<string, Promise<void>>();
    let allSoFar: Promise<unknown> = Promise.resolve();
    for (const step of this.steps) {
      const needs = step.needs ?? (isParallel ? [] : undefined);
      const awaited = needs ? Promise.all(needs.map((need) => ended.get(need))) : allSoFar;
      const done = awaited.then(() => this.visit(step, scope, signal));
      ended.set(step.name, done);
      allSoFar = needs ? Promise.all([allSoFar, done]) : done;
    }
    await allSoFar;
  }

  private async visit(step: StepPlan, scope: () => Scope, signal: AbortSignal): Promise<void> {
    const known = this.context.ports.memory.ended(this.prefix + step.name);
    if (known) return this.restore(step, known);
    if (signal.aborted) return;
    const reason = this.reasonToSkip(step);
    if (reason === undefined) await this.runStep(step, scope(), signal);
    else {
      this.blocked.add(step.name);
      this.record(step, { status: 'skipped', results: null, attempts: 0, reason }, 0);
    }
  }

  private reasonToSkip(step: StepPlan): string | undefined {
    if (!step.needs) return this.stopped.get(step.kind);
    const missing = step.needs.find((need) => this.blocked.has(need));
    if (missing !== undefined)
      return `needs \`${missing}\`, which ${this.states[missing]?.status === 'failed' ? 'failed' : 'did not run'}`;
    const ender = step.needs.find((need) => this.enders.get(need) === step.kind);
    return ender === undefined ? undefined : `\`${ender}\` has \`continue: false\``;
  }

  /** Runs a step and records its outcome. Never rejects: a failure is an Outcome. */
  async runStep(step: StepPlan, scope: Scope, signal: AbortSignal): Promise<Outcome> {
    const { ports } = this.context;
    const path = this.prefix + step.name;
    const name = nameOfPath(path);
    const startedAt = ports.now();
    const began = ports.memory.began(path);
    ports.memory.noteBegin(path, step.provider?.type ?? '');
    this.context.emit({ type: 'step-started', step: name, provider: step.provider?.type ?? step.group?.kind ?? '' });
    let outcome: Outcome;
    try {
      const run = wrapStep(step, name, this.context, (group, frame) => runGroup(group, frame, this, this.context));
      const own = began === undefined ? scope : withClock(scope, startedAt - began);
      outcome = await run({ scope: own, path, item: undefined, attempt: 1, signal, stopClock: this.stopClock });
    } catch (thrown) {
      outcome = { status: 'failed', results: null, error: toThreadlineError(thrown), attempts: 1 };
    }
    this.record(step, outcome, ports.now() - startedAt);
    return outcome;
  }

  private record(step: StepPlan, outcome: Outcome, durationMs: number): void {
    const shown = this.apply(step, outcome, durationMs);
    const tolerated = outcome.status === 'failed' && step.toleratesFailure;
    const path = this.prefix + step.name;
    this.context.ports.memory.noteEnd(path, outcome, { durationMs, tolerated });
    this.context.emit({ type: 'step-ended', step: nameOfPath(path), tolerated, reason: outcome.reason ?? null, ...shown });
  }

  /** Makes the outcome readable for later steps, and stops the steps that must not run after it. */
  private apply(step: StepPlan, outcome: Outcome, durationMs: number): StepState {
    const { results, status, attempts, items } = outcome;
    const error = outcome.error ? reportOf(outcome.error) : null;
    const shown = { results, status, error, duration_ms: durationMs, attempts, ...(items ? { items } : {}) };
    const { flags, ...facts } = outcome.facts ?? {};
    Object.assign(this.flags, flags);
    this.states[step.name] = { ...facts, ...shown };
    for (const branch of step.group?.branches ?? []) fillIn(branch, this.states);
    if (status !== 'skipped') this.states.this = this.states[step.name] as StepState;
    const failed = status === 'failed' && !step.toleratesFailure;
    if (failed && outcome.error) this.failure ??= { step: step.name, error: outcome.error };
    if (failed) this.blocked.add(step.name);
    if (failed && step.kind === 'step') this.stop('an earlier step failed', 'step', 'action');
    if (failed && step.gates) this.stop(`\`${step.name}\` did not succeed`, 'step', 'action');
    if (step.endsList && status !== 'skipped') {
      this.enders.set(step.name, step.kind);
      this.stop(`\`${step.name}\` has \`continue: false\``, step.kind);
    }
    return shown;
  }

  /** Applies the recorded outcome of a step, and those of the steps inside it that later steps can read. */
  private restore(step: StepPlan, { outcome, durationMs }: EndedStep): void {
    if (step.group && !outcome.items) {
      const prefix = `${pathOfTry(this.prefix + step.name, outcome.attempts)}/`;
      const inner = new StepList([], this.context, { states: this.states, prefix, flags: this.flags, stopClock: undefined });
      for (const nested of step.group.branches.flat()) {
        const known = this.context.ports.memory.ended(prefix + nested.name);
        if (known) inner.restore(nested, known);
      }
    }
    this.apply(step, outcome, durationMs);
  }

  private stop(reason: string, ...kinds: StepPlan['kind'][]): void {
    for (const kind of kinds) if (!this.stopped.has(kind)) this.stopped.set(kind, reason);
  }

  /** Makes steps that have not run read as skipped in outputs, on-failure and finally. */
  fillIn(): void {
    fillIn(this.steps, this.states);
  }
}

function fillIn(steps: readonly StepPlan[], states: StepStates): void {
  for (const { name, group } of steps) {
    states[name] ??= { results: null, status: 'skipped', error: null, duration_ms: 0, attempts: 0 };
    for (const branch of group?.branches ?? []) fillIn(branch, states);
  }
}

/**
 * Runs the steps of a group. The results map each step of all branches to its results, or to null if it did not run. Unless
 * the group runs once for each item, later steps can read its steps by name.
 */
async function runGroup(group: GroupPlan, frame: Frame, around: StepList, context: RunContext): Promise<Outcome> {
  const chosen = group.choose(frame.scope);
  if (chosen === undefined) return { status: 'skipped', results: null, attempts: 0, reason: 'switch: no case is named' };
  const outer = frame.scope.steps as StepStates;
  const isShared = frame.item === undefined && outer === around.states;
  const states: StepStates = isShared ? outer : Object.assign(Object.create(null), outer);
  const flags: Record<string, unknown> = isShared ? around.flags : Object.create(null);
  clearStates(group, states);
  const prefix = `${pathOfTry(frame.path, frame.attempt)}/`;
  const list = new StepList(group.branches[chosen] ?? [], context, {
    states,
    prefix,
    flags,
    stopClock: frame.stopClock,
  });
  const scope = (): Scope => extendScope(frame.scope, { ...flags, steps: states, actions: states });
  await list.run(scope, frame.signal, group.kind === 'parallel');
  const results: JsonObject = Object.create(null);
  for (const { name } of group.branches.flat()) results[name] = states[name]?.results ?? null;
  const error = list.failure ? within(list.failure) : stoppedBy(frame.signal);
  return error ? { status: 'failed', results, error, attempts: 1 } : { status: 'succeeded', results, attempts: 1 };
}

/** Removes the states of an earlier attempt, because its steps may not run this time. */
function clearStates(group: GroupPlan, states: StepStates): void {
  for (const step of group.branches.flat()) {
    delete states[step.name];
    if (step.group) clearStates(step.group, states);
  }
}

/** A stopped group has failed even if none of its steps did, because some have not run. */
const stoppedBy = (signal: AbortSignal): ThreadlineError | undefined =>
  signal.aborted ? toThreadlineError(signal.reason, 'cancelled') : undefined;

function within({ step, error }: Failure): ThreadlineError {
  const { code, message, hint, details, retryable } = error;
  return new ThreadlineError(code, `Step \`${step}\` failed: ${message}`, {
    ...(hint === undefined ? {} : { hint }),
    ...(details ? { details } : {}),
    retryable,
    cause: error,
  });
}
