import { matchesGlob } from 'node:path';
import { openAlertStore } from '../alerts/store/sqlite.ts';
import type { AlertStore } from '../alerts/store/store.ts';
import { guardedFetch } from '../fetch/guarded-fetch.ts';
import { StoredJournal } from '../journal/stored-journal.ts';
import type { ProviderEvent } from '../plan/event.ts';
import type { StepTemplate } from '../plan/step-template.ts';
import type { ProviderContext, Runtime, WorkflowFiles, WorkflowSignature, WorkflowStart } from '../provider/contract.ts';
import { RunThreads } from '../run/run-threads.ts';
import { ThreadlineError } from '../shared/errors/errors.ts';
import { isObject, type Json, type JsonObject } from '../shared/json/json.ts';
import { type Logger, silentLogger } from '../shared/log/logger.ts';

/** What a function tool does in a test, in place of a step. */
export type TestStep = (args: JsonObject, signal: AbortSignal) => Json | Promise<Json>;

/** The idempotency key of a context that names none. */
export const DEFAULT_KEY = 'run-1/ask';

const steps = new WeakMap<StepTemplate, TestStep>();

/** A StepTemplate, as it arrives where a provider's schema says `Step`. */
export function testStep(run: TestStep): StepTemplate {
  const template: StepTemplate = { name: 'test', provider: 'test', config: null, render: (args) => args };
  steps.set(template, run);
  return template;
}

/** The ways to write this machine's address, where a test's own server listens. */
const THIS_MACHINE = ['127.0.0.1', 'localhost', '[::1]'];

/** What the context is made of; each part has a default that works. */
export interface TestHost {
  signal?: AbortSignal;
  /** Default: `run-1/ask`. */
  idempotencyKey?: string;
  /** Default: a log that keeps nothing. */
  log?: Logger;
  /** Private hosts that `fetch` may reach; this machine by default. */
  allowHosts?: readonly string[];
  /** The files that are there: data, or bytes. */
  files?: Record<string, Json | Uint8Array>;
  emit?(event: ProviderEvent): void;
  run?: { id: string; workflow: string; offline: boolean };
  /** Threads that outlive the call; a store of its own in memory otherwise. */
  threads?: RunThreads;
  /** An empty store in memory otherwise. */
  alerts?: AlertStore;
  prices?: Runtime['prices'];
  /** One that outlives the call; a journal of its own otherwise. */
  journal?: StoredJournal;
  /** The workflows that can be called. */
  workflows?: Record<string, { signature: WorkflowSignature; run(start: WorkflowStart): JsonObject }>;
}

/** The context that a provider's `run` takes, without a workflow around it: for tests. */
export function testContext<Config>(config: Config, host: TestHost = {}): ProviderContext<Config> {
  const { files = {}, signal = new AbortController().signal } = host;
  return {
    config,
    signal,
    idempotencyKey: host.idempotencyKey ?? DEFAULT_KEY,
    log: host.log ?? silentLogger,
    run: host.run ?? { id: 'run-1', workflow: 'triage', offline: false },
    step: { name: 'ask', path: 'ask' },
    fetch: guardedFetch(host.allowHosts ?? THIS_MACHINE, signal),
    emit: (event) => host.emit?.(event),
    files: filesOf(files),
    runtime: runtimeOf(host, signal),
  };
}

function filesOf(files: Record<string, Json | Uint8Array>): WorkflowFiles {
  const fileOf = (path: string) => {
    if (!Object.hasOwn(files, path)) throw new ThreadlineError('file_not_found', `The file ${path} does not exist.`);
    return files[path] as Json | Uint8Array;
  };
  return {
    read: async (path) => {
      const data = fileOf(path);
      const bytes = data instanceof Uint8Array ? data : new TextEncoder().encode(JSON.stringify(data));
      return { name: path.split('/').at(-1) ?? path, path: `/folder/${path}`, bytes };
    },
    find: async (pattern) => {
      const found = Object.keys(files).filter((path) => matchesGlob(path, pattern));
      return found.sort();
    },
    data: async (path) => {
      const data = fileOf(path);
      return isObject(data) ? structuredClone(data) : (data as Json);
    },
  };
}

function runtimeOf(host: TestHost, signal: AbortSignal): Runtime {
  const journal = host.journal ?? new StoredJournal();
  let { alerts } = host;
  const calledWorkflow = (path: string) => {
    const found = host.workflows?.[path];
    if (!found) throw new Error(`there is no workflow ${path}`);
    return found;
  };
  return {
    memory: journal.memoryAt('ask'),
    now: () => journal.now(),
    waitForSignal: ({ name, untilMs }) => journal.waitForSignal(`ask.wait-${name ?? ''}`, { name, untilMs, signal }),
    alerts: async () => {
      alerts ??= openAlertStore(':memory:');
      return alerts;
    },
    threads: (host.threads ?? new RunThreads({ threads: ':memory:', locks: ':memory:' })).accessOf('run-1'),
    prices: host.prices ?? {},
    budget: { maxCostUsd: undefined, spentUsd: () => 0 },
    workflow: (path) => calledWorkflow(path).signature,
    runWorkflow: async (path, start) => calledWorkflow(path).run(start),
    runStep: async (template, args, options) =>
      (steps.get(template) as TestStep)(template.render(args), options.signal ?? signal),
  };
}
