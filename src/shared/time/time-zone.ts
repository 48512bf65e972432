const KEPT_ZONES = 50;
const formatters = new Map<string, Intl.DateTimeFormat>();

/** Throws RangeError for a zone that does not exist. */
function formatterOf(zone: string): Intl.DateTimeFormat {
  const known = formatters.get(zone);
  if (known) return known;
  const numeric = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' } as const;
  const formatter = new Intl.DateTimeFormat('en-US', {
    ...numeric,
    ...{ second: 'numeric', hourCycle: 'h23', era: 'short', timeZone: zone },
  });
  // Names of zones may come from data.
  if (formatters.size >= KEPT_ZONES) formatters.clear();
  formatters.set(zone, formatter);
  return formatter;
}

/** Tells whether the zone exists: `Europe/Berlin`, `UTC`. */
export function isZone(zone: string): boolean {
  try {
    formatterOf(zone);
    return true;
  } catch {
    return false;
  }
}

/** How far a zone's clocks are before UTC at a moment, in minutes. Throws RangeError for a zone that does not exist. */
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
