import { execute } from '../engine/execute.ts';
import type { RunRequest } from '../engine/ports.ts';
import { emptyReport, reduce } from '../engine/state.ts';
import type { Journal } from '../journal/journal.ts';
import type { RunEvent, RunReport } from '../plan/event.ts';
import type { Plan, ProviderCall } from '../plan/plan.ts';
import { nameOfPath, pathOfTry } from '../plan/step-path.ts';
import type { WorkflowStart } from '../provider/contract.ts';
import { mappedFailure } from '../provider/mapped-stack.ts';
import { reportOf, ThreadlineError } from '../shared/errors/errors.ts';
import type { JsonObject } from '../shared/json/json.ts';
import { calledPlan, hostOfRun, portsOfRun, type RunParts } from './run-host.ts';
import { holdRunLock } from './run-lock.ts';
import type { EngineRunOptions } from './run-options.ts';
import { scopeOfStart, startOf, withHistory } from './run-start.ts';
import type { SharedRun } from './shared-run.ts';

/** The report is masked; the outputs for a calling workflow are not. */
interface EndedPlan {
  report: RunReport;
  outputs: JsonObject;
  /** Set if the run could not start. */
  refusal?: ThreadlineError;
}

/** Runs a plan with the state shared by the enclosing workflows. */
export async function runPlan(
  plan: Plan,
  start: RunRequest,
  options: EngineRunOptions,
  shared: SharedRun,
  report: RunReport,
): Promise<EndedPlan> {
  const { mask, stubbed, heldKeys, memory } = shared;
  let isOver = false;
  const say = (event: RunEvent) => {
    // Work left over from a suspended run reports nothing.
    if (isOver) return event;
    const masked = mask.apply(event);
    reduce(report, masked);
    options.onEvent?.(masked);
    return masked;
  };
  const emit = (event: RunEvent) => {
    if (!isOver) memory.note(say(event), event);
  };
  const signal = options.signal ? AbortSignal.any([options.signal, memory.signal]) : memory.signal;
  const lock = await holdRunLock(plan, scopeOfStart(plan, start), {
    runId: start.id,
    leases: stubbed ? undefined : options.locks,
    hold: memory.holdKey,
    held: heldKeys,
    signal: options.drain ? AbortSignal.any([signal, options.drain]) : signal,
    emit,
  }).catch((thrown: unknown) => mappedFailure(thrown, signal.aborted ? 'cancelled' : 'internal'));
  if (lock instanceof ThreadlineError) {
    endUnstarted(plan, start, { error: lock, isDrained: options.drain?.aborted === true }, emit);
    return { report, outputs: {}, refusal: lock };
  }
  try {
    const held = lock ? { ...shared, heldKeys: new Set([...heldKeys, lock.key]) } : shared;
    const request = await withHistory(start, shared.alerts, memory.journal);
    const limited = { ...options, signal: lock ? AbortSignal.any([signal, lock.signal]) : signal };
    const caller: Caller = { plan, request, options: limited, shared: held, emit, say };
    const host = hostOfRun(caller, (...called) => runCalled(caller, ...called));
    const { status, results, outputs } = await execute(plan, request, portsOfRun(host, caller));
    if (status === 'succeeded') await shared.alerts.rememberRun(results);
    return { report, outputs };
  } finally {
    isOver = true;
    lock?.release();
  }
}

/** Reports a run that did not get its turn. Giving way to another run is not a failure. */
function endUnstarted(
  plan: Plan,
  start: RunRequest,
  { error, isDrained }: { error: ThreadlineError; isDrained: boolean },
  emit: (event: RunEvent) => void,
): void {
  const at = new Date().toISOString();
  const run = { at, run_id: start.id };
  const status = error.code === 'cancelled' || error.code === 'run_busy' ? 'cancelled' : 'failed';
  const end = isDrained ? { status: 'interrupted' as const, error: null } : ({ status, error: reportOf(error) } as const);
  emit({ ...run, type: 'run-started', workflow: plan.id, file: plan.file, offline: start.offline, steps: [] });
  emit({ ...run, type: 'run-ended', outputs: {}, duration_ms: 0, ...end });
}

/** Maximum depth of workflow calls. */
const DEEPEST_CALL = 10;

interface Caller extends RunParts {
  /** Reports an event that the called workflow has recorded. */
  say(event: RunEvent): void;
}

/** Runs a workflow that a step calls. Its steps appear within that step, and its usage counts for the run. */
async function runCalled(
  caller: Caller,
  call: ProviderCall,
  file: string,
  start: WorkflowStart,
  journal: Journal,
): Promise<JsonObject> {
  const called = calledPlan(caller.plan, file);
  // Each attempt is a separate run.
  const path = pathOfTry(call.path, call.attempt ?? 1);
  const shared = sharedWithCalled(called, caller.shared);
  const { alert: _, incident: __, inputs: ___, ...inherited } = caller.options;
  const runId = `${caller.request.id}/${path}`;
  const onEvent = (event: RunEvent) => {
    if (event.type === 'run-waiting') caller.say(event);
    else if (event.type !== 'run-started' && event.type !== 'run-ended')
      caller.say({ ...event, step: `${nameOfPath(path)}/${event.step}` });
  };
  const options = { ...inherited, ...start, runId, signal: call.signal, onEvent };
  const within = {
    ...shared,
    stopClock: call.stopClock,
    heldLimits: new Set([...shared.heldLimits, ...(call.limits ?? [])]),
    memory: shared.memory.within(path, journal.within(path)),
  };
  const begin = startOf(called, options, shared.mask, shared.stubbed);
  const empty = shared.stubbed ? { ...emptyReport(), calls: [] } : emptyReport();
  const { report, outputs, refusal } = await runPlan(called, begin, options, within, empty);
  if (report.run.status === 'succeeded') return outputs;
  const { code = 'step_failed', message = `it is ${report.run.status}`, hint, details, stack } = report.error ?? {};
  // Name only the deepest step, not one for each level.
  const said =
    code === 'recursion_limit'
      ? message.replace(/^(Step `[^`]*` failed: )+/, '')
      : `Workflow \`${called.id}\` failed: ${message}`;
  throw new ThreadlineError(code, said, {
    ...(hint ? { hint } : {}),
    ...(stack ? { trace: stack } : {}),
    ...(refusal ? { retryable: refusal.retryable } : {}),
    details: { ...details, run_id: runId, outputs: report.outputs },
  });
}

function sharedWithCalled(called: Plan, shared: SharedRun): SharedRun {
  if (shared.depth < DEEPEST_CALL) return { ...shared, depth: shared.depth + 1, alerts: shared.alerts.ofCalled(called) };
  const message = `Workflows may call each other ${DEEPEST_CALL} levels deep: \`${called.id}\` would be one more.`;
  throw new ThreadlineError('recursion_limit', message, { hint: 'Is there an `if` that ends the recursion?' });
}
