import { didYouMean } from '../shared/text/suggest.ts';

/** The times on a clock's face that a cron expression names: five fields, or six with seconds in front. */
export interface CronTimes {
  seconds: readonly number[];
  minutes: readonly number[];
  hours: readonly number[];
  months: ReadonlySet<number>;
  /** Whether a day of the month, from 1, that is this day of the week, from 0 for Sunday, is one of them. */
  hasDay(dayOfMonth: number, dayOfWeek: number): boolean;
  /** Every hour: such times are counted by the hour, not by the clock. */
  everyHour: boolean;
}

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

const FIELDS = {
  second: { name: 'second', lowest: 0, highest: 59 },
  minute: { name: 'minute', lowest: 0, highest: 59 },
  hour: { name: 'hour', lowest: 0, highest: 23 },
  day: { name: 'day of the month', lowest: 1, highest: 31 },
  month: { name: 'month', lowest: 1, highest: 12, names: MONTHS },
  // 7 is Sunday, too.
  weekday: { name: 'day of the week', lowest: 0, highest: 7, names: DAYS },
} satisfies Record<string, Field>;

const NICKNAMES: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

const LIKE = 'Like `0 9 * * 1-5`: minute, hour, day of the month, month, day of the week.';

class CronFailure extends Error {
  readonly problem: CronProblem;

  constructor(message: string, hint?: string) {
    super(message);
    this.problem = hint === undefined ? { message } : { message, hint };
  }
}

/** Reads a cron expression; says what is wrong with it instead of throwing. */
export function parseCron(text: string): CronTimes | CronProblem {
  try {
    return timesOf(text.trim().toLowerCase());
  } catch (failure) {
    if (failure instanceof CronFailure) return failure.problem;
    throw failure;
  }
}

function timesOf(text: string): CronTimes {
  const nickname = Object.hasOwn(NICKNAMES, text) ? NICKNAMES[text] : undefined;
  if (text.startsWith('@') && nickname === undefined) {
    const names = Object.keys(NICKNAMES);
    throw new CronFailure(`there is no \`${text}\``, didYouMean(text, names) ?? `There are: ${names.join(', ')}.`);
  }
  const fields = (nickname ?? text).split(/\s+/);
  if (fields.length !== 5 && fields.length !== 6) {
    const fieldCount = text === '' ? 'none' : fields.length;
    throw new CronFailure(`a cron expression has five fields, or six with seconds in front, and this has ${fieldCount}`, LIKE);
  }
  const [second = '0', minute = '', hour = '', day = '', month = '', weekday = ''] =
    fields.length === 6 ? fields : ['0', ...fields];
  const [days, weekdays] = [valuesOf(day, FIELDS.day), new Set([...valuesOf(weekday, FIELDS.weekday)].map((value) => value % 7))];
  // As in every cron: with both days given, either is enough.
  const either = !isAny(day) && !isAny(weekday);
  return {
    seconds: sorted(valuesOf(second, FIELDS.second)),
    minutes: sorted(valuesOf(minute, FIELDS.minute)),
    hours: sorted(valuesOf(hour, FIELDS.hour)),
    months: valuesOf(month, FIELDS.month),
    hasDay: (dayOfMonth, dayOfWeek) =>
      either ? days.has(dayOfMonth) || weekdays.has(dayOfWeek) : days.has(dayOfMonth) && weekdays.has(dayOfWeek),
    everyHour: isAny(hour),
  };
}

const sorted = (values: ReadonlySet<number>) => [...values].sort((left, right) => left - right);
const isAny = (field: string) => /^[*?]/.test(field);

function valuesOf(text: string, field: Field): ReadonlySet<number> {
  return new Set(text.split(',').flatMap((part) => rangeOf(part, field)));
}

// `*`, `5`, `1-5`, each perhaps with a step: `*/15`, `10/15` (from 10 on).
function rangeOf(text: string, field: Field): number[] {
  const [range = '', stepText, ...more] = text.split('/');
  const step = stepText === undefined ? 1 : Number(stepText);
  if (more.length > 0 || stepText === '' || !Number.isInteger(step) || step < 1)
    throw new CronFailure(`\`${text}\` is no step: behind the \`/\` stands a whole number from 1`, 'Like `*/15`.');
  const [first, last] = boundsOf(range, field, stepText !== undefined);
  if (first > last) {
    const hint = 'A range goes upwards: write the two parts with a comma between them.';
    throw new CronFailure(`\`${range}\` runs backwards in the ${field.name}`, hint);
  }
  return Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, index) => first + index * step);
}

function boundsOf(range: string, field: Field, hasStep: boolean): [number, number] {
  // Sunday once is enough.
  const highest = field.highest === 7 ? 6 : field.highest;
  if (range === '*' || range === '?') return [field.lowest, highest];
  const ends = range.split('-');
  const [first, last] = ends.map((end) => numberOf(end, field));
  if (first === undefined || ends.length > 2) throw notThere(range, field);
  return [first, last ?? (hasStep ? highest : first)];
}

function numberOf(text: string, field: Field): number {
  const named = field.names?.indexOf(text) ?? -1;
  if (named >= 0) return named + field.lowest;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= field.lowest && value <= field.highest) return value;
  throw notThere(text, field);
}

function notThere(text: string, field: Field): CronFailure {
  if (/^(l|\d+w|lw|\w+#\d|\d+l)$/.test(text))
    return new CronFailure(`\`${text}\` is not known here`, '`L`, `W` and `#` are Quartz’s own.');
  const names = field.names ? ` or ${field.names[0]} to ${field.names.at(-1)}` : '';
  const hint = (field.names && didYouMean(text, field.names)) ?? `It goes from ${field.lowest} to ${field.highest}${names}.`;
  return new CronFailure(`\`${text}\` is no ${field.name}`, hint);
}
