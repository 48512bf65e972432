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

/**
 * The expression with its seconds, minutes and hours as lists, unless it comes every hour (`*`). croner takes times with a `*` or
 * a step among them for intervals, which it neither makes up for nor leaves out where clocks are changed.
 */
export function withListedTimes(expression: string): string {
  const fields = expression.trim().toLowerCase().split(/\s+/);
  const hour = fields.at(-4);
  if (hour === undefined || isAny(hour)) return expression;
  const shapes = FIELDS.slice(-fields.length);
  const timeCount = fields.length - 3;
  const listed = fields.slice(0, timeCount).map((text, index) => listOf(text, shapes[index] as Field));
  return [...listed, ...fields.slice(timeCount)].join(' ');
}

function listOf(text: string, field: Field): string {
  const parts = text.split(',').map((part) => ({ part, values: valuesIn(part, field) }));
  return parts.map(({ part, values }) => (Array.isArray(values) ? values.join(',') : part)).join(',');
}

/** Whether a field begins with `*`, or with `?`, which is the same. */
export const isAny = (field: string): boolean => /^[*?]/.test(field);

function partProblem(part: string, field: Field): CronProblem | undefined {
  const values = valuesIn(part, field);
  return Array.isArray(values) ? undefined : values;
}

/** `*`, `5`, `1-5`, each perhaps with a step: a step of 15, `10/15` (from 10 on). */
function valuesIn(part: string, field: Field): number[] | CronProblem {
  const [range = '', stepText, ...more] = part.split('/');
  const step = Number(stepText ?? 1);
  if (more.length > 0 || !/^[1-9]\d*$/.test(stepText ?? '1'))
    return {
      message: `\`${part}\` is not a valid step: the number after \`/\` must be a whole number from 1`,
      hint: 'Like `*/15`.',
    };
  const ends = endsOf(range, field, stepText !== undefined);
  if (!Array.isArray(ends)) return ends;
  const [first, last] = ends;
  if (first > last) {
    const hint = 'A range goes upwards: write the two parts with a comma between them.';
    return { message: `\`${range}\` runs backwards in the ${field.name}`, hint };
  }
  if (step > valueCount(field)) {
    const message = `\`${part}\` steps over all values of the ${field.name}, which goes from ${field.lowest} to ${field.highest}`;
    return { message, hint: 'For a longer time between starts, write a trigger of `type: interval`.' };
  }
  return Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, index) => first + index * step);
}

/** The first and the last value of a range; a single value with a step goes on to the highest one. */
function endsOf(range: string, field: Field, hasStep: boolean): [number, number] | CronProblem {
  if (range === '*' || range === '?') return [field.lowest, field.highest];
  const texts = range.split('-');
  if (texts.length > 2) return unknownValue(range, field);
  const ends = texts.map((text) => numberIn(text, field));
  const unknown = ends.indexOf(undefined);
  if (unknown >= 0) return unknownValue(texts[unknown] ?? '', field);
  const [first = 0, last = hasStep ? field.highest : first] = ends as number[];
  return [first, last];
}

/** 0 and 7 are both Sunday. */
const valueCount = ({ lowest, highest }: Field): number => (highest === 7 ? 7 : highest - lowest + 1);

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
