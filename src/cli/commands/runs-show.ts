import type { RunDocument } from '../../history/run-document.ts';
import { ThreadlineError } from '../../shared/errors/errors.ts';
import { engineOption } from '../options/run-flags.ts';
import { usesColor } from '../terminal/color.ts';
import type { Command, Values } from '../terminal/command-line.ts';

export const runsShowCommand: Command = {
  name: 'runs show',
  summary: 'show a run: its steps with inputs, outputs, function calls, attempts, times and costs',
  argument: { name: 'run', description: 'its id or the beginning of it; default: the latest' },
  options: {
    ...engineOption,
    step: { value: 'name', description: 'a single step with complete values' },
    format: {
      value: 'format',
      choices: ['pretty', 'json', 'jsonl'],
      default: 'pretty',
      description: 'the output format; jsonl prints events',
    },
  },
  run: (values, [id]) => show(id, values),
};

async function show(given: string | undefined, values: Values): Promise<number> {
  const history = await import('../project/history.ts');
  const step = values.text('step');
  return history.withRuns(values, async (runs, { environment }) => {
    const { stdout } = process;
    const { document: run, events } = await runs.show(await runs.idOf(given));
    const nowMs = Date.now();
    if (step !== undefined) requireStep(run, step, history.didYouMean);
    if (values.text('format') === 'jsonl') {
      const shown = events.filter((event) => step === undefined || ('step' in event && event.step === step));
      for (const event of shown) stdout.write(`${history.safeJson(event)}\n`);
    } else if (values.text('format') === 'json') {
      const document = step === undefined ? run : (run.steps[step] ?? run.under_way[step]);
      stdout.write(`${history.safeJson(document, 2)}\n`);
    } else {
      const options = { color: usesColor(environment, stdout), columns: stdout.columns, nowMs };
      stdout.write(step === undefined ? history.renderRun(run, options) : history.renderStep(run, step, options));
    }
    return 0;
  });
}

function requireStep(
  { steps, under_way }: RunDocument,
  name: string,
  didYouMean: (word: string, words: string[]) => string | undefined,
): void {
  const names = [...Object.keys(steps), ...Object.keys(under_way)];
  if (names.includes(name)) return;
  throw new ThreadlineError('invalid_usage', `The run has no step \`${name}\`.`, {
    hint: didYouMean(name, names) ?? `It has: ${names.slice(0, 20).join(', ')}${names.length > 20 ? ', …' : ''}.`,
  });
}
