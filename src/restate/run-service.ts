import { hash } from 'node:crypto';
import { handlers, TerminalError, type WorkflowContext, type WorkflowSharedContext, workflow } from '@restatedev/restate-sdk';
import { emptyReport } from '../engine/state.ts';
import { StoredJournal } from '../journal/stored-journal.ts';
import type { LeaseTable } from '../locks/lease-table.ts';
import type { RunEvent } from '../plan/event.ts';
import { NO_STEPS, type RunMemory } from '../run/run-memory.ts';
import type { RunOptions } from '../run/run-options.ts';
import { runWithEngine } from '../run/run-workflow.ts';
import { reportOf, ThreadlineError, toThreadlineError } from '../shared/errors/errors.ts';
import type { Json } from '../shared/json/json.ts';
import { loggerTo } from '../shared/log/logger.ts';
import { randomNumbers } from '../shared/random/random-numbers.ts';
import type { Mask } from '../shared/text/mask.ts';
import { Effects } from './effects.ts';
import type { Ingress } from './ingress.ts';
import { jsonSerde } from './json-serde.ts';
import { laneLocks } from './lane-lock.ts';
import type { PlanCache } from './plan-cache.ts';
import { RemoteStorage } from './remote-storage.ts';
import { RestateJournal, type WorkGate } from './restate-journal.ts';
import type { DistributedRun, RunAnswer, RunGiven, RunState, RunSummaryEnd, RunWait } from './run-request.ts';
import { MEMORY, RETENTION_MS, RUNS } from './services.ts';
import { peekSignal, SignalSlots, sendSignal } from './signal-slots.ts';
import { recordEvent } from './work-events.ts';

/** The parts of a worker that runs share. */
export interface RunHost {
  plans: PlanCache;
  /** The options of the worker's process; a run adds the ones that it brings along. */
  options: Pick<RunOptions, 'registry' | 'environment' | 'settings' | 'providersFile' | 'alertStore' | 'threadStore'>;
  ingress: Ingress;
  /** Locks of threads, which calls hold. */
  leases: LeaseTable;
  /** The gate for the work of one run. */
  gateFor(attemptEnd: AbortSignal): WorkGate;
}

/** Each run is a workflow at the server, under the run's id. */
export const runService = (host: RunHost) =>
  workflow({
    name: RUNS,
    handlers: {
      run: (context: WorkflowContext, request: DistributedRun): Promise<RunAnswer> => new Attempt(context, request, host).run(),
      /** Sends a signal to the first wait for the name, now or later. */
      send: handlers.workflow.shared(async (context: WorkflowSharedContext, { name, data }: { name: string; data: Json }) => {
        const at = await context.date.now();
        await sendSignal(context, name, { at, data });
      }),
      peek: handlers.workflow.shared(async (context: WorkflowSharedContext, which: { name: string; slot: number }) => {
        const sent = await peekSignal(context, which);
        return sent ? { sent } : {};
      }),
      state: handlers.workflow.shared(
        (context: WorkflowSharedContext): Promise<RunState | null> => context.get<RunState>('state'),
      ),
      request: handlers.workflow.shared(
        (context: WorkflowSharedContext): Promise<RunGiven | null> => context.get<RunGiven>('request'),
      ),
      /** Returns false for a run that no worker has begun, or that has ended. */
      cancel: handlers.workflow.shared(async (context: WorkflowSharedContext): Promise<boolean> => {
        const state = await context.get<RunState>('state');
        const invocation = await context.get<ReturnType<WorkflowContext['request']>['id']>('invocation');
        if (invocation === null || state?.status === 'ended') return false;
        context.cancel(invocation);
        return true;
      }),
    },
    options: {
      serde: jsonSerde,
      workflowRetention: RETENTION_MS,
      journalRetention: RETENTION_MS,
      // A model may take long to answer; a worker that dies is noticed by its connection.
      abortTimeout: 24 * 3_600_000,
      // A run's failure is its result: only attempts whose worker has gone are retried.
      retryPolicy: { initialInterval: 100, maxInterval: 2000, maxAttempts: 1_000_000 },
      // A run whose replay differs waits for the version of the worker that it began with.
      onJournalMismatchErrors: 'pause',
      asTerminalError: (error) => (error instanceof ThreadlineError ? new TerminalError(error.message) : undefined),
    },
  });

/** An attempt at a run on this worker: the first, or a replay. */
class Attempt {
  private readonly context: WorkflowContext;
  private readonly request: DistributedRun;
  private readonly host: RunHost;
  private readonly effects = new Effects();
  private readonly cancelled = new AbortController();
  /** Aborts when this attempt is over, even if the run is not. */
  private readonly left = new AbortController();
  private readonly clock = { ms: 0 };
  private readonly events: RunEvent[] = [];
  private waits = '[]';
  /** Masks secrets in what clients read. */
  private hide = (waits: RunWait[]) => waits;
  private startedAtMs = 0;

  constructor(context: WorkflowContext, request: DistributedRun, host: RunHost) {
    this.context = context;
    this.request = request;
    this.host = host;
  }

  async run(): Promise<RunAnswer> {
    const { context } = this;
    const leave = () => this.left.abort(new ThreadlineError('waiting', 'The run leaves this worker and resumes on another one.'));
    context.request().attemptCompletedSignal.addEventListener('abort', leave, { once: true });
    this.startedAtMs = await context.date.now();
    this.clock.ms = this.startedAtMs;
    context.set('invocation', context.request().id);
    const { inputs, alert, incident } = this.request;
    context.set<RunGiven>('request', { inputs, ...(alert ? { alert } : {}), ...(incident ? { incident } : {}) });
    this.setState('running', []);
    const answer = await this.effects.drive(() => this.interpret(), {
      onCancel: () => this.cancelled.abort(new ThreadlineError('cancelled', 'The run was cancelled.')),
      beforeWait: () => this.reportWaits(),
    });
    this.setState('ended', [], endOf(answer));
    context.genericSend({ service: MEMORY, method: 'clear', key: context.key, parameter: new Uint8Array() });
    return answer;
  }

  private async interpret(): Promise<RunAnswer> {
    const { file: _, workflow: __, texts: ___, actionsFile: ____, seal: _____, timeoutMs, ...start } = this.request;
    try {
      const plan = await this.host.plans.planOf(this.request);
      const limited = timeoutMs === undefined ? plan : { ...plan, timeoutMs };
      const report = await runWithEngine(limited, {
        ...this.host.options,
        locks: this.host.leases,
        ...start,
        runId: this.context.key,
        // The console of the context is silent on replay.
        log: loggerTo((level, message, fields) => this.context.console[level](message, fields)),
        remember: (mask, hear) => this.memory(mask, hear),
        onEvent: (event) => {
          recordEvent(event);
          if (event.type !== 'text-delta') this.events.push(event);
        },
      });
      return { report, events: this.events };
    } catch (thrown) {
      return { refusal: reportOf(toThreadlineError(thrown)) };
    }
  }

  private memory(mask: Mask, hear: (event: RunEvent) => void): RunMemory {
    const { context, host, request } = this;
    this.hide = (waits) => mask.apply(waits);
    const seals = {
      seal: (data: Json) => mask.seal(data, request.seal),
      unseal: (data: Json) => mask.unseal(data, request.seal),
    };
    const onReplayed = (events: readonly RunEvent[]) => events.forEach(hear);
    const journal = new RestateJournal({
      ...seals,
      context,
      effects: this.effects,
      signals: new SignalSlots(),
      recorded: new Map(),
      clock: this.clock,
      random: randomNumbers(Number.parseInt(hash('sha256', context.key, 'hex').slice(0, 8), 16)),
      inner: new StoredJournal(new RemoteStorage(host.ingress, context.key, { ...seals, left: this.left.signal, onReplayed })),
      work: host.gateFor(context.request().attemptCompletedSignal),
      onReplayed,
    });
    const holdKey = laneLocks(context, this.effects);
    const memory = (inner: RunMemory['journal']): RunMemory => ({
      journal: inner,
      // The context cannot be used within a call: a lease holds the key there.
      holdKey: inner instanceof RestateJournal ? holdKey : undefined,
      steps: NO_STEPS,
      note: () => undefined,
      // The server ends the attempt of a run that waits; the interpreter notices nothing.
      suspended: new Promise(() => undefined),
      signal: AbortSignal.any([this.cancelled.signal, this.left.signal]),
      within: (_, called) => memory(called),
    });
    return memory(journal);
  }

  private reportWaits(): void {
    const { waits } = this.effects;
    const reported = JSON.stringify(waits);
    if (reported === this.waits) return;
    this.waits = reported;
    this.setState(waits.length === 0 ? 'running' : 'waiting', this.hide(waits));
  }

  private setState(status: RunState['status'], waits: RunWait[], end?: RunSummaryEnd): void {
    const { workflow, file } = this.request;
    const state: RunState = { status, waits, startedAtMs: this.startedAtMs, workflow, file, ...(end ? { end } : {}) };
    this.context.set('state', state);
  }
}

function endOf(answer: RunAnswer): RunSummaryEnd {
  if ('refusal' in answer) return { status: 'failed', durationMs: 0, usage: emptyReport().usage, error: answer.refusal };
  const { run, usage, error } = answer.report;
  return { status: run.status, durationMs: run.duration_ms, usage, error };
}
