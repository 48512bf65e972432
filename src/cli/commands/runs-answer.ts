import { userInfo } from 'node:os';
import type { KnownRuns } from '../../history/known-runs.ts';
import { ThreadlineError, toThreadlineError } from '../../shared/errors/errors.ts';
import type { Json } from '../../shared/json/json.ts';
import { NumberOutOfRange } from '../../shared/json/number.ts';
import { parseJson } from '../../shared/json/parse-json.ts';
import { engineOption } from '../options/run-flags.ts';
import type { Command, Values } from '../terminal/command-line.ts';

/** Options that answer a question before the run resumes. */
export const answerOptions = {
  approve: { description: "answer yes to the run's question, and resume it" },
  reject: { description: "answer no to the run's question" },
  step: { value: 'name', description: 'the question, if the run asks several' },
  by: { value: 'name', description: 'name of the person who answers; default: your user name' },
  comment: { value: 'text', description: 'why' },
} satisfies Command['options'];

/** Tells whether the command line answers a question. Throws `invalid_usage` for both yes and no, or neither. */
export function isAnswer(values: Values): boolean {
  const [approved, rejected] = [values.isOn('approve'), values.isOn('reject')];
  if (approved && rejected) throw new ThreadlineError('invalid_usage', '`--approve` and `--reject` are both given.');
  const stray = ['step', 'by', 'comment'].find((name) => values.text(name) !== undefined);
  if (!approved && !rejected && stray !== undefined)
    throw new ThreadlineError('invalid_usage', `\`--${stray}\` needs \`--approve\` or \`--reject\` beside it.`);
  return approved || rejected;
}

/** Sends the answer of the command line; throws like `answerApproval`. */
export async function sendAnswer(runs: KnownRuns, id: string, values: Values): Promise<void> {
  await runs.answer(id, {
    approved: values.isOn('approve'),
    step: values.text('step'),
    by: values.text('by') ?? userName(),
    comment: values.text('comment'),
  });
}

export const signalCommand: Command = {
  name: 'runs signal',
  summary: 'send a signal to a run',
  argument: { name: 'run', description: 'the run, and the name of the signal', required: true, many: true },
  options: { ...engineOption, data: { value: 'json', description: 'data to send with it, as JSON or text' } },
  async run(values, [id = '', name, ...more]) {
    if (name === undefined || more.length > 0)
      throw new ThreadlineError('invalid_usage', 'A run and the name of a signal are needed.', {
        hint: '`threadline runs signal RUN NAME`.',
      });
    const { withRuns } = await import('../project/history.ts');
    return withRuns(values, async (runs) => {
      await runs.send(id, { name, data: dataOf(values.text('data')) });
      process.stderr.write(`sent ${name} to run ${id}\n`);
      return 0;
    });
  },
};

function dataOf(given: string | undefined): Json {
  if (given === undefined) return null;
  try {
    return parseJson(given);
  } catch (error) {
    if (error instanceof NumberOutOfRange) throw toThreadlineError(error);
    // As with inputs, a value that is not JSON is text.
    return given;
  }
}

function userName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    // A user without an entry, as in some containers.
    return undefined;
  }
}
