import { didYouMean } from '../shared/text/suggest.ts';

/** Finds the mistake in a cron expression, and names its field. */
export interface CronProblem {
  message: string;
  hint?: string;
}

interface Field {
  name: string;
  lowest: number;
  highest: number;
  /** Names of values, the first being the lowest. */
  names?: readonly string[];
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/** Five fields, or six with seconds in front. */
const FIELDS: readonly Field[] = [
  { name: 'second', lowest: 0, highest: 59 },
  { name: 'minute', lowest: 0, highest: 59 },
  { name: 'hour', lowest: 0, highest: 23 },
  { name: 'day of the month', lowest: 1, highest: 31 },
  { name: 'month', lowest: 1, highest: 12, names: MONTHS },
  // 7 is Sunday, too.
  { name: 'day of the week', lowest: 0, highest: 7, names: DAYS },
];

const NICKNAMES = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly'];

const LIKE = 'Like `0 9 * * 1-5`: minute, hour, day of the month, month, day of the week.';

/** The first mistake of an expression; the library that reads it names no field, and knows forms that no crontab has. */
export function cronProblem(expression: string): CronProblem | undefined {
  const text = expression.trim().toLowerCase();
  if (text.startsWith('@')) return nicknameProblem(text);
  const fields = text === '' ? [] : text.split(/\s+/);
  if (fields.length !== 5 && fields.length !== 6) {
    const count = fields.length === 0 ? 'none' : fields.length;
    return { message: `a cron expression has five fields, or six with seconds in front, and this has ${count}`, hint: LIKE };
  }
  for (const [index, field] of FIELDS.slice(-fields.length).entries())
    for (const part of fields[index]?.split(',') ?? []) {
      const problem = partProblem(part, field);
      if (problem) return problem;
    }
  return undefined;
}

function nicknameProblem(text: string): CronProblem | undefined {
  if (NICKNAMES.includes(text)) return undefined;
  return { message: `there is no \`${text}\``, hint: didYouMean(text, NICKNAMES) ?? `There are: ${NICKNAMES.join(', ')}.` };
}

/** `*`, `5`, `1-5`, each perhaps with a step: a step of 15, `10/15` (from 10 on). */
function partProblem(text: string, field: Field): CronProblem | undefined {
  const [range = '', step, ...more] = text.split('/');
  if (more.length > 0 || (step !== undefined && !/^[1-9]\d*$/.test(step)))
    return {
      message: `\`${text}\` is not a valid step: the number after \`/\` must be a whole number from 1`,
      hint: 'Like `*/15`.',
    };
  if (range === '*' || range === '?') return undefined;
  const ends = range.split('-');
  if (ends.length > 2) return unknownValue(range, field);
  const values = ends.map((end) => numberIn(end, field));
  const unknown = values.indexOf(undefined);
  if (unknown >= 0) return unknownValue(ends[unknown] ?? '', field);
  const [first = 0, last = first] = values as number[];
  if (first <= last) return undefined;
  const hint = 'A range goes upwards: write the two parts with a comma between them.';
  return { message: `\`${range}\` runs backwards in the ${field.name}`, hint };
}

function numberIn(text: string, { lowest, highest, names }: Field): number | undefined {
  const named = names?.indexOf(text) ?? -1;
  if (named >= 0) return named + lowest;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return value >= lowest && value <= highest ? value : undefined;
}

function unknownValue(text: string, { name, lowest, highest, names }: Field): CronProblem {
  if (/^(l|\d+w|lw|\w+#\d|\d+l)$/.test(text))
    return { message: `\`${text}\` is not known here`, hint: '`L`, `W` and `#` are Quartz’s own.' };
  const between = names ? ` or ${names[0]} to ${names.at(-1)}` : '';
  const hint = (names && didYouMean(text, names)) ?? `It goes from ${lowest} to ${highest}${between}.`;
  return { message: `\`${text}\` is not a valid ${name}`, hint };
}
