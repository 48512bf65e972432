import type { Command, Values } from '../terminal/command-line.ts';

export const runsPruneCommand: Command = {
  name: 'runs prune',
  summary: 'delete runs that ended long ago, with all their data',
  options: {
    'older-than': { value: 'duration', description: 'how long ago, such as 30d; default: `journal: { keep }` of the settings' },
    'dry-run': { description: 'only print their number' },
  },
  run: prune,
};

async function prune(values: Values): Promise<number> {
  const history = await import('../project/history.ts');
  return history.withHistory((store, { settings }) => {
    const beforeMs = Date.now() - history.keepMs(values.text('older-than'), settings);
    const isDry = values.isOn('dry-run');
    const amount = isDry ? store.countEndedBefore(beforeMs) : store.prune(beforeMs);
    const runs = `${amount.toLocaleString('en-US')} run${amount === 1 ? '' : 's'}`;
    process.stdout.write(isDry ? `${runs} would be forgotten\n` : `${runs} forgotten\n`);
    return 0;
  });
}
