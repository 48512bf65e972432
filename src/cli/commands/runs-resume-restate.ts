import type { RunEvent } from '../../plan/event.ts';
import { ThreadlineError } from '../../shared/errors/errors.ts';
import { flagsOf } from '../options/run-flags.ts';
import { prepareReport, writeReport } from '../project/report-file.ts';
import type { Values } from '../terminal/command-line.ts';
import { handleSignals } from '../terminal/handle-signals.ts';
import { exitCodeOf, streamsOf } from './run.ts';
import { isAnswer, sendAnswer } from './runs-answer.ts';

/** Sends the given answer, if any, to a run on a Restate server, and waits for its end like `run`. */
export async function resumeThere(
  given: string | undefined,
  values: Values,
  where: { ingress: string; admin: string },
): Promise<number> {
  refuseOthers(given, values);
  const flags = flagsOf(values);
  const [runtime, { RestateRuns }, { followOnRestate }] = await Promise.all([
    import('../project/runtime.ts'),
    import('../../restate/restate-runs.ts'),
    import('../project/run-on-restate.ts'),
  ]);
  for (const path of flags.outputs) prepareReport(path, runtime.checkReportPath);
  const { environment } = runtime.openProject(flags.envFiles);
  const runs = new RestateRuns(where);
  const id = await runs.idOf(given);
  if (isAnswer(values)) await sendAnswer(runs, id, values);
  const reporter = runtime.createReporter(flags.format, streamsOf(flags, environment));
  const events: RunEvent[] = [];
  const onEvent = (event: RunEvent) => {
    events.push(event);
    reporter.onEvent(event);
  };
  const { signal, release } = handleSignals(undefined, false);
  try {
    const report = await followOnRestate(runs, id, { signal, onEvent });
    reporter.end?.(report);
    for (const path of flags.outputs) writeReport(path, runtime.renderFile(path, report, events));
    return exitCodeOf(report);
  } finally {
    release();
  }
}

function refuseOthers(given: string | undefined, values: Values): void {
  if (given === undefined || values.isOn('all'))
    throw new ThreadlineError('invalid_usage', 'Name the run: the server goes on with interrupted ones by itself.');
  if (values.text('log-file') !== undefined)
    throw new ThreadlineError('invalid_usage', '`--log-file` is not for runs of a Restate server: its workers have the log.');
  // The run has had them since its start.
  const fixed = ['timeout', 'max-cost-usd'].find((name) => values.text(name) !== undefined);
  if (fixed === undefined && !values.isOn('allow-changed')) return;
  throw new ThreadlineError('invalid_usage', `\`--${fixed ?? 'allow-changed'}\` is not for runs of a Restate server.`, {
    hint: 'Such a run keeps the values that it started with.',
  });
}
