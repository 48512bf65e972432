import type { Json } from '../json/json.ts';

const ISO = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?) ?(Z|[+-]\d\d(?::?\d\d)?)?)?$/i;
const EPOCH = /^\d+(?:\.\d+)?Z?$/;
/** Seconds since 1970 stay below this for 3,000 years; milliseconds passed it in 1973. */
const FIRST_IN_MILLISECONDS = 1e11;
const LAST_DATE_MS = 8.64e15;

/**
 * Milliseconds since 1970 of a time as alerts write it: ISO 8601 (UTC where no zone stands there), or seconds or milliseconds
 * since 1970 as a number or its text. Undefined for anything else.
 */
export function momentOf(value: Json | undefined): number | undefined {
  const text = typeof value === 'number' || typeof value === 'string' ? String(value).trim() : '';
  const ms = EPOCH.test(text) ? ofEpoch(Number.parseFloat(text)) : ofIso(text);
  return ms <= LAST_DATE_MS ? ms : undefined;
}

function ofEpoch(count: number): number {
  return Math.round(count < FIRST_IN_MILLISECONDS ? count * 1000 : count);
}

function ofIso(text: string): number {
  const [, day, time = '00:00', zone = 'Z'] = ISO.exec(text) ?? [];
  if (!day) return Number.NaN;
  const [, sign, hours, minutes = '00'] = /^([+-])(\d\d):?(\d\d)?$/.exec(zone) ?? [];
  // Date takes milliseconds; finer digits are cut off.
  return Date.parse(
    `${day}T${time.replace(',', '.').slice(0, 'hh:mm:ss.mmm'.length)}${sign ? `${sign}${hours}:${minutes}` : 'Z'}`,
  );
}
