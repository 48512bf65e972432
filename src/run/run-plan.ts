import { execute } from '../engine/execute.ts';
import type { RunRequest } from '../engine/ports.ts';
import { addCost, emptyReport, reduce } from '../engine/state.ts';
import type { Journal } from '../journal/journal.ts';
import { parseDataFile } from '../language/parse-data-file.ts';
import type { RunEvent, RunReport } from '../plan/event.ts';
import { type Plan, type ProviderCall, type Scope, signatureOf } from '../plan/plan.ts';
import { nameOfPath, pathOfTry } from '../plan/step-path.ts';
import { type CallHost, callProvider } from '../provider/call.ts';
import type { WorkflowStart } from '../provider/contract.ts';
import { reportOf, ThreadlineError, toThreadlineError } from '../shared/errors/errors.ts';
import type { JsonObject } from '../shared/json/json.ts';
import { holdRunLock, type RunLock } from './run-lock.ts';
import type { RunOptions } from './run-options.ts';
import { journalledPorts } from './run-ports.ts';
import { scopeOfStart, startOf, withHistory } from './run-start.ts';
import { callWithStubs } from './stubbed-calls.ts';
import type { Surroundings } from './surroundings.ts';

/** The report is masked; what a caller goes on with is not. */
interface Ended {
  report: RunReport;
  outputs: JsonObject;
  /** Why it did not start. */
  refusal?: ThreadlineError;
}

/** Runs a plan, with what the workflows around it share. */
export async function runAmong(
  plan: Plan,
  start: RunRequest,
  options: RunOptions,
  around: Surroundings,
  report: RunReport,
): Promise<Ended> {
  const { mask, stubbed, heldKeys, memory } = around;
  let isOver = false;
  const say = (event: RunEvent) => {
    // Nobody listens to what goes down with a run that was put aside.
    if (isOver) return event;
    const masked = mask.apply(event);
    reduce(report, masked);
    options.onEvent?.(masked);
    return masked;
  };
  const emit = (event: RunEvent) => {
    if (!isOver) memory.note(say(event));
  };
  const signal = options.signal ? AbortSignal.any([options.signal, memory.signal]) : memory.signal;
  const lock = await holdRunLock(plan, scopeOfStart(plan, start), {
    runId: start.id,
    leases: stubbed ? undefined : options.locks,
    hold: memory.holdKey,
    held: heldKeys,
    signal: options.drain ? AbortSignal.any([signal, options.drain]) : signal,
    emit,
  }).catch((thrown: unknown) => toThreadlineError(thrown, signal.aborted ? 'cancelled' : 'internal'));
  if (lock instanceof ThreadlineError) {
    endUnstarted(plan, start, { error: lock, isDrained: options.drain?.aborted === true }, emit);
    return { report, outputs: {}, refusal: lock };
  }
  try {
    const inner = lock ? { ...around, heldKeys: new Set([...heldKeys, lock.key]) } : around;
    const request = await withHistory(start, around.alerts, memory.journal);
    const outputs = await runRequest(plan, request, { ...options, signal }, { lock, emit, say, around: inner });
    return { report, outputs };
  } finally {
    isOver = true;
    lock?.release();
  }
}

/** A run that never came to its turn has a report, too. Giving way to another run is no failure. */
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

interface RunParts {
  lock: RunLock | undefined;
  around: Surroundings;
  emit(event: RunEvent): void;
  /** The same, but for what has been noted where it came from. */
  say(event: RunEvent): void;
}

async function runRequest(plan: Plan, request: RunRequest, given: RunOptions, parts: RunParts): Promise<JsonObject> {
  const { lock, emit, around } = parts;
  const signals = [given.signal, lock?.signal].filter((signal) => signal !== undefined);
  const signal = AbortSignal.any(signals);
  const options = { ...given, signal };
  const { call, registry } = callHost(plan, request, options, parts);
  const ports = journalledPorts(around.memory, {
    call,
    registry,
    emit,
    alerts: around.alerts.port,
    signal,
    stopClock: around.stopClock,
  });
  const result = await execute(plan, request, ports);
  if (result.status === 'succeeded') await around.alerts.rememberRun(result.results);
  return result.outputs;
}

function callHost(plan: Plan, request: RunRequest, options: RunOptions, { emit, say, around }: RunParts): CallHost {
  const { mask, alerts, threads, stubbed } = around;
  // Credentials name what they read: there the whole environment can be read.
  const scope: Scope = { env: options.environment, secrets: request.secrets, inputs: request.inputs };
  // Rendered when it is used: a step fails for the configuration that it names, not for another step's.
  const configs = Object.entries(plan.providers).map(([name, value]) => [name, { get: () => value(scope), enumerable: true }]);
  const { registry } = options;
  const host: CallHost = {
    registry,
    call(call) {
      const work = callProvider(call, host).finally(() => around.calls.delete(work));
      around.calls.add(work);
      return work;
    },
    credentials: {
      file: options.providersFile ?? {},
      workflow: Object.create(null, Object.fromEntries(configs)),
      environment: options.environment,
    },
    run: { id: request.id, workflow: plan.id, offline: request.offline },
    workflowFile: plan.file,
    workingFolder: process.cwd(),
    http: { allowHosts: options.settings?.http?.allow_hosts ?? [] },
    prices: options.settings?.prices ?? {},
    budget: { maxCostUsd: options.maxCostUsd, spentUsd: () => around.spent.usd },
    emulatorUrl: options.emulatorUrl,
    alerts: alerts.store,
    threads: threads.accessOf(request.id),
    limits: around.limits.besides(around.heldLimits),
    journal: around.memory.journal,
    workflow: (file) => signatureOf(calledPlan(plan, file)),
    runWorkflow: (call, file, start, journal) =>
      runCalled({ plan, request, options, say, around: around }, { call, file, start, journal }),
    emit(origin, event) {
      if (event.type === 'usage') around.spent.usd = addCost(around.spent.usd, event.usage.cost_usd);
      emit({ at: new Date().toISOString(), ...origin, ...event });
    },
    hide(config) {
      stubbed?.refuseStandIns(config);
      mask.addConfig(config);
    },
    parseData: parseDataFile,
  };
  return stubbed ? { ...host, call: callWithStubs(stubbed, host, emit) } : host;
}

/** How deep workflows may call each other. */
const DEEPEST_CALL = 10;

interface Caller {
  plan: Plan;
  request: RunRequest;
  options: RunOptions;
  say(event: RunEvent): void;
  around: Surroundings;
}

interface WorkflowCall {
  call: ProviderCall;
  file: string;
  start: WorkflowStart;
  journal: Journal;
}

/** Runs a workflow that a step calls. Its steps are seen as steps within that step, and its usage counts. */
async function runCalled(caller: Caller, { call, file, start, journal }: WorkflowCall): Promise<JsonObject> {
  const called = calledPlan(caller.plan, file);
  // Each try is a run of its own.
  const path = pathOfTry(call.path, call.attempt ?? 1);
  const around = aroundCalled(called, caller.around);
  const { alert: _, incident: __, inputs: ___, ...shared } = caller.options;
  const runId = `${caller.request.id}/${path}`;
  const onEvent = (event: RunEvent) => {
    if (event.type === 'run-waiting') caller.say(event);
    else if (event.type !== 'run-started' && event.type !== 'run-ended')
      caller.say({ ...event, step: `${nameOfPath(path)}/${event.step}` });
  };
  const options = { ...shared, ...start, runId, signal: call.signal, onEvent };
  const within = {
    ...around,
    stopClock: call.stopClock,
    heldLimits: new Set([...around.heldLimits, ...(call.limits ?? [])]),
    memory: around.memory.within(path, journal.within(path)),
  };
  const begin = startOf(called, options, around.mask, around.stubbed);
  const empty = around.stubbed ? { ...emptyReport(), calls: [] } : emptyReport();
  const { report, outputs, refusal } = await runAmong(called, begin, options, within, empty);
  if (report.run.status === 'succeeded') return outputs;
  const { code = 'step_failed', message = `it is ${report.run.status}`, hint, details, stack } = report.error ?? {};
  // Said once, not once for each level.
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

function calledPlan(plan: Plan, file: string): Plan {
  const called = plan.workflows.get(file);
  if (called) return called;
  throw new ThreadlineError('internal', `The workflow ${file} is not there.`);
}

function aroundCalled(called: Plan, around: Surroundings): Surroundings {
  if (around.depth < DEEPEST_CALL) return { ...around, depth: around.depth + 1, alerts: around.alerts.ofCalled(called) };
  const message = `Workflows may call each other ${DEEPEST_CALL} levels deep: \`${called.id}\` would be one more.`;
  throw new ThreadlineError('recursion_limit', message, { hint: 'Is there an `if` that ends the recursion?' });
}
