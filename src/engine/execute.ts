import { LONGEST_TIMER_MS } from '../duration.ts';
import { type ErrorReport, reportOf, ThreadlineError, toThreadlineError } from '../errors.ts';
import type { ItemReport, RunEvent, StepStatus } from '../event.ts';
import type { Json, JsonObject } from '../json.ts';
import type { Outcome, Plan, Scope, StepPlan } from '../plan.ts';
import type { EnginePorts, RunRequest, RunResult } from './ports.ts';
import { wrapStep } from './wrap-step.ts';

/** What `steps.NAME` reads as. */
interface StepState {
  results: Json;
  status: StepStatus;
  error: ErrorReport | null;
  duration_ms: number;
  attempts: number;
  items?: ItemReport[];
}

/** Runs a plan to its end. Rejects only when Threadline itself is broken: a failing workflow is a result. */
export function execute(plan: Plan, request: RunRequest, ports: EnginePorts): Promise<RunResult> {
  return new Execution(plan, request, ports).run();
}

class Execution {
  private readonly plan: Plan;
  private readonly request: RunRequest;
  private readonly ports: EnginePorts;
  private readonly steps: Record<string, StepState> = Object.create(null);
  private readonly runFacts: JsonObject;
  private readonly controller = new AbortController();
  private failure: { step: string; error: ThreadlineError } | undefined;
  private stepFailed = false;

  constructor(plan: Plan, request: RunRequest, ports: EnginePorts) {
    this.plan = plan;
    this.request = request;
    this.ports = ports;
    this.runFacts = {
      id: request.id,
      workflow: plan.id,
      started_at: this.time(),
      offline: request.offline,
      status: 'running',
      error: null,
    };
  }

  async run(): Promise<RunResult> {
    const startedAt = this.ports.now();
    const { id, file, steps } = this.plan;
    this.emit({
      type: 'run-started',
      run_id: this.request.id,
      workflow: id,
      file,
      offline: this.request.offline,
      steps: steps.map((step) => step.name),
    });
    const release = this.linkSignals();
    const result = await this.runAll().finally(release);
    this.emit({ type: 'run-ended', run_id: this.request.id, duration_ms: this.ports.now() - startedAt, ...result });
    return result;
  }

  private async runAll(): Promise<RunResult> {
    let outputs: JsonObject = {};
    try {
      const scope = this.scope();
      await this.runSteps(scope);
      this.fillInSteps();
      outputs = this.outputs(scope);
    } catch (thrown) {
      this.failure ??= { step: '', error: toThreadlineError(thrown) };
    }
    const ended = this.judge();
    if (ended.status === 'succeeded' || !this.plan.onFailure) return { ...ended, outputs };
    return { ...(await this.handleFailure(this.plan.onFailure, ended)), outputs };
  }

  private judge(): Omit<RunResult, 'outputs'> {
    if (this.controller.signal.aborted) {
      const error = toThreadlineError(this.controller.signal.reason, 'cancelled');
      return { status: error.code === 'cancelled' ? 'cancelled' : 'failed', error: reportOf(error) };
    }
    if (!this.failure) return { status: 'succeeded', error: null };
    const { step, error } = this.failure;
    return {
      status: 'failed',
      error: { ...reportOf(error), message: step ? `Step \`${step}\` failed: ${error.message}` : error.message },
    };
  }

  /** The handler has a signal of its own, since the run's may be what has ended it, and cannot turn the result. */
  private async handleFailure(handler: StepPlan, ended: Omit<RunResult, 'outputs'>): Promise<Omit<RunResult, 'outputs'>> {
    Object.assign(this.runFacts, { status: ended.status, error: ended.error });
    try {
      const outcome = await this.runStep(handler, this.scope(), new AbortController().signal);
      if (outcome.status !== 'failed' || !ended.error) return ended;
      const message = `${ended.error.message} (\`on-failure\` failed too: ${outcome.error?.message})`;
      return { ...ended, error: { ...ended.error, message } };
    } catch (thrown) {
      const message = `${ended.error?.message} (\`on-failure\` failed too: ${toThreadlineError(thrown).message})`;
      return { ...ended, error: { code: 'step_failed', hint: null, ...ended.error, message } };
    }
  }

  /** Each step starts when those that it waits for have ended. `above` stands for all steps so far, in one promise. */
  private async runSteps(scope: Scope): Promise<void> {
    const ended = new Map<string, Promise<void>>();
    let above: Promise<unknown> = Promise.resolve();
    for (const step of this.plan.steps) {
      const awaited = step.needs ? Promise.all(step.needs.map((need) => ended.get(need))) : above;
      const done = awaited.then(() => this.visit(step, scope));
      ended.set(step.name, done);
      above = step.needs ? Promise.all([above, done]) : done;
    }
    await above;
  }

  private async visit(step: StepPlan, scope: Scope): Promise<void> {
    if (this.controller.signal.aborted) return;
    const reason = this.reasonToSkip(step);
    if (reason === undefined) await this.runStep(step, scope, this.controller.signal);
    else {
      this.blocked.add(step.name);
      this.record(step, { status: 'skipped', results: null, attempts: 0, reason }, 0);
    }
  }

  private reasonToSkip(step: StepPlan): string | undefined {
    if (!step.needs) return this.stepFailed ? 'an earlier step failed' : undefined;
    const missing = step.needs.find((need) => this.blocked.has(need));
    return missing === undefined
      ? undefined
      : `needs \`${missing}\`, which ${this.steps[missing]?.status === 'failed' ? 'failed' : 'did not run'}`;
  }

  /** Steps that failed, and those that were skipped for it: what needs them cannot run. */
  private readonly blocked = new Set<string>();

  private async runStep(step: StepPlan, scope: Scope, signal: AbortSignal): Promise<Outcome> {
    const startedAt = this.ports.now();
    this.emit({ type: 'step-started', step: step.name, provider: step.provider.type });
    const run = wrapStep(step, this.ports, (event) => this.emit(event));
    let outcome: Outcome;
    try {
      outcome = await run({ scope, path: step.name, item: undefined, signal });
    } catch (thrown) {
      outcome = { status: 'failed', results: null, error: toThreadlineError(thrown), attempts: 1 };
    }
    this.record(step, outcome, this.ports.now() - startedAt);
    return outcome;
  }

  private record(step: StepPlan, outcome: Outcome, durationMs: number): void {
    const error = outcome.error ? reportOf(outcome.error) : null;
    const state: StepState = {
      results: outcome.results,
      status: outcome.status,
      error,
      duration_ms: durationMs,
      attempts: outcome.attempts,
    };
    if (outcome.items) state.items = outcome.items;
    this.steps[step.name] = state;
    const failed = outcome.status === 'failed' && !step.toleratesFailure;
    if (failed && outcome.error && step !== this.plan.onFailure) {
      this.failure ??= { step: step.name, error: outcome.error };
      if (step.kind === 'step') this.stepFailed = true;
    }
    if (failed) this.blocked.add(step.name);
    const tolerated = outcome.status === 'failed' && step.toleratesFailure;
    this.emit({ type: 'step-ended', step: step.name, tolerated, reason: outcome.reason ?? null, ...state });
  }

  /** What has not run reads as skipped in what comes after all steps: outputs, on-failure. */
  private fillInSteps(): void {
    for (const { name } of this.plan.steps) {
      this.steps[name] ??= { results: null, status: 'skipped', error: null, duration_ms: 0, attempts: 0 };
    }
  }

  /** Of a run that failed or was cancelled, those outputs that can still be computed: a gate's findings, say. */
  private outputs(scope: Scope): JsonObject {
    const isWhole = !this.failure && !this.controller.signal.aborted;
    const outputs: JsonObject = {};
    for (const [name, value] of this.plan.outputs) {
      try {
        outputs[name] = value(scope);
      } catch (thrown) {
        if (isWhole) throw inOutput(name, thrown);
      }
    }
    return outputs;
  }

  private scope(): Scope {
    const { alert, incident, inputs, env, secrets } = this.request;
    const roots = { inputs, env, secrets, run: this.runFacts, steps: this.steps, actions: this.steps };
    const scope: Record<string, unknown> = Object.assign(Object.create(null), roots);
    if (alert) Object.assign(scope, { alert, event: alert });
    if (incident) scope.incident = incident;
    const consts: JsonObject = Object.create(null);
    scope.consts = consts;
    for (const [name, value] of this.plan.consts) consts[name] = value(scope);
    return scope;
  }

  private linkSignals(): () => void {
    const { signal } = this.ports;
    const cancel = () => this.controller.abort(signal.reason);
    if (signal.aborted) cancel();
    signal.addEventListener('abort', cancel, { once: true });
    const limitMs = this.plan.timeoutMs;
    const limit = new ThreadlineError('timeout', 'The run took longer than the `timeout` of its workflow.');
    const stop = () => this.controller.abort(limit);
    const timer = limitMs === undefined ? undefined : setTimeout(stop, Math.min(limitMs, LONGEST_TIMER_MS));
    return () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', cancel);
    };
  }

  private time(): string {
    return new Date(this.ports.now()).toISOString();
  }

  private emit(event: Untimed<RunEvent>): void {
    this.ports.emit({ at: this.time(), ...event } as RunEvent);
  }
}

type Untimed<Event> = Event extends unknown ? Omit<Event, 'at'> : never;

function inOutput(name: string, thrown: unknown): ThreadlineError {
  const { code, message, hint } = toThreadlineError(thrown);
  return new ThreadlineError(code, `Output \`${name}\`: ${message}`, { ...(hint === undefined ? {} : { hint }), cause: thrown });
}
