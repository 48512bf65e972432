import type { Command } from '../command-line.ts';
import { flagsOf, type RunFlags, runOptions } from '../run-flags.ts';
import { runFile } from './run.ts';

const { format, output, timeout, quiet, verbose } = runOptions;
/** What `run` takes, too. */
export const goOnOptions = {
  'env-file': runOptions['env-file'],
  format,
  output,
  timeout,
  'max-cost-usd': runOptions['max-cost-usd'],
  'allow-changed': runOptions['allow-changed'],
  quiet,
  verbose,
} satisfies Command['options'];

export const resumeCommand: Command = {
  name: 'resume',
  summary: 'go on with a run that was interrupted, or that waits',
  argument: { name: 'run', description: 'the run; the latest interrupted one when none is named' },
  options: {
    ...goOnOptions,
    all: { description: 'all runs that were interrupted, and those whose time to go on has come; one after the other' },
  },
  async run(values, [given]) {
    const flags = flagsOf(values);
    const found = await findRuns(given, values.isOn('all'), flags);
    let exitCode = 0;
    for (const one of found) exitCode = worse(exitCode, await goOnWith(one, flags));
    return exitCode;
  },
};

/** A run that can go on, as far as that needs to be known. */
export interface RunToGoOn {
  id: string;
  file: string;
  workflow: string;
  offline: boolean;
}

/** Goes on with a run as `run` would with the same `--run-id`. */
export const goOnWith = ({ id, file, workflow, offline }: RunToGoOn, flags: RunFlags): Promise<number> =>
  runFile(file, { ...flags, runId: id, workflow, offline });

async function findRuns(given: string | undefined, all: boolean, flags: RunFlags): Promise<RunToGoOn[]> {
  const { openHistory, openProject, runsToGoOn } = await import('../runtime.ts');
  const store = openHistory(openProject(flags.envFiles));
  try {
    return runsToGoOn(store, { given, all, nowMs: Date.now() });
  } finally {
    store.close();
  }
}

/** The code that says most: a failure before a wait, a wait before success. */
function worse(one: number, other: number): number {
  const ranks = [0, 4, 130, 1, 2, 3];
  return ranks.indexOf(other) > ranks.indexOf(one) ? other : one;
}
