import type { EvaluationContext } from '../../plan/evaluation-context.ts';
import type { Json } from '../../shared/json/json.ts';
import { isoText, type Moment, readMoment } from '../../shared/time/moment.ts';
import { expressionFailed } from '../core/kinds.ts';
import { anyTextOf, numberOf, textOf } from './arguments.ts';
import { momentInFormat } from './date-format.ts';
import { type KeepFunction, keepFunction } from './keep-function.ts';
import { moved, offsetIn, requireMoment } from './moment.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const UNITS_MS = { seconds: 1000, minutes: MINUTE_MS, hours: HOUR_MS, days: DAY_MS, weeks: 7 * DAY_MS };
const LETTERS_MS = { s: 1000, m: MINUTE_MS, h: HOUR_MS, d: DAY_MS, w: 7 * DAY_MS };

export function nowIn(evaluation: EvaluationContext | undefined): number {
  if (evaluation?.now) return evaluation.now();
  throw expressionFailed('There is no clock where this is computed.', 'Functions of time work in steps, not in constants.');
}

const isNothing = (value: Json): boolean => value === null || (typeof value === 'string' && value.trim() === '');

function msOf(unit: Json): number {
  const name = textOf(unit);
  if (Object.hasOwn(UNITS_MS, name)) return UNITS_MS[name as keyof typeof UNITS_MS];
  const units = Object.keys(UNITS_MS).join(', ');
  throw expressionFailed(`"${name.slice(0, 40)}" is not a unit of time.`, `There are: ${units}.`);
}

function fromTimestamp([timestamp = null, zone = 'UTC']: Json[]): string {
  if (isNothing(timestamp)) return '';
  const { ms } = requireMoment(numberOf(timestamp));
  return isoText({ ms, offsetMinutes: offsetIn(textOf(zone), ms) });
}

/** `1w 2d 3h 30m`, each with its own sign. */
function durationOf(text: string): number {
  if (!/^\s*(?:[-+]?\d+[wdhms]\s*)+$/.test(text)) {
    throw expressionFailed(`"${text.slice(0, 40)}" is not a valid duration.`, 'Write it like 1w 2d 3h 30m.');
  }
  let ms = 0;
  for (const [, amount, letter] of text.matchAll(/([-+]?\d+)([wdhms])/g)) {
    ms += Number(amount) * LETTERS_MS[letter as keyof typeof LETTERS_MS];
  }
  return ms;
}

function formattedMoment(date: Json, format: Json): Moment {
  const known = typeof date === 'string' && !isNothing(format) ? momentInFormat(date, textOf(format)) : undefined;
  const moment = known ?? readMoment(date);
  if (moment) return moment;
  const hint = 'Such as "%Y-%m-%dT%H:%M:%S.%f%z" for 2024-03-27T14:30:00.000-0500.';
  throw expressionFailed(`"${anyTextOf(date).slice(0, 40)}" does not follow "${anyTextOf(format).slice(0, 60)}".`, hint);
}

const NOON = '2024-03-27T12:00:00.000Z';
const received = { alert: { lastReceived: '2024-03-27 14:30:00+02:00' } };

export const timeFunctions: readonly KeepFunction[] = [
  keepFunction(
    'utcnow()',
    {
      description: 'The present time, as ISO 8601 text in UTC.',
      example: { template: '{{ keep.utcnow() }}', scope: {}, evaluation: { now: NOON }, result: NOON },
      difference: 'It is `2024-03-27T12:00:00.000Z`, where Keep puts `2024-03-27 12:00:00+00:00` into text.',
    },
    (_, evaluation) => isoText({ ms: nowIn(evaluation), offsetMinutes: 0 }),
  ),
  keepFunction(
    'utcnowiso()',
    {
      description: 'The same as keep.utcnow().',
      example: { template: '{{ keep.utcnowiso() }}', scope: {}, evaluation: { now: NOON }, result: NOON },
      difference: 'It ends in `Z`, where Keep has `+00:00`.',
    },
    (_, evaluation) => isoText({ ms: nowIn(evaluation), offsetMinutes: 0 }),
  ),
  keepFunction(
    'utcnowtimestamp()',
    {
      description: 'The present time, as whole seconds since 1970.',
      example: { template: '{{ keep.utcnowtimestamp() - 3600 }}', scope: {}, evaluation: { now: NOON }, result: 1_711_537_200 },
    },
    (_, evaluation) => Math.floor(nowIn(evaluation) / 1000),
  ),
  keepFunction(
    "to_utc(dt='')",
    {
      description: 'A date in UTC, as ISO 8601 text; empty for nothing.',
      example: { template: '{{ keep.to_utc(alert.lastReceived) }}', scope: received, result: '2024-03-27T12:30:00.000Z' },
      difference: 'Text that is not a date is an error, where Keep gives empty text. A date without a zone is taken for UTC.',
    },
    ([date = null]) => (isNothing(date) ? '' : isoText({ ms: requireMoment(date).ms, offsetMinutes: 0 })),
  ),
  keepFunction(
    "to_timestamp(dt='')",
    {
      description: 'A date as whole seconds since 1970; 0 for nothing.',
      example: { template: '{{ keep.to_timestamp(alert.lastReceived) }}', scope: received, result: 1_711_542_600 },
      difference: 'Text that is not a date is an error, where Keep gives 0.',
    },
    ([date = null]) => (isNothing(date) ? 0 : Math.trunc(requireMoment(date).ms / 1000)),
  ),
  keepFunction(
    "from_timestamp(timestamp, timezone='UTC')",
    {
      description:
        'The date of a number of seconds (or milliseconds, microseconds, nanoseconds) since 1970, as ISO 8601 text with the offset of the zone.',
      example: {
        template: "{{ keep.from_timestamp(alert.at, 'Europe/Berlin') }}",
        scope: { alert: { at: 1_711_542_600 } },
        result: '2024-03-27T13:30:00.000+01:00',
      },
      difference: 'A value that is not a number and an unknown zone are errors, where Keep gives empty text.',
    },
    fromTimestamp,
  ),
  keepFunction(
    'datetime_compare(t1=None, t2=None)',
    {
      description: 'How many hours the first date is after the second; 0 when one is missing.',
      example: {
        template: '{{ keep.datetime_compare(keep.utcnow(), alert.lastReceived) }}',
        scope: received,
        evaluation: { now: '2024-03-27T14:00:00Z' },
        result: 1.5,
      },
      difference: 'Dates may be text or numbers, too.',
    },
    ([left = null, right = null]) =>
      isNothing(left) || isNothing(right) ? 0 : (requireMoment(left).ms - requireMoment(right).ms) / HOUR_MS,
  ),
  keepFunction(
    'substract_minutes(dt, minutes)',
    {
      description: 'The date so many minutes earlier.',
      example: {
        template: '{{ keep.substract_minutes(alert.lastReceived, 90) }}',
        scope: received,
        result: '2024-03-27T13:00:00.000+02:00',
      },
      difference: 'It works; in a workflow of Keep it always fails.',
    },
    ([date = null, minutes = null]) => isoText(moved(requireMoment(date), -Number(numberOf(minutes)) * MINUTE_MS)),
  ),
  keepFunction(
    'timestamp_delta(dt, amount, timestamp_unit)',
    {
      description: 'The date so many seconds, minutes, hours, days or weeks later; earlier with a negative amount.',
      example: {
        template: "{{ keep.timestamp_delta(keep.utcnow(), -1.5, 'hours') }}",
        scope: {},
        evaluation: { now: NOON },
        result: '2024-03-27T10:30:00.000Z',
      },
      difference: 'It works; in a workflow of Keep it always fails.',
    },
    ([date = null, amount = null, unit = null]) => isoText(moved(requireMoment(date), Number(numberOf(amount)) * msOf(unit))),
  ),
  keepFunction(
    'add_time_to_date(date, date_format, time_str)',
    {
      description: 'The date, read in the format (Python’s), so many weeks, days, hours, minutes and seconds later.',
      example: {
        template: "{{ keep.add_time_to_date(alert.day, '%d.%m.%Y', '1w 2d 3h') }}",
        scope: { alert: { day: '27.03.2024' } },
        result: '2024-04-05T03:00:00.000Z',
      },
      difference: 'A date in ISO 8601 is read with any format; an invalid duration is an error, where Keep adds nothing.',
    },
    ([date = null, format = null, time = null]) => isoText(moved(formattedMoment(date, format), durationOf(textOf(time)))),
  ),
];
