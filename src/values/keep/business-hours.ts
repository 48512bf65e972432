import type { EvaluationContext } from '../../plan/evaluation-context.ts';
import type { Json } from '../../shared/json/json.ts';
import { expressionFailed } from '../core/kinds.ts';
import { itemsOf, textOf, wholeOf } from './arguments.ts';
import { type KeepFunction, keepFunction } from './keep-function.ts';
import { offsetIn, requireMoment } from './moment.ts';
import { nowIn } from './time.ts';

const MINUTE_MS = 60_000;
const WORKDAYS = [0, 1, 2, 3, 4];

function hourOf(value: Json): number {
  const hour = wholeOf(value);
  if (hour >= 0 && hour <= 23) return hour;
  throw expressionFailed(`Hours are from 0 to 23, not ${hour}.`);
}

function daysOf(value: Json): number[] {
  const days = itemsOf(value).map(wholeOf);
  const wrong = days.find((day) => day < 0 || day > 6);
  if (wrong === undefined) return days;
  throw expressionFailed(`${wrong} is no day of the week.`, 'They are from 0 (Monday) to 6 (Sunday).');
}

/** Without an argument, the time is now; an empty field is not a time. */
function momentAsked(time: Json | undefined, evaluation: EvaluationContext | undefined): number | undefined {
  if (time === undefined) return nowIn(evaluation);
  return time === null || time === '' ? undefined : requireMoment(time).ms;
}

const isBusinessHours: KeepFunction['call'] = (values, evaluation) => {
  const [time, start = 8, end = 20, days = WORKDAYS, zone = 'UTC'] = values;
  const [from, to, workdays] = [hourOf(start), hourOf(end), daysOf(days)];
  const ms = momentAsked(time, evaluation);
  if (ms === undefined) return false;
  const local = new Date(ms + offsetIn(textOf(zone), ms) * MINUTE_MS);
  // Monday is 0.
  const day = (local.getUTCDay() + 6) % 7;
  return workdays.includes(day) && local.getUTCHours() >= from && local.getUTCHours() < to;
};

export const businessHours = keepFunction(
  "is_business_hours(time_to_check=None, start_hour=8, end_hour=20, business_days=(0, 1, 2, 3, 4), timezone='UTC')",
  {
    description:
      'Whether a time, or now, is on a business day (0 is Monday) between the two hours, as clocks show it in the zone.',
    example: {
      template: "{{ keep.is_business_hours(timezone='Europe/Berlin', end_hour=18) }}",
      scope: {},
      evaluation: { now: '2024-03-27T16:30:00Z' },
      result: true,
    },
    difference: 'A time that is no date is an error, where Keep gives false.',
  },
  isBusinessHours,
);
