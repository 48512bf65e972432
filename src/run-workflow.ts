import { execute } from './engine/execute.ts';
import type { RunRequest } from './engine/ports.ts';
import { addCost, emptyReport, reduce } from './engine/state.ts';
import { type ErrorCode, reportOf, ThreadlineError, toThreadlineError } from './errors.ts';
import type { RunEvent, RunReport } from './event.ts';
import type { Wait } from './journal/activity.ts';
import type { Journal } from './journal/journal.ts';
import type { HeldRun } from './journal/run-store.ts';
import type { JsonObject } from './json.ts';
import { Mask } from './mask.ts';
import { openRun } from './open-run.ts';
import { parseDataFile } from './parse-data-file.ts';
import { type Plan, type ProviderCall, type Scope, signatureOf } from './plan.ts';
import { type CallHost, callProvider } from './provider/call.ts';
import type { WorkflowStart } from './provider/contract.ts';
import { requireProviders } from './provider/require.ts';
import { RunAlerts } from './run-alerts.ts';
import { holdRunLock, type RunLock } from './run-lock.ts';
import { forgetfulMemory, HeldMemory, type RunMemory } from './run-memory.ts';
import type { RunOptions } from './run-options.ts';
import { journalledPorts } from './run-ports.ts';
import { scopeOfStart, startOf, withHistory } from './run-start.ts';
import { RunThreads } from './run-threads.ts';
import { nameOfPath, pathOfTry } from './step-path.ts';
import { callWithStubs } from './stubbed-calls.ts';
import { guessResults } from './testing/result-shapes.ts';
import { StubbedRun } from './testing/stubbed-run.ts';

/**
 * Runs a plan and reports how it ended. A failing step is a report, not a rejection; rejects with `invalid_input` or
 * `missing_credentials` when the run cannot start.
 */
export async function runWorkflow(plan: Plan, options: RunOptions): Promise<RunReport> {
  const installed = new Set(options.registry.names());
  const { stubs, dryRun = false } = options;
  const guess = dryRun ? guessResults(plan) : () => null;
  const stubbed = stubs || dryRun ? new StubbedRun({ stubs, isDryRun: dryRun, installed, guess }) : undefined;
  requireProviders(plan, (place) => installed.has(place.provider) || stubbed?.covers(place) === true);
  const fileOf = (file: string | undefined) => (stubbed ? ':memory:' : (file ?? ':memory:'));
  const mask = new Mask();
  const opened =
    options.runs && !stubbed ? openRun(plan, options, options.runs, mask) : { start: startOf(plan, options, mask, stubbed) };
  if ('report' in opened) return opened.report;
  const alerts = new RunAlerts(plan, fileOf(options.alertStore));
  const locks = stubbed ? ':memory:' : (options.locks ?? ':memory:');
  const threads = new RunThreads({ threads: fileOf(options.threadStore), locks });
  const shared = { depth: 0, heldKeys: new Set<string>(), mask, alerts, threads, spent: { usd: 0 }, stubbed };
  try {
    return await runRoot(plan, opened, options, shared);
  } finally {
    await alerts.close();
    await threads.close();
  }
}

/** Says again what was said before, in a run that goes on, and keeps how it ends. */
async function runRoot(
  plan: Plan,
  { start, held }: { start: RunRequest; held?: HeldRun },
  options: RunOptions,
  shared: Omit<Surroundings, 'memory'>,
): Promise<RunReport> {
  const report = shared.stubbed ? { ...emptyReport(), calls: [] } : emptyReport();
  const hear = (event: RunEvent) => {
    reduce(report, event);
    options.onEvent?.(event);
    shared.spent.usd = report.usage.cost_usd;
  };
  if (!held) {
    // Nobody can send anything to a run that nobody keeps; where stubs stand in, its times are not waited out either.
    const isVain = shared.stubbed ? () => true : ({ untilMs }: Wait) => untilMs === undefined;
    const memory = options.remember?.(shared.mask, hear) ?? forgetfulMemory(isVain);
    return (await runAmong(plan, start, options, { ...shared, memory }, report)).report;
  }
  const kept = new HeldMemory(held, shared.mask);
  for (const event of kept.past) hear(event);
  const memory = kept.whole(() => report.usage, options.drain);
  const onEvent = (event: RunEvent) => {
    // A run that goes on has said that it started.
    if (event.type !== 'run-started' || kept.past.length === 0) options.onEvent?.(event);
  };
  await runAmong(plan, start, { ...options, onEvent }, { ...shared, memory }, report);
  const { run, error, outputs, usage } = report;
  const atMs = held.run.startedAtMs + run.duration_ms;
  if (run.status !== 'waiting' && run.status !== 'interrupted')
    await held.end({ status: run.status, atMs, error, outputs, usage });
  return report;
}

/** What a workflow shares with those that it calls. */
interface Surroundings {
  /** How many workflows are around this one. */
  depth: number;
  /** Keys that the runs around this one hold. */
  heldKeys: ReadonlySet<string>;
  mask: Mask;
  memory: RunMemory;
  alerts: RunAlerts;
  threads: RunThreads;
  /** What all of them have cost so far; null once something had no price. */
  spent: { usd: number | null };
  /** What stands in for providers, when something does. */
  stubbed: StubbedRun | undefined;
}

/** The report is masked; what a caller goes on with is not. */
interface Ended {
  report: RunReport;
  outputs: JsonObject;
  /** Why it did not start. */
  refusal?: ThreadlineError;
}

async function runAmong(
  plan: Plan,
  start: RunRequest,
  options: RunOptions,
  around: Surroundings,
  report: RunReport,
): Promise<Ended> {
  const { mask, stubbed, heldKeys, memory } = around;
  const say = (event: RunEvent) => {
    const masked = mask.apply(event);
    reduce(report, masked);
    options.onEvent?.(masked);
    return masked;
  };
  const emit = (event: RunEvent) => memory.note(say(event));
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
  const ports = journalledPorts(around.memory, { call, registry, emit, alerts: around.alerts.port, signal });
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
    call: (call) => callProvider(call, host),
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
  const within = { ...around, memory: around.memory.within(path, journal.within(path)) };
  const begin = startOf(called, options, around.mask, around.stubbed);
  const empty = around.stubbed ? { ...emptyReport(), calls: [] } : emptyReport();
  const { report, outputs, refusal } = await runAmong(called, begin, options, within, empty);
  if (report.run.status === 'succeeded') return outputs;
  const { code = 'step_failed', message = `it is ${report.run.status}`, hint, details } = report.error ?? {};
  // Said once, not once for each level.
  const said =
    code === 'recursion_limit'
      ? message.replace(/^(Step `[^`]*` failed: )+/, '')
      : `Workflow \`${called.id}\` failed: ${message}`;
  throw new ThreadlineError(code as ErrorCode, said, {
    ...(hint ? { hint } : {}),
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
