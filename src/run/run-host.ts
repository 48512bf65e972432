import type { EnginePorts, RunRequest } from '../engine/ports.ts';
import { captureOutcome, resultsOrThrow } from '../journal/call-outcome.ts';
import type { Journal } from '../journal/journal.ts';
import { parseDataFile } from '../language/parse-data-file.ts';
import type { RunEvent } from '../plan/event.ts';
import { type AlertPort, type Plan, type Scope, signatureOf } from '../plan/plan.ts';
import { addAmount } from '../plan/usage.ts';
import { callOnce, checkParams } from '../provider/call.ts';
import type { CallHost } from '../provider/call-host.ts';
import { ThreadlineError } from '../shared/errors/errors.ts';
import type { Json } from '../shared/json/json.ts';
import { silentLogger } from '../shared/log/logger.ts';
import type { StubbedRun } from '../stubs/stubbed-run.ts';
import type { EngineRunOptions } from './run-options.ts';
import type { SharedRun } from './shared-run.ts';
import { configurationsOf } from './static-scope.ts';

/** The run of a plan: the run itself, or a workflow that it calls. */
export interface RunParts {
  plan: Plan;
  request: RunRequest;
  options: EngineRunOptions & { signal: AbortSignal };
  shared: SharedRun;
  /** Stores an event and reports it. */
  emit(event: RunEvent): void;
}

/** Services of the run for providers. */
export function hostOfRun({ plan, request, options, shared, emit }: RunParts, runWorkflow: CallHost['runWorkflow']): CallHost {
  const { mask, alerts, threads, stubbed } = shared;
  // Credentials may read any environment variable, listed or not.
  const scope: Scope = { env: options.environment, secrets: request.secrets, inputs: request.inputs };
  return {
    registry: options.registry,
    track(work) {
      shared.calls.add(work);
      const forget = () => shared.calls.delete(work);
      work.then(forget, forget);
    },
    credentials: {
      file: options.providersFile ?? {},
      workflow: configurationsOf(plan, scope),
      environment: options.environment,
    },
    log: options.log ?? silentLogger,
    run: { id: request.id, workflow: plan.id, offline: request.offline },
    workflowFile: plan.file,
    workingFolder: options.workingFolder ?? process.cwd(),
    http: { allowHosts: options.settings?.http?.allow_hosts ?? [] },
    prices: options.settings?.prices ?? {},
    budget: { maxCostUsd: options.maxCostUsd, spentUsd: () => shared.spent.usd },
    emulatorUrl: options.emulatorUrl,
    alerts: alerts.store,
    threads: threads.accessOf(request.id),
    limits: shared.limits.besides(shared.heldLimits),
    journal: shared.memory.journal,
    workflow: (file) => signatureOf(calledPlan(plan, file)),
    runWorkflow,
    emit(origin, event) {
      if (event.type === 'usage') shared.spent.usd = addAmount(shared.spent.usd, event.usage.cost_usd);
      emit({ at: new Date().toISOString(), ...origin, ...event });
    },
    hide(config) {
      stubbed?.refuseStandIns(config);
      mask.addConfig(config);
    },
    parseData: parseDataFile,
    ...(stubbed ? standIns(stubbed, emit) : {}),
  };
}

/** Stubs that answer instead of providers and people. */
const standIns = (stubbed: StubbedRun, emit: RunParts['emit']): Pick<CallHost, 'standIn' | 'answerQuestion'> => ({
  answerQuestion: (question) => stubbed.answerQuestion(question),
  standIn: (call, provider, ask) =>
    stubbed.answer(call, {
      isLocal: provider?.isLocal?.(call.params) === true,
      check: () => provider && checkParams(provider, call),
      ask,
      emit: (event) => emit({ at: new Date().toISOString(), ...event }),
    }),
});

/** Connects the engine to the run through the journal, which answers for everything that was done before. */
export function portsOfRun(host: CallHost, { options, shared, emit }: RunParts): EnginePorts {
  const { memory, alerts, stopClock } = shared;
  const { journal, steps, suspended } = memory;
  const { signal } = options;
  return {
    call: (call) => callOnce(call, host, journal),
    emit,
    alerts: journalledAlerts(alerts.port, journal, signal),
    memory: steps,
    suspended,
    stopClock,
    now: () => journal.now(),
    random: () => journal.random(),
    sleep: (path, delayMs, until) => journal.sleep(path, delayMs, until),
    timer: (path, delayMs, onEnd) => journal.timer(path, delayMs, onEnd),
    signal,
  };
}

function journalledAlerts(alerts: AlertPort, journal: Journal, signal: AbortSignal): AlertPort {
  const once = (path: string, work: () => Promise<Json>) =>
    journal.run(path, () => captureOutcome(work, signal)).then(resultsOrThrow);
  return {
    async enrich(target, enrichment) {
      await once(`${enrichment.by}.enrich-${target.kind}`, () => alerts.enrich(target, enrichment).then(() => null));
    },
    hasRunSinceFiring: async (path, action, fingerprint) =>
      (await once(`${path}.throttle`, () => alerts.hasRunSinceFiring(path, action, fingerprint))) === true,
    // Idempotent, so tracking is enough.
    noteRun: (action, fingerprint) => journal.track(`${action}.throttle`, () => alerts.noteRun(action, fingerprint)),
  };
}

export function calledPlan(plan: Plan, file: string): Plan {
  const called = plan.workflows.get(file);
  if (called) return called;
  throw new ThreadlineError('internal', `The workflow ${file} is not there.`);
}
