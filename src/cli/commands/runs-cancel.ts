import { ERRORS, ThreadlineError } from '../../errors.ts';
import type { Command } from '../command-line.ts';

export const runsCancelCommand: Command = {
  name: 'runs cancel',
  summary: 'cancel runs that have not ended, whichever process runs them',
  argument: { name: 'runs', description: 'their ids or the beginnings of them', required: true, many: true },
  options: {},
  run: (_, ids) => cancel(ids),
};

/** Each of them, whatever becomes of the others. */
async function cancel(ids: string[]): Promise<number> {
  const history = await import('../history.ts');
  return history.withHistory((store) => {
    let exitCode = 0;
    for (const given of ids) {
      try {
        const id = history.runIdOf(store, given);
        const done = store.cancel(id, Date.now());
        process.stdout.write(
          done === 'asked' ? `${id}  asked to stop: the process that runs it hears within a second\n` : `${id}  cancelled\n`,
        );
      } catch (thrown) {
        if (!(thrown instanceof ThreadlineError)) throw thrown;
        process.stderr.write(`threadline: ${thrown.message}\n`);
        exitCode ||= ERRORS[thrown.code].exitCode;
      }
    }
    return exitCode;
  });
}
