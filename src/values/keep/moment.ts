import type { Json } from '../../shared/json/json.ts';
import { LATEST_MS, type Moment, readMoment, TIME_FORMS } from '../../shared/time/moment.ts';
import { isZone, offsetMinutesAt } from '../../shared/time/time-zone.ts';
import { expressionFailed, kindOf } from '../core/kinds.ts';

/** Throws for what is not a date. */
export function requireMoment(value: Json): Moment {
  const moment = readMoment(value);
  if (moment) return moment;
  const shown = typeof value === 'string' ? `"${value.slice(0, 40)}"` : kindOf(value);
  throw expressionFailed(`${shown} is not a valid date.`, TIME_FORMS);
}

/** The same date, later or earlier. */
export function moved(moment: Moment, byMs: number): Moment {
  const ms = moment.ms + Math.round(byMs);
  if (Math.abs(ms) > LATEST_MS) throw expressionFailed('There is no such date.');
  return { ms, offsetMinutes: moment.offsetMinutes };
}

/** Offset of a zone from UTC at the moment, in minutes. Throws for an unknown zone. */
export function offsetIn(zone: string, ms: number): number {
  if (isZone(zone)) return offsetMinutesAt(ms, zone);
  throw expressionFailed(`There is no time zone \`${zone.slice(0, 40)}\`.`, 'They are named like Europe/Berlin or UTC.');
}
