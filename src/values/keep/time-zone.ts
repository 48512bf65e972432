import { expressionFailed } from '../core/kinds.ts';

const KEPT_ZONES = 50;
const zones = new Map<string, Intl.DateTimeFormat>();

function formatterOf(zone: string): Intl.DateTimeFormat {
  const known = zones.get(zone);
  if (known) return known;
  const formatter = newFormatter(zone);
  if (zones.size >= KEPT_ZONES) zones.clear();
  zones.set(zone, formatter);
  return formatter;
}

function newFormatter(timeZone: string): Intl.DateTimeFormat {
  const numeric = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' } as const;
  try {
    return new Intl.DateTimeFormat('en-US', { ...numeric, second: 'numeric', hourCycle: 'h23', era: 'short', timeZone });
  } catch {
    throw expressionFailed(`There is no time zone \`${timeZone.slice(0, 40)}\`.`, 'They are named like Europe/Berlin or UTC.');
  }
}

/** How far a zone's clocks are before UTC at a moment. */
export function offsetMinutesAt(ms: number, zone: string): number {
  const parts = new Map(
    formatterOf(zone)
      .formatToParts(ms)
      .map(({ type, value }) => [type, value]),
  );
  const part = (name: Intl.DateTimeFormatPartTypes): number => Number(parts.get(name));
  const local = new Date(0);
  local.setUTCFullYear(parts.get('era') === 'BC' ? 1 - part('year') : part('year'), part('month') - 1, part('day'));
  local.setUTCHours(part('hour'), part('minute'), part('second'));
  return Math.round((local.getTime() - Math.floor(ms / 1000) * 1000) / 60_000);
}
