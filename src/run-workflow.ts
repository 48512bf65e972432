import { setTimeout as delay } from 'node:timers/promises';
import { LONGEST_TIMER_MS } from './duration.ts';
import { execute } from './engine/execute.ts';
import { resolveInputs } from './engine/inputs.ts';
import { nameOfPath, pathOfTry } from './engine/path.ts';
import type { RunRequest } from './engine/ports.ts';
import { emptyReport, reduce } from './engine/state.ts';
import { type ErrorCode, ThreadlineError } from './errors.ts';
import type { RunEvent, RunReport } from './event.ts';
import { isObject, type JsonObject, toJson } from './json.ts';
import { parseYaml } from './language/parse.ts';
import { Mask } from './mask.ts';
import type { Plan, ProviderCall, Scope } from './plan.ts';
import { type CallHost, callProvider } from './provider/call.ts';
import type { WorkflowStart } from './provider/contract.ts';
import type { ProviderRegistry } from './provider/load.ts';
import { RunAlerts } from './run-alerts.ts';
import type { Settings } from './settings.ts';

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
  const alerts = new RunAlerts(plan, options.alertStore ?? ':memory:');
  try {
    return (await runAmong(plan, options, { depth: 0, mask: new Mask(), alerts })).report;
  } finally {
    await alerts.close();
  }
}

/** What a workflow shares with those that it calls. */
interface Surroundings {
  /** How many workflows are around this one. */
  depth: number;
  mask: Mask;
  alerts: RunAlerts;
}

/** The report is masked; what a caller goes on with is not. */
async function runAmong(
  plan: Plan,
  options: RunOptions,
  around: Surroundings,
): Promise<{ report: RunReport; outputs: JsonObject }> {
  const { mask, alerts } = around;
  const request = await startOf(plan, options, mask, alerts);
  let report = emptyReport();
  const emit = (event: RunEvent) => {
    const masked = mask.apply(event);
    report = reduce(report, masked);
    options.onEvent?.(masked);
  };
  const host = callHost(plan, request, options, emit, around);
  const result = await execute(plan, request, {
    call: (call) => callProvider(call, host),
    emit,
    alerts: alerts.port,
    now: Date.now,
    random: Math.random,
    sleep: (_path, delayMs, signal) => delay(Math.min(delayMs, LONGEST_TIMER_MS), undefined, { signal }).catch(() => undefined),
    signal: options.signal ?? new AbortController().signal,
  });
  if (result.status === 'succeeded') await alerts.rememberRun(result.results);
  return { report, outputs: result.outputs };
}

async function startOf(plan: Plan, options: RunOptions, mask: Mask, alerts: RunAlerts): Promise<RunRequest> {
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
  const secrets = readSecrets(plan, environment);
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

const variable = (environment: RunOptions['environment'], name: string): string | undefined =>
  Object.hasOwn(environment, name) ? environment[name] : undefined;

function readSecrets(plan: Plan, environment: RunOptions['environment']): JsonObject {
  const secrets: JsonObject = Object.create(null);
  const missing: string[] = [];
  for (const read of plan.reads) {
    if (!read.startsWith('secrets.')) continue;
    const name = read.slice('secrets.'.length);
    const value = variable(environment, name);
    if (value === undefined) missing.push(name);
    else secrets[name] = value;
  }
  if (missing.length === 0) return secrets;
  const names = missing.map((name) => `\`${name}\``).join(', ');
  throw new ThreadlineError('missing_credentials', `${missing.length > 1 ? 'Secrets are' : 'A secret is'} not set: ${names}.`, {
    hint: `Set the environment variable${missing.length > 1 ? 's' : ''} ${missing.join(', ')}.`,
  });
}

function callHost(
  plan: Plan,
  request: RunRequest,
  options: RunOptions,
  emit: (event: RunEvent) => void,
  around: Surroundings,
): CallHost {
  const { mask, alerts } = around;
  const scope: Scope = { env: request.env, secrets: request.secrets, inputs: request.inputs };
  // Rendered when it is used: a step fails for the configuration that it names, not for another step's.
  const configs = Object.entries(plan.providers).map(([name, value]) => [name, { get: () => value(scope), enumerable: true }]);
  return {
    registry: options.registry,
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
    runWorkflow: (call, file, start) => runCalled({ plan, request, options, emit, around }, call, file, start),
    emit: (origin, event) => emit({ at: new Date().toISOString(), ...origin, ...event }),
    hide: (config) => mask.addConfig(config),
    parseData(text, file) {
      const { data, problems } = parseYaml(text, file);
      const problem = problems.find((one) => one.severity === 'error');
      if (problem)
        throw new ThreadlineError('invalid_config', `${file}:${problem.place.line}:${problem.place.column}: ${problem.message}.`);
      return isObject(data) || Array.isArray(data) ? data : null;
    },
  };
}

/** How deep workflows may call each other. */
const DEEPEST_CALL = 10;

interface Caller {
  plan: Plan;
  request: RunRequest;
  options: RunOptions;
  emit(event: RunEvent): void;
  around: Surroundings;
}

/** Runs a workflow that a step calls. Its steps are seen as steps within that step, and its usage counts. */
async function runCalled(caller: Caller, call: ProviderCall, file: string, start: WorkflowStart): Promise<JsonObject> {
  const called = caller.plan.workflows.get(file);
  if (!called) throw new ThreadlineError('internal', `The workflow ${file} is not there.`);
  const around = aroundCalled(called, caller.around);
  const { alert: _, incident: __, inputs: ___, ...shared } = caller.options;
  // Each try is a run of its own.
  const path = pathOfTry(call.path, call.attempt ?? 1);
  const runId = `${caller.request.id}/${path}`;
  const onEvent = (event: RunEvent) => {
    if (event.type !== 'run-started' && event.type !== 'run-ended')
      caller.emit({ ...event, step: `${nameOfPath(path)}/${event.step}` });
  };
  const { report, outputs } = await runAmong(called, { ...shared, ...start, runId, signal: call.signal, onEvent }, around);
  if (report.run.status === 'succeeded') return outputs;
  const { code = 'step_failed', message = `it is ${report.run.status}`, hint, details } = report.error ?? {};
  throw new ThreadlineError(code as ErrorCode, `Workflow \`${called.id}\` failed: ${message}`, {
    ...(hint ? { hint } : {}),
    details: { ...details, run_id: runId, outputs: report.outputs },
  });
}

function aroundCalled(called: Plan, { depth, mask, alerts }: Surroundings): Surroundings {
  if (depth < DEEPEST_CALL) return { depth: depth + 1, mask, alerts: alerts.ofCalled(called) };
  const message = `Workflows may call each other ${DEEPEST_CALL} levels deep: \`${called.id}\` would be one more.`;
  throw new ThreadlineError('recursion_limit', message, { hint: 'Is there an `if` that ends the recursion?' });
}
