import type { ItemReport, StepStatus } from '../plan/event.ts';
import type { Frame, GroupPlan, Outcome, Scope, StepFacts, StepPlan } from '../plan/plan.ts';
import { extendScope, withClock } from '../plan/scope.ts';
import { nameOfPath, pathOfTry } from '../plan/step-path.ts';
import { type ErrorReport, reportOf, ThreadlineError, toThreadlineError } from '../shared/errors/errors.ts';
import type { Json, JsonObject } from '../shared/json/json.ts';
import type { EndedStep, RunContext } from './ports.ts';
import { wrapStep } from './wrap-step.ts';

/** What `steps.NAME` reads as. */
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

/** A list of steps on its way: of the workflow, or of a group and one item. */
export class StepList {
  readonly states: StepStates;
  /** Where the results of conditions go: the scope of later steps is made from it. */
  readonly flags: Record<string, unknown>;
  failure: Failure | undefined;
  private readonly steps: readonly StepPlan[];
  private readonly context: RunContext;
  /** Stands before the paths of steps inside a group: `hosts[2]/`. */
  private readonly prefix: string;
  /** That of the time-outs around the list. */
  private readonly stopClock: Frame['stopClock'];
  /** Why the steps of a kind no longer start. */
  private readonly stopped = new Map<StepPlan['kind'], string>();
  /** Steps that failed, and those that were skipped for it: what needs them cannot run. */
  private readonly blocked = new Set<string>();
  /** Steps that have ended their list. */
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

  /** Each step starts when those that it waits for have ended. `above` stands for all steps so far, in one promise. */
  async run(scope: () => Scope, signal: AbortSignal, isParallel = false): Promise<void> {
    const ended = new Map<string, Promise<void>>();
    let above: Promise<unknown> = Promise.resolve();
    for (const step of this.steps) {
      const needs = step.needs ?? (isParallel ? [] : undefined);
      const awaited = needs ? Promise.all(needs.map((need) => ended.get(need))) : above;
      const done = awaited.then(() => this.visit(step, scope, signal));
      ended.set(step.name, done);
      above = needs ? Promise.all([above, done]) : done;
    }
    await above;
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

  /** Runs one step and records it; a failure is an Outcome. */
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
    const shown = this.take(step, outcome, durationMs);
    const tolerated = outcome.status === 'failed' && step.toleratesFailure;
    const path = this.prefix + step.name;
    this.context.ports.memory.noteEnd(path, outcome, { durationMs, tolerated });
    this.context.emit({ type: 'step-ended', step: nameOfPath(path), tolerated, reason: outcome.reason ?? null, ...shown });
  }

  /** Makes what the step gave readable, and stops what cannot go on after it. */
  private take(step: StepPlan, outcome: Outcome, durationMs: number): StepState {
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
    if (step.endsList && status !== 'skipped') {
      this.enders.set(step.name, step.kind);
      this.stop(`\`${step.name}\` has \`continue: false\``, step.kind);
    }
    return shown;
  }

  /** A step that ended before the run was cut short, and the steps inside of it that later ones can read. */
  private restore(step: StepPlan, { outcome, durationMs }: EndedStep): void {
    if (step.group && !outcome.items) {
      const prefix = `${pathOfTry(this.prefix + step.name, outcome.attempts)}/`;
      const inner = new StepList([], this.context, { states: this.states, prefix, flags: this.flags, stopClock: undefined });
      for (const one of step.group.branches.flat()) {
        const known = this.context.ports.memory.ended(prefix + one.name);
        if (known) inner.restore(one, known);
      }
    }
    this.take(step, outcome, durationMs);
  }

  private stop(reason: string, ...kinds: StepPlan['kind'][]): void {
    for (const kind of kinds) if (!this.stopped.has(kind)) this.stopped.set(kind, reason);
  }

  /** What has not run reads as skipped in what comes after all steps: outputs, on-failure, finally. */
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
 * Runs the steps of a group. Its results are those of its steps by name, of all branches: null for what did not run.
 * Outside of items, the group's steps can be read like those around it.
 */
async function runGroup(group: GroupPlan, frame: Frame, around: StepList, context: RunContext): Promise<Outcome> {
  const chosen = group.choose(frame.scope);
  if (chosen === undefined) return { status: 'skipped', results: null, attempts: 0, reason: 'switch: no case is named' };
  const outer = frame.scope.steps as StepStates;
  const isShared = frame.item === undefined && outer === around.states;
  const states: StepStates = isShared ? outer : Object.assign(Object.create(null), outer);
  const flags: Record<string, unknown> = isShared ? around.flags : Object.create(null);
  forget(group, states);
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

/** What an earlier try has left: its steps may not run this time. */
function forget(group: GroupPlan, states: StepStates): void {
  for (const step of group.branches.flat()) {
    delete states[step.name];
    if (step.group) forget(step.group, states);
  }
}

/** A group that was stopped has not done all of its steps, even if none of them failed by it. */
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
