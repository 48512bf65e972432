import type { RunRequest } from '../engine/ports.ts';
import { emptyReport, reduce } from '../engine/state.ts';
import type { Wait } from '../journal/activity.ts';
import type { OwnedRun } from '../journal/run-store.ts';
import type { RunEvent, RunReport } from '../plan/event.ts';
import type { Plan } from '../plan/plan.ts';
import { severityNotices } from '../plan/severity-notices.ts';
import { requireProviders } from '../provider/require-providers.ts';
import { Mask } from '../shared/text/mask.ts';
import { guessResults } from '../stubs/result-shapes.ts';
import { StubbedRun } from '../stubs/stubbed-run.ts';
import { openRun } from './open-run.ts';
import { requireConfigurations } from './require-configurations.ts';
import { RunAlerts } from './run-alerts.ts';
import { RunLimits } from './run-limits.ts';
import { withRunLog } from './run-log.ts';
import { inMemoryRunMemory, StoredRunMemory } from './run-memory.ts';
import type { EngineRunOptions, RunOptions } from './run-options.ts';
import { runPlan } from './run-plan.ts';
import { requireRunId, startOf } from './run-start.ts';
import { RunThreads } from './run-threads.ts';
import type { SharedRun } from './shared-run.ts';

/**
 * Runs a plan and reports how it ended. A failing step is a report, not a rejection; rejects with `invalid_input`,
 * `missing_credentials` or `invalid_config` when the run cannot start.
 */
export const runWorkflow = (plan: Plan, options: RunOptions): Promise<RunReport> => runWithEngine(plan, options);

/** Like `runWorkflow`, but an engine may keep the run's journal and leases. */
export async function runWithEngine(plan: Plan, options: EngineRunOptions): Promise<RunReport> {
  if (options.runId !== undefined) requireRunId(options.runId);
  const installed = new Set(options.registry.names());
  const { stubs, dryRun = false } = options;
  const guess = dryRun ? guessResults(plan) : () => null;
  const stubbed = stubs || dryRun ? new StubbedRun({ stubs, isDryRun: dryRun, installed, guess }) : undefined;
  requireProviders(plan, (place) => installed.has(place.provider) || stubbed?.covers(place) === true);
  await requireConfigurations(plan, {
    options,
    isAsked: (place) => stubbed?.covers(place) !== true,
    standInFor: (secret) => stubbed?.standInFor(secret),
  });
  const fileOf = (file: string | undefined) => (stubbed ? ':memory:' : (file ?? ':memory:'));
  const mask = new Mask();
  const opened =
    options.runs && !stubbed ? openRun(plan, options, options.runs, mask) : { start: startOf(plan, options, mask, stubbed) };
  if ('report' in opened) return opened.report;
  const alerts = new RunAlerts(plan, fileOf(options.alertStore));
  const locks = stubbed ? ':memory:' : (options.locks ?? ':memory:');
  const threads = new RunThreads({ threads: fileOf(options.threadStore), locks });
  const calls = new Set<Promise<unknown>>();
  // On several machines, each worker counts its own calls.
  const counted = typeof options.locks === 'string' && !stubbed ? options.locks : undefined;
  const limits = new RunLimits(options.settings?.limits, counted);
  const shared = {
    depth: 0,
    calls,
    limits,
    heldLimits: new Set<string>(),
    stopClock: undefined,
    heldKeys: new Set<string>(),
    mask,
    alerts,
    threads,
    spent: { usd: 0 },
    stubbed,
  };
  try {
    const report = await runRoot(plan, opened, options, shared);
    // Calls that are aborted with a suspended run release their threads and leases.
    if (report.run.status === 'waiting' || report.run.status === 'interrupted') await Promise.allSettled(calls);
    return report;
  } finally {
    await alerts.close();
    await threads.close();
    limits.close();
  }
}

/** Reports the earlier events of a resumed run again, and stores how the run ends. */
async function runRoot(
  plan: Plan,
  { start, owned }: { start: RunRequest; owned?: OwnedRun },
  options: EngineRunOptions,
  shared: Omit<SharedRun, 'memory'>,
): Promise<RunReport> {
  const report = shared.stubbed ? { ...emptyReport(), calls: [] } : emptyReport();
  const hear = (event: RunEvent) => {
    reduce(report, event);
    options.onEvent?.(event);
    shared.spent.usd = report.usage.cost_usd;
  };
  const logged = withRunLog(options, start.id, shared.mask);
  for (const notice of severityNotices(start, start.evaluation.unknownSeverity)) logged.log?.warn(notice);
  if (!owned) {
    // A run without a store can receive no signal, and a run with stubs does not wait for times either.
    const isEndless = shared.stubbed ? () => true : ({ untilMs }: Wait) => untilMs === undefined;
    const memory = options.remember?.(shared.mask, hear) ?? inMemoryRunMemory(isEndless);
    return (await runPlan(plan, start, logged, { ...shared, memory }, report)).report;
  }
  if (owned.entries.length > 0 && typeof options.locks === 'string') await releaseLeases(options.locks, start.id);
  const stored = new StoredRunMemory(owned, shared.mask);
  for (const event of stored.past) hear(event);
  const memory = stored.memoryOfRun(() => report.usage, options.drain);
  const onEvent = (event: RunEvent) => {
    // A resumed run has reported its start before.
    if (event.type !== 'run-started' || stored.past.length === 0) logged.onEvent?.(event);
  };
  await runPlan(plan, start, { ...logged, onEvent }, { ...shared, memory }, report);
  const { run, error, outputs, usage } = report;
  const atMs = owned.run.startedAtMs + run.duration_ms;
  if (run.status === 'interrupted') owned.release(usage);
  else if (run.status !== 'waiting') await owned.end({ status: run.status, atMs, error, outputs, usage });
  return report;
}

/** Releases the leases of the process that owned the run and has died; they would expire only after some seconds. */
async function releaseLeases(file: string, runId: string): Promise<void> {
  const { openLeaseTable } = await import('../locks/sqlite.ts');
  const table = openLeaseTable(file);
  table.releaseRun(runId);
  table.close();
}
