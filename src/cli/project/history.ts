/** Everything that the commands on history and threads need, loaded at once when such a command runs. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type KnownRuns, localRuns, noSuchRun, runIdOf } from '../../history/known-runs.ts';
import { findThread } from '../../history/thread-document.ts';
import type { RunStore } from '../../journal/run-store.ts';
import { openRunStore } from '../../journal/sqlite.ts';
import { RestateRuns } from '../../restate/restate-runs.ts';
import type { Settings } from '../../run/settings.ts';
import { ThreadlineError } from '../../shared/errors/errors.ts';
import { durationMs } from '../../shared/time/duration.ts';
import { openThreadStore } from '../../threads/sqlite.ts';
import type { Thread, ThreadStore } from '../../threads/store.ts';
import type { Values } from '../terminal/command-line.ts';
import { engineOf, openProject, type Project, stateFiles, stateFolder } from './project.ts';

export { differencesOf, figuresOf } from '../../history/compare-runs.ts';
export { deleteThread, forgetThread } from '../../history/delete-thread.ts';
export { localRuns, runIdOf } from '../../history/known-runs.ts';
export { documentOf, summaryOf } from '../../history/read-run.ts';
export { threadDocument, threadSummary } from '../../history/thread-document.ts';
export { renderComparison } from '../../report/run-diff.ts';
export { renderRunList } from '../../report/run-list.ts';
export { renderRun, renderStep } from '../../report/run-view.ts';
export { renderThread, renderThreadList } from '../../report/thread-view.ts';
export { prepareRerun, resumableRuns } from '../../run/rerun.ts';
export { changesBetween } from '../../run/source-changes.ts';
export { safeJson } from '../../shared/text/safe-text.ts';
export { didYouMean } from '../../shared/text/suggest.ts';
export { print } from '../terminal/print.ts';
export { engineOf, openProject, readProvidersFile, stateFiles } from './project.ts';

/** Opens the thread store for `work`; does not create one. */
export async function withThreads(isOffline: boolean, work: (store: ThreadStore, project: Project) => number): Promise<number> {
  const project = openProject();
  const file = stateFiles(project.environment, isOffline).threadStore;
  const store = openThreadStore(existsSync(file) ? file : ':memory:');
  try {
    return work(store, project);
  } finally {
    store.close();
  }
}

/** Throws `thread_not_found`, or `invalid_usage` where a key leads to several. */
export function threadOf(store: ThreadStore, given: string, workflow: string | undefined): Thread {
  const thread = findThread(store, given, workflow);
  if (thread) return thread;
  const whose = workflow === undefined ? '' : ` of a workflow \`${workflow}\``;
  throw new ThreadlineError('thread_not_found', `There is no thread \`${given}\`${whose}.`, {
    hint: '`threadline threads list` shows the existing ones; those of offline runs with `--offline`.',
  });
}

/** Opens the history of the working folder for `work`; does not create one. */
export async function withHistory(work: (store: RunStore, project: Project) => number | Promise<number>): Promise<number> {
  const project = openProject();
  const file = join(stateFolder(project.environment), 'runs.db');
  const survives = project.settings.journal?.survives ?? 'power-loss';
  const store = openRunStore(existsSync(file) ? file : ':memory:', { survives });
  try {
    return await work(store, project);
  } finally {
    store.close();
  }
}

/** Opens the runs of the engine that the option or the settings name. */
export async function withRuns(values: Values, work: (runs: KnownRuns, project: Project) => Promise<number>): Promise<number> {
  const project = openProject();
  const engine = engineOf(project.settings, values.text('engine'));
  if (engine.type === 'restate') return work(new RestateRuns(engine), project);
  return withHistory((store) => work(localRuns(store), project));
}

/** The run that an id, or the beginning of one, names. */
export function storedRun(store: RunStore, given: string | undefined): NonNullable<ReturnType<RunStore['get']>> {
  const run = store.get(runIdOf(store, given));
  if (run) return run;
  throw noSuchRun(given);
}

/** Parses the duration of an option. Throws `invalid_usage`. */
export function spanMs(option: string, text: string): number {
  const ms = durationMs(text);
  if (ms !== undefined) return ms;
  throw new ThreadlineError('invalid_usage', `\`--${option} ${text}\` is not a valid duration.`, {
    hint: 'Like 30m, 12h or 7d.',
  });
}

/** Parses the number of an option. Throws `invalid_usage`. */
export function countOf(option: string, text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new ThreadlineError('invalid_usage', `\`--${option} ${text}\` is not a valid number.`, {
    hint: 'A whole number from 1 on.',
  });
}

/** How long runs are kept that have ended: as asked for, or as the settings say. Throws `invalid_usage` when neither does. */
export function keepMs(given: string | undefined, { journal }: Settings): number {
  if (given !== undefined) return spanMs('older-than', given);
  const kept = journal?.keep === undefined ? undefined : durationMs(journal.keep);
  if (kept !== undefined) return kept;
  throw new ThreadlineError('invalid_usage', '`runs prune` needs `--older-than`.', {
    hint: 'Like 30d; or set `journal: { keep: 30d }` in threadline.config.yaml.',
  });
}
