import { ThreadlineError } from '../../shared/errors/errors.ts';
import { offlineOption } from '../options/thread-options.ts';
import { usesColor } from '../terminal/color.ts';
import type { Command, Values } from '../terminal/command-line.ts';

export const threadsListCommand: Command = {
  name: 'threads list',
  summary: 'list threads, the most recently used first',
  options: {
    workflow: { value: 'id', description: 'of this workflow' },
    key: { value: 'key', description: 'with this key, of any workflow' },
    metadata: { value: 'name=value', repeatable: true, description: 'with this metadata' },
    limit: { value: 'number', default: '20', description: 'how many' },
    ...offlineOption,
    format: { value: 'format', choices: ['pretty', 'json', 'jsonl'], default: 'pretty', description: 'the output format' },
  },
  run: list,
};

async function list(values: Values): Promise<number> {
  const history = await import('../project/history.ts');
  const limit = history.countOf('limit', values.text('limit') ?? '');
  const metadata = Object.fromEntries(values.texts('metadata').map(pairOf));
  return history.withThreads(values.isOn('offline'), (store, { environment }) => {
    const filter = { tenant: values.text('workflow'), key: values.text('key'), metadata, limit };
    const threads = store.list(filter).map(history.threadSummary);
    const { stdout, stderr } = process;
    const format = values.text('format');
    if (format === 'json') stdout.write(`${history.safeJson({ threads }, 2)}\n`);
    else if (format === 'jsonl') for (const thread of threads) stdout.write(`${history.safeJson(thread)}\n`);
    else {
      const options = { color: usesColor(environment, stdout), columns: stdout.columns, nowMs: Date.now() };
      stdout.write(history.renderThreadList(threads, options));
      if (threads.length === 0) stderr.write('no threads\n');
    }
    return 0;
  });
}

function pairOf(given: string): [string, string] {
  const at = given.indexOf('=');
  if (at > 0) return [given.slice(0, at), given.slice(at + 1)];
  throw new ThreadlineError('invalid_usage', `\`--metadata\` is \`name=value\`, not \`${given}\`.`);
}
