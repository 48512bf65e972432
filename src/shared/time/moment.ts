import type { Json } from '../json/json.ts';
import { isNumber } from '../json/number.ts';

/** A point in time, and the offset from UTC that it was written with. */
export interface Moment {
  ms: number;
  offsetMinutes: number;
}

/** Named groups for the parts of a date, so that a single function reads every form. */
export type DateParts = Readonly<Record<string, string | undefined>>;

const MINUTE_MS = 60_000;
/** The largest time that a Date can hold, in both directions. */
export const LATEST_MS = 8.64e15;
/** Beyond it, an epoch number counts milliseconds; a thousand times that, microseconds, and then nanoseconds. */
const MOST_SECONDS = 1e11;
const MOST_NANOSECONDS = 1e20;

const TIME = String.raw`(?<hour>\d{1,2}):(?<minute>\d{2})(?::(?<second>\d{2})(?:[.,](?<fraction>\d+))?)?(?:\s*(?<meridiem>[AP]M))?`;
const NAMED_ZONE = 'Z|UTC|GMT|UT|[ECMP][SD]T';
/** Behind the zone its name may stand once more, as in `+0100 CET` and `GMT+0100 (Central European Time)`. */
const ZONE = String.raw`(?:\s*(?<zone>(?:UTC|GMT)?[+-]\d{2}(?::?\d{2})?|${NAMED_ZONE})(?:\s+(?:\([^()]*\)|[A-Z]{3,4}))?)?`;
const WEEKDAY = String.raw`(?:(?:Mon|Tue(?:s)?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?,?\s+)?`;
const MONTH_NAME = '(?<monthName>[A-Z]{3,9})';
const YEAR = String.raw`(?:(?<year>\d{4})|(?<shortYear>\d{2}))`;

/** ISO 8601 and SQL; RFC 2822, HTTP and Apache's log; `Mar 27, 2024 2:30 PM`; and `Wed Mar 27 14:30:00 UTC 2024`, as `date` has it. */
const FORMS = [
  `(?<year>\\d{4})[-/](?<month>\\d{1,2})[-/](?<day>\\d{1,2})(?:[T ]\\s*${TIME}${ZONE})?`,
  String.raw`(?<year>\d{4})(?<month>\d{2})(?<day>\d{2})(?:T(?<hour>\d{2})(?<minute>\d{2})(?:(?<second>\d{2})(?:[.,](?<fraction>\d+))?)?(?<zone>Z|[+-]\d{2}(?::?\d{2})?)?)?`,
  `${WEEKDAY}(?<day>\\d{1,2})[ /-]${MONTH_NAME}[ /-]${YEAR}(?:[ :T]\\s*${TIME}${ZONE})?`,
  `${WEEKDAY}${MONTH_NAME}\\s+(?<day>\\d{1,2}),?\\s+(?<year>\\d{4})(?:,?\\s+${TIME}${ZONE})?`,
  `${WEEKDAY}${MONTH_NAME}\\s+(?<day>\\d{1,2})\\s+${TIME}${ZONE}\\s+(?<year>\\d{4})`,
].map((form) => new RegExp(`^${form}$`, 'i'));

/** For messages about text that is not a time. */
export const TIME_FORMS =
  'A time is written as 2026-01-31T09:00:00Z (UTC where no zone stands there), as Sat, 31 Jan 2026 09:00:00 GMT, or as seconds, milliseconds, microseconds or nanoseconds since 1970.';

const MONTHS = 'january february march april may june july august september october november december'.split(' ');
/** RFC 2822 §4.3: the zones that dates of mail and of HTTP name, in hours from UTC. */
const ZONE_HOURS: Readonly<Record<string, number>> = {
  ...{ est: -5, edt: -4, cst: -6, cdt: -5, mst: -7, mdt: -6, pst: -8, pdt: -7 },
};
const LONGEST_DATE = 80;

/** Numbers as text: fewer digits could be anything, and eight are a date. Senders that Keep knows put a `Z` behind them. */
const EPOCH_TEXT = /^(-?\d{9,}(?:\.\d+)?)Z?$/i;

/**
 * The moment that a number or a text names, as alerts, people and Keep's functions write it: ISO 8601 and SQL (UTC where no zone
 * stands there), RFC 2822, or seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by their size. Undefined
 * for anything else, and for a date that does not exist, such as a 30th of February.
 */
export function readMoment(value: Json | undefined): Moment | undefined {
  // Nanoseconds are beyond 2^53; a moment has milliseconds.
  if (isNumber(value)) return fromEpoch(Number(value));
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  if (text.length > LONGEST_DATE) return undefined;
  const [, epoch] = EPOCH_TEXT.exec(text) ?? [];
  if (epoch !== undefined) return fromEpoch(Number(epoch));
  for (const form of FORMS) {
    const parts = form.exec(text)?.groups;
    if (parts) return momentOfParts(parts);
  }
  return undefined;
}

/** Like `momentOf`, as milliseconds since the Unix epoch. */
export const momentOf = (value: Json | undefined): number | undefined => readMoment(value)?.ms;

function fromEpoch(number: number): Moment | undefined {
  if (!(Math.abs(number) < MOST_NANOSECONDS)) return undefined;
  let seconds = number;
  while (Math.abs(seconds) >= MOST_SECONDS) seconds /= 1000;
  return fromMs(Math.round(seconds * 1000), 0);
}

const fromMs = (ms: number, offsetMinutes: number): Moment | undefined =>
  Math.abs(ms) <= LATEST_MS ? { ms, offsetMinutes } : undefined;

/** The moment of the parts, in UTC unless they name a zone; undefined for dates such as February 30. */
export function momentOfParts(parts: DateParts): Moment | undefined {
  const month = parts.monthName === undefined ? Number(parts.month ?? 1) : monthNamed(parts.monthName);
  const day = Number(parts.day ?? 1);
  const [hour, minute, second] = [hourOf(parts), Number(parts.minute ?? 0), Number(parts.second ?? 0)];
  const offsetMinutes = offsetOf(parts.zone ?? '');
  if (hour === undefined || hour > 23 || minute > 59 || second > 60 || offsetMinutes === undefined) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(yearOf(parts), month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  // A Date takes milliseconds; finer digits are cut off.
  const fractionMs = Number((parts.fraction ?? '').slice(0, 3).padEnd(3, '0'));
  return fromMs(date.getTime() + ((hour * 60 + minute - offsetMinutes) * 60 + second) * 1000 + fractionMs, offsetMinutes);
}

/** From `mar` on, as much as stands there. */
const monthNamed = (name: string): number => MONTHS.findIndex((month) => month.startsWith(name.toLowerCase())) + 1;

function yearOf({ year, shortYear }: DateParts): number {
  if (shortYear === undefined) return Number(year ?? 1900);
  return Number(shortYear) + (Number(shortYear) < 69 ? 2000 : 1900);
}

/** Undefined for hours that do not exist, such as 14:30 AM. */
function hourOf({ hour = '0', meridiem }: DateParts): number | undefined {
  const isAfternoon = meridiem?.toLowerCase() === 'pm';
  if (meridiem === undefined || (isAfternoon && Number(hour) > 12)) return Number(hour);
  return Number(hour) > 12 ? undefined : (Number(hour) % 12) + (isAfternoon ? 12 : 0);
}

/** In minutes; undefined for offsets of a day and more. */
function offsetOf(zone: string): number | undefined {
  const [, sign, hours, minutes = '0'] = /([+-])(\d{2}):?(\d{2})?$/.exec(zone) ?? [];
  if (sign === undefined) return (ZONE_HOURS[zone.toLowerCase()] ?? 0) * 60;
  if (Number(hours) > 23 || Number(minutes) > 59) return undefined;
  return (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -1 : 1);
}

/** ISO 8601, with `Z` for UTC. */
export function isoText({ ms, offsetMinutes }: Moment): string {
  const text = new Date(ms + offsetMinutes * MINUTE_MS).toISOString();
  if (offsetMinutes === 0) return text;
  const [hours, minutes] = [Math.floor(Math.abs(offsetMinutes) / 60), Math.abs(offsetMinutes) % 60];
  const pad = (number: number): string => String(number).padStart(2, '0');
  return text.replace('Z', `${offsetMinutes < 0 ? '-' : '+'}${pad(hours)}:${pad(minutes)}`);
}
