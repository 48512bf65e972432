import type { RunComparison } from '../../history/run-document.ts';
import { ThreadlineError } from '../../shared/errors/errors.ts';
import { usesColor } from '../terminal/color.ts';
import type { Command, Values } from '../terminal/command-line.ts';

export const runsDiffCommand: Command = {
  name: 'runs diff',
  summary: 'show the differences between two runs; exit code 0 if only times differ, else 1',
  argument: { name: 'runs', description: 'the two runs', required: true, many: true },
  options: { format: { value: 'format', choices: ['pretty', 'json'], default: 'pretty', description: 'the output format' } },
  run: (values, ids) => diff(ids, values),
};

async function diff([one, other, ...rest]: string[], values: Values): Promise<number> {
  if (one === undefined || other === undefined || rest.length > 0)
    throw new ThreadlineError('invalid_usage', '`runs diff` takes two runs.', {
      hint: '`threadline runs list` shows the existing ones.',
    });
  const history = await import('../project/history.ts');
  return history.withHistory((store, { environment }) => {
    const { stdout } = process;
    const nowMs = Date.now();
    const [before, after] = [history.storedRun(store, one), history.storedRun(store, other)];
    const [a, b] = [before, after].map((run) => history.documentOf(run, store.entries(run.id), nowMs)) as [never, never];
    const { differences, incidental } = history.differencesOf(a, b);
    const sources = history.changesBetween(before.sources, after.sources, after.file, [])?.diff ?? null;
    const isSame = differences.length === 0 && sources === null;
    const comparison: RunComparison = {
      before: history.summaryOf(before),
      after: history.summaryOf(after),
      isSame,
      sources,
      differences,
      incidental,
      figures: history.figuresOf(a, b),
    };
    const options = { color: usesColor(environment, stdout), columns: stdout.columns, nowMs };
    stdout.write(
      values.text('format') === 'json' ? `${history.safeJson(comparison, 2)}\n` : history.renderComparison(comparison, options),
    );
    return isSame ? 0 : 1;
  });
}
