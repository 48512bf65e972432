import { setTimeout as delay } from 'node:timers/promises';
import { LONGEST_TIMER_MS } from './duration.ts';
import { execute } from './engine/execute.ts';
import { resolveInputs } from './engine/inputs.ts';
import type { RunRequest } from './engine/ports.ts';
import { emptyReport, reduce } from './engine/state.ts';
import { type ErrorCode, ThreadlineError } from './errors.ts';
import type { RunEvent, RunReport } from './event.ts';
import { isObject, type JsonObject, toJson } from './json.ts';
import { parseYaml } from './language/parse.ts';
import { Mask } from './mask.ts';
import type { Plan, ProviderCall, Scope } from './plan.ts';
import { type CallHost, callProvider, checkParams } from './provider/call.ts';
import type { WorkflowStart } from './provider/contract.ts';
import type { ProviderRegistry } from './provider/load.ts';
import { requireProviders } from './provider/require.ts';
import { RunAlerts } from './run-alerts.ts';
import { readSecrets, variable } from './secrets.ts';
import type { Settings } from './settings.ts';
import { guessResults } from './testing/result-shapes.ts';
import type { Stubs } from './testing/stub-file.ts';
import { type CallPorts, StubbedRun } from './testing/stubbed-run.ts';

export interface RunOptions {
  registry: ProviderRegistry;
  /** The environment that `env.X`, `secrets.X` and credentials are read from. */
  environment: Readonly<Record<string, string | undefined>>;
  settings?: Settings;
  inputs?: JsonObject;
  alert?: JsonObject;
  incident?: JsonObject;
  /** Configurations of `providers.yaml`. */
  providersFile?: JsonObject;
  runId?: string;
  /** The file of the alert store; in memory, and gone with the run, when there is none. */
  alertStore?: string;
  /** Answers in the place of providers, by step, by type or for all that are not installed. Alerts then stay in memory. */
  stubs?: Stubs;
  /** Calls nothing: what no stub answers gives null. */
  dryRun?: boolean;
  /** How many workflows are around this one. */
  depth?: number;
  /** Aborts to cancel the run. */
  signal?: AbortSignal;
  /** Starts the emulator, when the run is offline and a provider needs it. Resolves to its URL. */
  emulatorUrl?: () => Promise<string>;
  onEvent?(event: RunEvent): void;
}

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
  return runPlan(plan, options, stubbed);
}

async function runPlan(plan: Plan, options: RunOptions, stubbed: StubbedRun | undefined): Promise<RunReport> {
  const mask = new Mask();
  const alerts = new RunAlerts(plan, stubbed ? ':memory:' : (options.alertStore ?? ':memory:'));
  try {
    const request = await startOf(plan, options, mask, alerts, stubbed);
    return await runRequest(plan, request, { ...options, stubbed }, mask, alerts);
  } finally {
    await alerts.close();
  }
}

/** With what stands in for providers, when something does. */
type PlanOptions = RunOptions & { stubbed: StubbedRun | undefined };

async function runRequest(
  plan: Plan,
  request: RunRequest,
  options: PlanOptions,
  mask: Mask,
  alerts: RunAlerts,
): Promise<RunReport> {
  let report: RunReport = options.stubbed ? { ...emptyReport(), calls: [] } : emptyReport();
  const emit = (event: RunEvent) => {
    const masked = mask.apply(event);
    report = reduce(report, masked);
    options.onEvent?.(masked);
  };
  const host = callHost(plan, request, options, mask, emit, alerts);
  const result = await execute(plan, request, {
    call: host.call,
    emit,
    alerts: alerts.port,
    now: Date.now,
    random: Math.random,
    sleep: (_path, delayMs, signal) => delay(Math.min(delayMs, LONGEST_TIMER_MS), undefined, { signal }).catch(() => undefined),
    signal: options.signal ?? new AbortController().signal,
  });
  if (result.status === 'succeeded') await alerts.rememberRun(result.results);
  return report;
}

async function startOf(
  plan: Plan,
  options: RunOptions,
  mask: Mask,
  alerts: RunAlerts,
  stubbed: StubbedRun | undefined,
): Promise<RunRequest> {
  const { alert, incident, environment } = options;
  for (const [root, payload, given] of [
    ['alert', 'alert', alert],
    ['event', 'alert', alert],
    ['incident', 'incident', incident],
  ] as const) {
    if (plan.reads.has(root) && !given) {
      throw new ThreadlineError('invalid_input', `The workflow reads \`${root}\`, and none was given.`, {
        hint: `Give it as \`--${payload} FILE\`.`,
      });
    }
  }
  const secrets = readSecrets(plan, environment, (secret) => stubbed?.standInFor(secret));
  for (const secret of Object.values(secrets)) mask.add(secret);
  const env: JsonObject = Object.create(null);
  for (const name of plan.env) {
    const value = variable(environment, name);
    if (value !== undefined) env[name] = value;
  }
  const inputs = resolveInputs(plan.inputs, options.inputs ?? {});
  const received = await alerts.receive(alert && (toJson(alert) as JsonObject));
  const [facts, lastRun] = [await alerts.facts(), await alerts.lastRun()];
  return {
    id: options.runId ?? newRunId(),
    inputs,
    world: { now: Date.now, ...(facts ? { alerts: facts } : {}) },
    ...(lastRun ? { lastRun } : {}),
    ...(received ? { alert: received } : {}),
    ...(incident ? { incident: toJson(incident) as JsonObject } : {}),
    env,
    secrets,
    offline: options.emulatorUrl !== undefined,
  };
}

/** Sorts by time, and is unique among machines. */
export const newRunId = () => `run_${Date.now().toString(36)}${crypto.randomUUID().replaceAll('-', '').slice(0, 12)}`;

function callHost(
  plan: Plan,
  request: RunRequest,
  options: PlanOptions,
  mask: Mask,
  emit: (event: RunEvent) => void,
  alerts: RunAlerts,
): CallHost {
  // Credentials name what they read: there the whole environment can be read.
  const scope: Scope = { env: options.environment, secrets: request.secrets, inputs: request.inputs };
  // Rendered when it is used: a step fails for the configuration that it names, not for another step's.
  const configs = Object.entries(plan.providers).map(([name, value]) => [name, { get: () => value(scope), enumerable: true }]);
  const { registry, stubbed } = options;
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
    emulatorUrl: options.emulatorUrl,
    alerts: alerts.store,
    runWorkflow: (call, file, start) => runCalled(plan, request, options, emit, call, file, start),
    emit: (origin, event) => emit({ at: new Date().toISOString(), ...origin, ...event }),
    hide(config) {
      stubbed?.refuseStandIns(config);
      mask.addConfig(config);
    },
    parseData(text, file) {
      const { data, problems } = parseYaml(text, file);
      const problem = problems.find((one) => one.severity === 'error');
      if (problem)
        throw new ThreadlineError('invalid_config', `${file}:${problem.place.line}:${problem.place.column}: ${problem.message}.`);
      return isObject(data) || Array.isArray(data) ? data : null;
    },
  };
  return stubbed ? { ...host, call: callWithStubs(stubbed, host, emit) } : host;
}

/** What answers in the place of providers, for steps and for functions. */
function callWithStubs(stubbed: StubbedRun, host: CallHost, emit: (event: RunEvent) => void): CallHost['call'] {
  const ports: CallPorts = {
    async check(call) {
      const provider = await host.registry.load(call.provider);
      if (provider) checkParams(provider, call);
    },
    call: (call) => callProvider(call, stubbedHost),
    isLocal: async (provider) => (await host.registry.load(provider))?.isLocal === true,
    emit: (event) => emit({ at: new Date().toISOString(), ...event }),
  };
  const stubbedHost: CallHost = { ...host, call: (call) => stubbed.answer(call, ports) };
  return stubbedHost.call;
}

/** How deep workflows may call each other. */
const DEEPEST_CALL = 10;

/** Runs a workflow that a step calls. Its steps are seen as steps within that step, and its usage counts. */
async function runCalled(
  plan: Plan,
  request: RunRequest,
  options: PlanOptions,
  emit: (event: RunEvent) => void,
  call: ProviderCall,
  file: string,
  start: WorkflowStart,
): Promise<JsonObject> {
  const called = plan.workflows.get(file);
  const depth = (options.depth ?? 0) + 1;
  if (!called) throw new ThreadlineError('internal', `The workflow ${file} is not there.`);
  if (depth > DEEPEST_CALL)
    throw new ThreadlineError(
      'recursion_limit',
      `Workflows may call each other ${DEEPEST_CALL} levels deep: \`${called.id}\` would be one more.`,
      {
        hint: 'Is there an `if` that ends the recursion?',
      },
    );
  const { alert: _, incident: __, inputs: ___, ...shared } = options;
  const onEvent = (event: RunEvent) => {
    if (event.type !== 'run-started' && event.type !== 'run-ended') emit({ ...event, step: `${call.path}/${event.step}` });
  };
  const runId = `${request.id}/${call.path}`;
  const report = await runPlan(called, { ...shared, ...start, runId, depth, signal: call.signal, onEvent }, options.stubbed);
  if (report.run.status === 'succeeded') return report.outputs;
  const { code = 'step_failed', message = `it is ${report.run.status}`, hint } = report.error ?? {};
  throw new ThreadlineError(code as ErrorCode, `Workflow \`${called.id}\` failed: ${message}`, {
    ...(hint ? { hint } : {}),
    details: { run_id: runId, outputs: report.outputs },
  });
}
