import { emptyReport, reduce } from '../../engine/state.ts';
import type { RunEvent, RunReport } from '../../plan/event.ts';
import type { Plan } from '../../plan/plan.ts';
import { type FollowedRun, follow, handOver } from '../../restate/hand-over.ts';
import type { RestateRuns } from '../../restate/restate-runs.ts';
import { type DistributedRun, distributedRun, type RunWait } from '../../restate/run-request.ts';
import { requireRunId } from '../../run/run-start.ts';
import { fromReport } from '../../shared/errors/errors.ts';
import type { Logger } from '../../shared/log/logger.ts';
import { readText } from './project.ts';

export interface HandedOver extends Pick<DistributedRun, 'inputs' | 'alert' | 'incident' | 'maxCostUsd' | 'timeoutMs'> {
  runId: string;
  /** Ingress URL of the Restate server. */
  ingress: string;
  actionsFile?: string | undefined;
  signal: AbortSignal;
  onEvent(event: RunEvent): void;
  /** Gets messages about the server instead of stderr. */
  log?: Logger | undefined;
}

/** Executes a run on the workers of a Restate server. The events arrive when the run has ended. */
export async function runOnRestate(
  plan: Plan,
  { runId, ingress, actionsFile, signal, onEvent, log, ...rest }: HandedOver,
): Promise<RunReport> {
  requireRunId(runId);
  const actions = actionsFile === undefined ? undefined : { file: actionsFile, text: readText(actionsFile) };
  const startedAtMs = Date.now();
  const sayLost = (url: string) => {
    const message = `the Restate server at ${url} cannot be reached: trying again`;
    if (log) log.warn(message, { correlation_id: runId });
    else process.stderr.write(`${message}\n`);
  };
  const answer = await handOver(ingress, runId, distributedRun(plan, actions, rest), signal, sayLost);
  const steps = plan.steps.map(({ name }) => name);
  return reportFrom(answer, { runId, workflow: plan.id, file: plan.file, steps, startedAtMs }, onEvent);
}

/** Waits for a run that the server has. Throws `run_not_found`. */
export async function followOnRestate(
  runs: RestateRuns,
  runId: string,
  { signal, onEvent }: Pick<HandedOver, 'signal' | 'onEvent'>,
): Promise<RunReport> {
  const { workflow, file, startedAtMs } = await runs.state(runId);
  const answer = await follow(runs.ingress, runId, signal);
  return reportFrom(answer, { runId, workflow, file, steps: [], startedAtMs }, onEvent);
}

interface KnownStart {
  runId: string;
  workflow: string;
  file: string;
  /** The names of its steps. */
  steps: string[];
  startedAtMs: number;
}

function reportFrom(answer: FollowedRun, start: KnownStart, onEvent: (event: RunEvent) => void): RunReport {
  if ('refusal' in answer) {
    throw fromReport(answer.refusal);
  }
  if ('report' in answer) {
    for (const event of answer.events) onEvent(event);
    return answer.report;
  }
  const report = emptyReport();
  for (const event of waitingEvents(start, answer.waits)) {
    reduce(report, event);
    onEvent(event);
  }
  return report;
}

/** Report of an unfinished run. */
function waitingEvents({ runId, workflow, file, steps, startedAtMs }: KnownStart, waits: readonly RunWait[]): RunEvent[] {
  const at = new Date().toISOString();
  const run = { at, run_id: runId };
  return [
    { ...run, type: 'run-started', workflow, file, offline: false, steps },
    ...waits.map(({ untilMs, slot: _, ...wait }): RunEvent => {
      return { at, type: 'wait-started', ...wait, until: untilMs === null ? null : new Date(untilMs).toISOString() };
    }),
    { ...run, type: 'run-ended', status: 'waiting', outputs: {}, error: null, duration_ms: Date.now() - startedAtMs },
  ];
}
