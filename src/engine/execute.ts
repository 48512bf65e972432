import { EVALUATION_CONTEXT } from '../plan/evaluation-context.ts';
import type { RunEvent } from '../plan/event.ts';
import type { OutputPlan, Plan, Scope, StepPlan } from '../plan/plan.ts';
import { extendScope, scopeWith } from '../plan/scope.ts';
import { reportOf, ThreadlineError, toThreadlineError } from '../shared/errors/errors.ts';
import { isObject, type Json, type JsonObject } from '../shared/json/json.ts';
import { isNumber } from '../shared/json/number.ts';
import type { EndedRun, EnginePorts, RunContext, RunRequest, RunResult } from './ports.ts';
import { type Failure, StepList, type StepState, type StepStates } from './step-list.ts';

/** Runs a plan to its end. Rejects only on a bug in Threadline: a failing workflow is a result. */
export function execute(plan: Plan, request: RunRequest, ports: EnginePorts): Promise<EndedRun> {
  return new Execution(plan, request, ports).run();
}

class Execution {
  private readonly plan: Plan;
  private readonly request: RunRequest;
  private readonly context: RunContext;
  private readonly states: StepStates = Object.create(null);
  private readonly flags: Record<string, unknown> = Object.create(null);
  private readonly runFacts: JsonObject;
  private readonly controller = new AbortController();
  private failure: Failure | undefined;

  constructor(plan: Plan, request: RunRequest, ports: EnginePorts) {
    this.plan = plan;
    this.request = request;
    this.context = { ports, emit: (event) => ports.emit({ at: this.time(), ...event } as RunEvent) };
    this.runFacts = {
      id: request.id,
      workflow: plan.id,
      started_at: this.startedAt(),
      offline: request.offline,
      status: 'running',
      error: null,
    };
  }

  async run(): Promise<EndedRun> {
    const startedAt = this.request.startedAtMs ?? this.context.ports.now();
    const { id, file, steps } = this.plan;
    this.context.emit({
      type: 'run-started',
      at: this.startedAt(),
      run_id: this.request.id,
      workflow: id,
      file,
      offline: this.request.offline,
      steps: steps.map((step) => step.name),
    });
    const release = this.linkSignals();
    const suspended = this.context.ports.suspended.then((status): RunResult => ({ status, outputs: {}, error: null }));
    const result = await Promise.race([this.runAll(), suspended]);
    // Keep listening: work left over from a suspended run must still be cancelled.
    if (result.status !== 'waiting' && result.status !== 'interrupted') release();
    const duration_ms = this.context.ports.now() - startedAt;
    this.context.emit({ type: 'run-ended', run_id: this.request.id, duration_ms, ...result });
    return { ...result, results: this.results() };
  }

  private async runAll(): Promise<RunResult> {
    let outputs: JsonObject = {};
    const base = this.scope();
    const scope = () => (Object.keys(this.flags).length === 0 ? base : extendScope(base, this.flags));
    const list = this.list(this.plan.steps);
    try {
      await list.run(scope, this.controller.signal);
      this.failure = list.failure;
      list.fillIn();
      outputs = this.outputs(scope());
    } catch (thrown) {
      this.failure ??= { step: '', error: toThreadlineError(thrown) };
    }
    const ended = this.ending();
    Object.assign(this.runFacts, { status: ended.status, error: ended.error });
    const handled = ended.status === 'succeeded' ? ended : await this.handleFailure(ended, scope);
    return { ...(await this.finish(handled, scope)), outputs };
  }

  private results(): JsonObject {
    const results: JsonObject = Object.create(null);
    for (const { name, state } of this.endedSteps(this.plan.steps))
      results[name] = state.items && Array.isArray(state.results) ? state.results : [state.results];
    return results;
  }

  /** Ended steps, including those inside groups but not those inside items. */
  private endedSteps(steps: readonly StepPlan[]): { name: string; state: StepState }[] {
    return steps.flatMap(({ name, group }) => {
      const state = this.states[name];
      if (!state) return [];
      const inner = state.items ? [] : (group?.branches ?? []).flatMap((branch) => this.endedSteps(branch));
      return [{ name, state }, ...inner];
    });
  }

  private list(steps: readonly StepPlan[]): StepList {
    return new StepList(steps, this.context, {
      states: this.states,
      prefix: '',
      flags: this.flags,
      stopClock: this.context.ports.stopClock,
    });
  }

  private ending(): Ending {
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

  /** Runs with its own signal, because the run's may have aborted. The handler cannot turn a failure into a success. */
  private async handleFailure(ended: Ending, scope: () => Scope): Promise<Ending> {
    const { onFailure } = this.plan;
    if (!onFailure || isSuspended(ended)) return ended;
    const list = this.list([onFailure]);
    await list.run(scope, new AbortController().signal);
    return list.failure ? withFailure(ended, 'on-failure', list.failure) : ended;
  }

  /** Runs the `finally` steps in any case; their failure fails a run that would have succeeded. */
  private async finish(ended: Ending, scope: () => Scope): Promise<Ending> {
    if (this.plan.finally.length === 0 || isSuspended(ended)) return ended;
    const list = this.list(this.plan.finally);
    await list.run(scope, new AbortController().signal);
    return list.failure ? withFailure(ended, 'finally', list.failure) : ended;
  }

  /** A run that failed or was cancelled still gives every output that can be computed, such as a gate's findings. */
  private outputs(scope: Scope): JsonObject {
    const isWhole = !this.failure && !this.controller.signal.aborted;
    const outputs: JsonObject = {};
    for (const output of this.plan.outputs) {
      try {
        outputs[output.name] = checkedOutput(output, output.value(scope));
      } catch (thrown) {
        if (isWhole) throw inOutput(output.name, thrown);
      }
    }
    return outputs;
  }

  private scope(): Scope {
    const { alert, incident, inputs, env, secrets, evaluation, lastRun } = this.request;
    const providers = Object.fromEntries(this.plan.providerFacts);
    const roots: Record<PropertyKey, unknown> = { inputs, env, secrets, providers, run: this.runFacts };
    Object.assign(roots, { steps: this.states, actions: this.states, [EVALUATION_CONTEXT]: evaluation });
    if (alert) Object.assign(roots, { alert, event: alert });
    if (incident) roots.incident = incident;
    roots.last_workflow_results = lastRun?.results ?? {};
    if (lastRun) roots.last_workflow_run_time = lastRun.at;
    return scopeWith(roots, this.plan.consts);
  }

  private linkSignals(): () => void {
    const { signal } = this.context.ports;
    const cancel = () => this.controller.abort(signal.reason);
    if (signal.aborted) cancel();
    signal.addEventListener('abort', cancel, { once: true });
    const limitMs = this.plan.timeoutMs;
    const limit = new ThreadlineError('timeout', 'The run took longer than the `timeout` of its workflow.');
    const stop = () => this.controller.abort(limit);
    const timer = limitMs === undefined ? undefined : this.context.ports.timer('.timeout', limitMs, stop);
    return () => {
      timer?.end();
      signal.removeEventListener('abort', cancel);
    };
  }

  /** A resumed run keeps its first start time. */
  private startedAt(): string {
    const { startedAtMs } = this.request;
    return startedAtMs === undefined ? this.time() : new Date(startedAtMs).toISOString();
  }

  private time(): string {
    return new Date(this.context.ports.now()).toISOString();
  }
}

type Ending = Omit<RunResult, 'outputs'>;

/** The workflow has not ended: it was called by a run that is now suspended. */
const isSuspended = ({ error }: Ending): boolean => error?.code === 'waiting';

function withFailure(ended: Ending, where: 'on-failure' | 'finally', { step, error }: Failure): Ending {
  if (ended.error) {
    const message = `${ended.error.message} (\`${where}\` failed too: ${error.message})`;
    return { ...ended, error: { ...ended.error, message } };
  }
  return {
    status: 'failed',
    error: { ...reportOf(error), message: `Step \`${step}\` of \`${where}\` failed: ${error.message}` },
  };
}

const TYPE_CHECKS: Readonly<Record<string, (value: Json) => boolean>> = {
  string: (value) => typeof value === 'string',
  number: isNumber,
  boolean: (value) => typeof value === 'boolean',
  list: Array.isArray,
  object: isObject,
};

function checkedOutput({ type }: OutputPlan, value: Json): Json {
  if (type === undefined || TYPE_CHECKS[type]?.(value)) return value;
  throw new ThreadlineError(
    'invalid_output',
    `it must be ${type === 'object' ? 'an object' : `a ${type}`}, not ${JSON.stringify(value).slice(0, 60)}.`,
  );
}

function inOutput(name: string, thrown: unknown): ThreadlineError {
  const { code, message, hint } = toThreadlineError(thrown);
  return new ThreadlineError(code, `Output \`${name}\`: ${message}`, { ...(hint === undefined ? {} : { hint }), cause: thrown });
}
