import { ThreadlineError } from './errors.ts';
import { entriesBefore, entriesOfSuccess } from './journal/again.ts';
import type { RunLine, RunStore, StoredRun } from './journal/run-store.ts';
import type { LoadedWorkflow } from './load-workflow.ts';
import type { Plan } from './plan.ts';
import { newRunId } from './run-start.ts';
import { didYouMean } from './suggest.ts';

/** What of a run is done again: all of it, all from a step on, or what has not succeeded. */
export interface Again {
  from: string | undefined;
  failedOnly: boolean;
  /** Of the new run. */
  id: string | undefined;
}

/**
 * Makes a new run that answers from an earlier one where that is wished; going on with it runs the rest. Throws `run_busy`
 * for a run that is under way, `run_not_found`, and `invalid_usage` for a step that the workflow does not have.
 */
export async function prepareRerun(
  store: RunStore,
  given: string,
  { from, failedOnly, id = newRunId() }: Again,
  load: (file: string) => Promise<LoadedWorkflow>,
): Promise<StoredRun> {
  const run = runNamed(store, given);
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
      ? entriesBefore(entries, stepsFrom(plan, from))
      : failedOnly
        ? entriesOfSuccess(entries, atEnd)
        : [];
  store.copy(run.id, id, taken, Date.now());
  return store.get(id) as StoredRun;
}

/** What runs whatever happened is no part of what succeeded. */
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

/** The run of that id, or the only one whose id begins so. Throws `run_not_found`. */
export function runNamed(store: RunStore, given: string): StoredRun & { isInterrupted: boolean } {
  const [first, second] = store.idsLike(given);
  const found = store.get(given) ?? (first !== undefined && second === undefined ? store.get(first) : undefined);
  if (found) return found;
  const message =
    second === undefined ? `There is no run \`${given}\`.` : `Several runs begin with \`${given}\`: ${first}, ${second} …`;
  throw new ThreadlineError('run_not_found', message, { hint: '`threadline runs list` shows those that there are.' });
}

/** The runs that `runs resume` means: the one that is named, all that can go on, or the latest that was interrupted. */
export function runsToGoOn(
  store: RunStore,
  { given, all, nowMs }: { given: string | undefined; all: boolean; nowMs: number },
): (StoredRun | RunLine)[] {
  if (given !== undefined) {
    if (all) throw new ThreadlineError('invalid_usage', 'A run and `--all` are both given: choose one.');
    return [runNamed(store, given)];
  }
  const interrupted = store.list({ status: 'interrupted', limit: all ? Number.MAX_SAFE_INTEGER : 1 });
  if (!all) {
    if (interrupted.length > 0) return interrupted;
    throw new ThreadlineError('run_not_found', 'No run was interrupted.', {
      hint: 'Name one that waits: `threadline runs resume RUN`.',
    });
  }
  const isDue = ({ wakeAtMs }: RunLine) => wakeAtMs !== null && wakeAtMs <= nowMs;
  const due = store.list({ status: 'waiting', limit: Number.MAX_SAFE_INTEGER }).filter(isDue);
  return [...interrupted, ...due].reverse();
}
