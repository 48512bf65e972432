import { offlineOption, threadOwnerOption } from '../options/thread-options.ts';
import { usesColor } from '../terminal/color.ts';
import type { Command, Values } from '../terminal/command-line.ts';

export const threadsShowCommand: Command = {
  name: 'threads show',
  summary: 'show the messages of a thread, its usage, and the servers with copies',
  argument: { name: 'thread', description: "its id, a server's id of it, or its key", required: true },
  options: {
    ...threadOwnerOption,
    ...offlineOption,
    format: { value: 'format', choices: ['pretty', 'json'], default: 'pretty', description: 'the output format' },
  },
  run: (values, [given = '']) => show(given, values),
};

async function show(given: string, values: Values): Promise<number> {
  const history = await import('../project/history.ts');
  return history.withThreads(values.isOn('offline'), (store, { environment }) => {
    const thread = history.threadDocument(history.threadOf(store, given, values.text('workflow')), store);
    const { stdout } = process;
    const options = { color: usesColor(environment, stdout), columns: stdout.columns, nowMs: Date.now() };
    stdout.write(values.text('format') === 'json' ? `${history.safeJson(thread, 2)}\n` : history.renderThread(thread, options));
    return 0;
  });
}
