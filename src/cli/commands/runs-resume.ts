import type { RunStore } from '../../journal/run-store.ts';
import { ThreadlineError } from '../../shared/errors/errors.ts';
import { engineOption, flagsOf, type RunFlags, runOptions } from '../options/run-flags.ts';
import type { Command } from '../terminal/command-line.ts';
import { printFatalError } from '../terminal/print-fatal-error.ts';
import { runFile } from './run.ts';
import { answerOptions, isAnswer, sendAnswer } from './runs-answer.ts';
import { resumeThere } from './runs-resume-restate.ts';

const { format, output, timeout, quiet, verbose, 'log-file': logFile } = runOptions;
/** Options shared with `run`. */
export const goOnOptions = {
  'env-file': runOptions['env-file'],
  format,
  output,
  timeout,
  'max-cost-usd': runOptions['max-cost-usd'],
  'allow-changed': runOptions['allow-changed'],
  'log-file': logFile,
  quiet,
  verbose,
} satisfies Command['options'];

export const resumeCommand: Command = {
  name: 'runs resume',
  summary: 'go on with a run that was interrupted or that waits; answer what it asks',
  argument: { name: 'run', description: 'the run, or the beginning of its id; the latest interrupted one when none is named' },
  options: {
    ...goOnOptions,
    ...answerOptions,
    ...engineOption,
    all: { description: 'all runs that were interrupted, and those whose time, answer or signal has come; one after the other' },
  },
  async run(values, [given]) {
    const flags = flagsOf(values);
    const answers = isAnswer(values);
    const all = values.isOn('all');
    if (all && (given !== undefined || answers))
      throw new ThreadlineError('invalid_usage', '`--all` is about all runs: name none, and answer none.');
    const { engineOf, localRuns, openProject, withHistory } = await import('../project/history.ts');
    const engine = engineOf(openProject(flags.envFiles).settings, flags.engine);
    if (engine.type === 'restate') return resumeThere(given, values, engine);
    const found: RunToGoOn[] = [];
    await withHistory(async (store) => {
      found.push(...(await findRuns(store, given, all)));
      const [first] = found;
      if (!answers || !first) return 0;
      await sendAnswer(localRuns(store), first.id, values);
      if (isUnderWay(store, first.id)) found.pop();
      return 0;
    });
    const [first] = found;
    return all || !first ? goOnWithAll(found, flags) : goOnWith(first, flags);
  },
};

/** If another process executes the run, that process gets the answer. */
function isUnderWay(store: RunStore, id: string): boolean {
  const { status, isInterrupted } = store.get(id) ?? {};
  if (status !== 'running' || isInterrupted) return false;
  process.stderr.write(`answered: run ${id} is under way in another process, and goes on there\n`);
  return true;
}

async function findRuns(store: RunStore, given: string | undefined, all: boolean): Promise<RunToGoOn[]> {
  const { runIdOf, resumableRuns } = await import('../project/history.ts');
  if (all) return resumableRuns(store, Date.now());
  if (given !== undefined) return [store.get(runIdOf(store, given)) as RunToGoOn];
  const interrupted = store.list({ status: 'interrupted', limit: 1 });
  if (interrupted.length > 0) return interrupted;
  throw new ThreadlineError('run_not_found', 'No run was interrupted.', {
    hint: 'Name one that waits: `threadline runs resume RUN`.',
  });
}

/** The facts about a run that resuming it needs. */
export interface RunToGoOn {
  id: string;
  file: string;
  workflow: string;
  offline: boolean;
}

/** Goes on with a run as `run` would with the same `--run-id`. */
export const goOnWith = ({ id, file, workflow, offline }: RunToGoOn, flags: RunFlags): Promise<number> =>
  runFile(file, { ...flags, engine: 'local', runId: id, workflow, offline });

/** Resumes the runs one after the other. A failing run does not stop the others; Ctrl-C and SIGTERM do. */
async function goOnWithAll(found: readonly RunToGoOn[], flags: RunFlags): Promise<number> {
  let [exitCode, isAsked] = [0, false];
  const ask = () => {
    isAsked = true;
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of signals) process.on(name, ask);
  try {
    for (const one of found) if (!isAsked) exitCode = worse(exitCode, await goOnWith(one, flags).catch(refusalOf(one)));
  } finally {
    for (const name of signals) process.off(name, ask);
  }
  return exitCode;
}

const refusalOf =
  ({ id }: RunToGoOn) =>
  (thrown: unknown) => {
    process.stderr.write(`run ${id} does not go on:\n`);
    const exitCode = printFatalError(thrown);
    // Another process has taken the run.
    return thrown instanceof ThreadlineError && thrown.code === 'run_busy' ? 0 : exitCode;
  };

/** The most important exit code: a failure before a wait, a wait before success. */
function worse(one: number, other: number): number {
  const ranks = [0, 4, 130, 1, 2, 3];
  return ranks.indexOf(other) > ranks.indexOf(one) ? other : one;
}
