import { ThreadlineError } from '../../shared/errors/errors.ts';
import { flagsOf, type RunFlags } from '../options/run-flags.ts';
import type { Command } from '../terminal/command-line.ts';
import { goOnOptions, goOnWith, type RunToGoOn } from './runs-resume.ts';

export const rerunCommand: Command = {
  name: 'runs rerun',
  summary: 'run again what a run has run, or a part of it; as a new run',
  argument: { name: 'run', description: 'the run that is done again', required: true },
  options: {
    ...goOnOptions,
    from: { value: 'step', description: 'from this step on; what stands before it answers as it did' },
    'failed-only': { description: 'only steps and items that failed or did not run; what succeeded answers as it did' },
    'run-id': { value: 'id', description: "the new run's id" },
  },
  async run(values, [given = '']) {
    const from = values.text('from');
    const failedOnly = values.isOn('failed-only');
    if (from !== undefined && failedOnly)
      throw new ThreadlineError('invalid_usage', '`--from` and `--failed-only` are both given: choose one.');
    const flags = flagsOf(values);
    const run = await prepare(given, { from, failedOnly, newId: flags.runId }, flags);
    try {
      return await goOnWith(run, flags);
    } finally {
      await discardUnstarted(run.id);
    }
  },
};

async function prepare(
  given: string,
  again: { from: string | undefined; failedOnly: boolean; newId: string | undefined },
  { envFiles }: RunFlags,
): Promise<RunToGoOn> {
  const [{ prepareRerun, runIdOf }, runtime] = await Promise.all([
    import('../project/history.ts'),
    import('../project/runtime.ts'),
  ]);
  const project = runtime.openProject(envFiles);
  const store = await runtime.openHistory(project);
  try {
    const load = (file: string) => runtime.loadWorkflow(file, project.registry, runtime.loadOptions(project.environment));
    return await prepareRerun(store, runIdOf(store, given), again, load);
  } finally {
    store.close();
  }
}

/** Deletes a run that could not start, so that nothing resumes it. */
async function discardUnstarted(id: string): Promise<void> {
  const { withHistory } = await import('../project/history.ts');
  await withHistory((store) => {
    store.discard(id);
    return 0;
  });
}
