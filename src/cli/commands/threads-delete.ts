import { errorKind, ThreadlineError } from '../../shared/errors/errors.ts';
import type { Thread } from '../../threads/store.ts';
import { offlineOption, threadOwnerOption } from '../options/thread-options.ts';
import type { Command, Values } from '../terminal/command-line.ts';

type History = typeof import('../project/history.ts');

export const threadsDeleteCommand: Command = {
  name: 'threads delete',
  summary: 'delete threads at their servers and then here',
  argument: { name: 'threads', description: 'their ids or keys', required: true, many: true },
  options: {
    ...threadOwnerOption,
    local: { description: 'delete only here; the copies at servers stay' },
    config: {
      value: 'name',
      description: 'the provider configuration for their server; default: as for a step without `config`',
    },
    'env-file': { value: 'file', repeatable: true, description: 'environment variables from a file' },
    offline: { description: `${offlineOption.offline.description}, which are only here` },
  },
  run: (values, given) => remove(given, values),
};

/** Each of them, whatever becomes of the others. */
async function remove(all: string[], values: Values): Promise<number> {
  const history = await import('../project/history.ts');
  const failed: number[] = [];
  const found = await findAll(all, values, failed, history);
  const controller = new AbortController();
  const cancel = () => controller.abort(new ThreadlineError('cancelled', 'The deletion was cancelled.'));
  for (const name of ['SIGINT', 'SIGTERM']) process.once(name, cancel);
  for (const thread of found) {
    try {
      await removeOne(thread, values, controller.signal, history);
    } catch (thrown) {
      failed.push(say(thrown, `  ${thread.id} is kept here; \`--local\` deletes it here only.\n`));
    }
  }
  return failed[0] ?? 0;
}

/** Adds the exit codes of missing threads to `failed`. */
async function findAll(all: string[], values: Values, failed: number[], history: History): Promise<Thread[]> {
  const found: Thread[] = [];
  await history.withThreads(values.isOn('offline'), (store) => {
    for (const given of all) {
      try {
        found.push(history.threadOf(store, given, values.text('workflow')));
      } catch (thrown) {
        failed.push(say(thrown));
      }
    }
    return 0;
  });
  return found;
}

/** Returns the exit code that it means. */
function say(thrown: unknown, note = ''): number {
  if (!(thrown instanceof ThreadlineError)) throw thrown;
  process.stderr.write(`threadline: ${thrown.message}\n${thrown.hint ? `  ${thrown.hint}\n` : ''}${note}`);
  return errorKind(thrown.code).exitCode;
}

async function removeOne(thread: Thread, values: Values, signal: AbortSignal, history: History): Promise<void> {
  const project = history.openProject(values.texts('env-file'));
  const { threadStore, locks } = history.stateFiles(project.environment, values.isOn('offline'));
  const options = {
    ...project,
    providersFile: history.readProvidersFile(project.environment),
    files: { threads: threadStore, locks },
    config: values.text('config'),
    signal,
    onWait: (message: string) => void process.stderr.write(`${message}\n`),
  };
  if (values.isOn('local') || values.isOn('offline')) {
    const places = await history.forgetThread(thread, options);
    const left = places.length > 0 && !values.isOn('offline') ? `; still at ${places.join(', ')}` : '';
    process.stdout.write(`${thread.id}  deleted here${left}\n`);
    return;
  }
  const { deleted, left } = await history.deleteThread(thread.id, options);
  if (deleted) return void process.stdout.write(`${thread.id}  deleted\n`);
  throw new ThreadlineError(
    'connection_failed',
    `${thread.id} is also at ${left.join(', ')}, where the configuration does not lead.`,
    {
      hint: '`--config NAME` names the one that does.',
    },
  );
}
