import { setTimeout as delay } from 'node:timers/promises';
import { LONGEST_TIMER_MS } from './duration.ts';
import { execute } from './engine/execute.ts';
import { resolveInputs } from './engine/inputs.ts';
import type { RunRequest } from './engine/ports.ts';
import { emptyReport, reduce } from './engine/state.ts';
import { ThreadlineError } from './errors.ts';
import type { RunEvent, RunReport } from './event.ts';
import { isObject, type JsonObject, toJson } from './json.ts';
import { parseYaml } from './language/parse.ts';
import { Mask } from './mask.ts';
import type { Plan, Scope } from './plan.ts';
import { type CallHost, callProvider } from './provider/call.ts';
import type { ProviderRegistry } from './provider/load.ts';
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
  const mask = new Mask();
  const request = startOf(plan, options, mask);
  let report = emptyReport();
  const emit = (event: RunEvent) => {
    const masked = mask.apply(event);
    report = reduce(report, masked);
    options.onEvent?.(masked);
  };
  const host = callHost(plan, request, options, mask, emit);
  await execute(plan, request, {
    call: (call) => callProvider(call, host),
    emit,
    now: Date.now,
    random: Math.random,
    sleep: (_path, delayMs, signal) => delay(Math.min(delayMs, LONGEST_TIMER_MS), undefined, { signal }).catch(() => undefined),
    signal: options.signal ?? new AbortController().signal,
  });
  return report;
}

function startOf(plan: Plan, options: RunOptions, mask: Mask): RunRequest {
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
  return {
    id: options.runId ?? newRunId(),
    inputs: resolveInputs(plan.inputs, options.inputs ?? {}),
    ...(alert ? { alert: toJson(alert) as JsonObject } : {}),
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

function callHost(plan: Plan, request: RunRequest, options: RunOptions, mask: Mask, emit: (event: RunEvent) => void): CallHost {
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
