import { entriesOfSuccess, entriesToReuse } from '../journal/rerun-entries.ts';
import type { RunLine, RunStore, StoredRun } from '../journal/run-store.ts';
import type { LoadedWorkflow } from '../load/load-workflow.ts';
import type { Plan } from '../plan/plan.ts';
import { ThreadlineError } from '../shared/errors/errors.ts';
import { didYouMean } from '../shared/text/suggest.ts';
import { newRunId, requireRunId } from './run-start.ts';

/** Part of a run to repeat: all of it, everything from a step on, or the steps that have not succeeded. */
export interface RerunOptions {
  from: string | undefined;
  failedOnly: boolean;
  /** Id for the new run. */
  newId: string | undefined;
}

/**
 * Creates a run with those journal entries of an earlier run that are not to be repeated; resuming it runs the rest. Throws
 * `run_busy` if the earlier run is still running, `run_not_found`, and `invalid_usage` if the workflow has no such step.
 */
export async function prepareRerun(
  store: RunStore,
  id: string,
  { from, failedOnly, newId = newRunId() }: RerunOptions,
  load: (file: string) => Promise<LoadedWorkflow>,
): Promise<StoredRun> {
  requireRunId(newId);
  const run = store.get(id);
  if (!run) throw new ThreadlineError('run_not_found', `There is no run \`${id}\`.`);
  if (run.status === 'running' && !run.isInterrupted)
    throw new ThreadlineError('run_busy', `Run \`${run.id}\` is under way in another process.`, {
      hint: 'Wait for its end, or cancel it.',
    });
  const { plans } = await load(run.file);
  const plan = plans.find((one) => one.id === run.workflow);
  if (!plan && (from !== undefined || failedOnly))
    throw new ThreadlineError('invalid_workflow', `${run.file} holds no workflow \`${run.workflow}\` without mistakes.`);
  const entries = store.entries(run.id);
  const atEnd = plan ? stepsAtEnd(plan) : new Set<string>();
  const taken =
    from !== undefined && plan
      ? entriesToReuse(entries, stepsFrom(plan, from))
      : failedOnly
        ? entriesOfSuccess(entries, atEnd)
        : [];
  store.copy(id, newId, taken, Date.now());
  return store.get(newId) as StoredRun;
}

/** Failure handler and `finally` steps, which run again with every rerun. */
const stepsAtEnd = ({ onFailure, finally: last }: Plan): Set<string> =>
  new Set([...(onFailure ? [onFailure] : []), ...last].map(({ name }) => name));

function stepsFrom(plan: Plan, from: string): Set<string> {
  const names = plan.steps.map(({ name }) => name);
  const at = names.indexOf(from);
  if (at < 0) {
    const hint = didYouMean(from, names) ?? `It has: ${names.join(', ')}.`;
    throw new ThreadlineError('invalid_usage', `Workflow \`${plan.id}\` has no step \`${from}\` outside of groups.`, { hint });
  }
  return new Set([...names.slice(at), ...stepsAtEnd(plan)]);
}

/** Interrupted runs, and waiting runs whose time, answer or signal has come; oldest first. */
export function resumableRuns(store: RunStore, nowMs: number): RunLine[] {
  const interrupted = store.list({ status: 'interrupted', limit: MANY });
  const waiting = store.list({ status: 'waiting', limit: MANY });
  const isSent = ({ id, waitsFor }: RunLine) =>
    store.signals(id).some(({ name, isTaken }) => !isTaken && waitsFor.includes(name));
  const due = waiting.filter((run) => (run.wakeAtMs !== null && run.wakeAtMs <= nowMs) || isSent(run));
  return [...interrupted, ...due].sort((one, other) => one.startedAtMs - other.startedAtMs);
}

const MANY = 1_000_000;
