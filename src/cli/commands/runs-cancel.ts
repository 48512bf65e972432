import { errorKind, ThreadlineError } from '../../shared/errors/errors.ts';
import { engineOption } from '../options/run-flags.ts';
import type { Command, Values } from '../terminal/command-line.ts';

export const runsCancelCommand: Command = {
  name: 'runs cancel',
  summary: 'cancel unfinished runs of any process',
  argument: { name: 'runs', description: 'their ids or the beginnings of them', required: true, many: true },
  options: engineOption,
  run: (values, ids) => cancel(ids, values),
};

/** Each of them, whatever becomes of the others. */
async function cancel(ids: string[], values: Values): Promise<number> {
  const history = await import('../project/history.ts');
  return history.withRuns(values, async (runs) => {
    let exitCode = 0;
    for (const given of ids) {
      try {
        const id = await runs.idOf(given);
        const done = await runs.cancel(id);
        process.stdout.write(
          done === 'asked' ? `${id}  asked to stop: whoever runs it hears within a second\n` : `${id}  cancelled\n`,
        );
      } catch (thrown) {
        if (!(thrown instanceof ThreadlineError)) throw thrown;
        process.stderr.write(`threadline: ${thrown.message}\n`);
        exitCode ||= errorKind(thrown.code).exitCode;
      }
    }
    return exitCode;
  });
}
