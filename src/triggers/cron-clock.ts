import type { CronTimes } from './cron-expression.ts';

/**
 * When a cron expression comes next, on the clocks of a time zone. What the clocks show is counted in milliseconds as if
 * they stood in UTC ("wall"). Where they are set forward, a time that they leave out comes at the moment of the change;
 * where they are set back, a time that they show twice comes the first time. What comes every hour comes every hour.
 */
export function nextTime(times: CronTimes, zone: string, afterMs: number): number | undefined {
  const offsetAt = offsetsOf(zone);
  return times.everyHour ? nextByHour(times, offsetAt, afterMs) : nextByClock(times, offsetAt, afterMs);
}

/** What a zone's clocks are ahead of UTC at a moment. */
type OffsetAt = (ms: number) => number;

const SECOND_MS = 1000;
const DAY_MS = 86_400_000;
/** February 29 comes again after eight years at most. */
const MOST_DAYS = 366 * 9;

function nextByClock(times: CronTimes, offsetAt: OffsetAt, afterMs: number): number | undefined {
  let wall = nextWall(times, afterMs + offsetAt(afterMs));
  while (wall !== undefined) {
    const ms = momentOf(wall, offsetAt);
    // Not so for what came when the clocks showed this for the first time.
    if (ms > afterMs) return ms;
    wall = nextWall(times, wall);
  }
  return undefined;
}

/** Goes on from each change of the clocks by what they show then. */
function nextByHour(times: CronTimes, offsetAt: OffsetAt, afterMs: number): number | undefined {
  let from = afterMs;
  for (;;) {
    const offset = offsetAt(from);
    const wall = nextWall(times, from + offset);
    if (wall === undefined || offsetAt(wall - offset) === offset) return wall === undefined ? undefined : wall - offset;
    // Just before the change, as the new clocks count, so that its own moment is one of the times.
    const change = changeBetween(from, wall - offset, offsetAt);
    const first = nextWall(times, change + offsetAt(change) - 1);
    if (first === undefined) return undefined;
    if (offsetAt(first - offsetAt(change)) === offsetAt(change)) return first - offsetAt(change);
    from = change;
  }
}

/** The moment when the clocks first show this; when they never do, the moment when they leave it out. */
function momentOf(wall: number, offsetAt: OffsetAt): number {
  const [before, after] = [offsetAt(wall - 1.5 * DAY_MS), offsetAt(wall + 1.5 * DAY_MS)];
  const moments = [wall - before, wall - after].filter((ms) => ms + offsetAt(ms) === wall);
  if (moments.length > 0) return Math.min(...moments);
  return changeBetween(wall - Math.max(before, after), wall - Math.min(before, after), offsetAt);
}

/** The first moment of the new offset, between one of the old and one of the new. */
function changeBetween(from: number, to: number, offsetAt: OffsetAt): number {
  const old = offsetAt(from);
  let [early, late] = [Math.floor(from / SECOND_MS), Math.ceil(to / SECOND_MS)];
  while (late - early > 1) {
    const middle = Math.floor((early + late) / 2);
    if (offsetAt(middle * SECOND_MS) === old) early = middle;
    else late = middle;
  }
  return late * SECOND_MS;
}

/** The first of the times after what the clocks show, wherever they stand. */
function nextWall(times: CronTimes, after: number): number | undefined {
  const from = (Math.floor(after / SECOND_MS) + 1) * SECOND_MS;
  const firstDay = Math.floor(from / DAY_MS) * DAY_MS;
  for (let day = firstDay; day < firstDay + MOST_DAYS * DAY_MS; day += DAY_MS) {
    const date = new Date(day);
    if (!times.months.has(date.getUTCMonth() + 1) || !times.hasDay(date.getUTCDate(), date.getUTCDay())) continue;
    const time = firstTime(times, day === firstDay ? (from - day) / SECOND_MS : 0);
    if (time !== undefined) return day + time * SECOND_MS;
  }
  return undefined;
}

/** In seconds of the day. */
function firstTime({ hours, minutes, seconds }: CronTimes, from: number): number | undefined {
  for (const hour of hours) {
    if (hour * 3600 + 3599 < from) continue;
    for (const minute of minutes) {
      const start = hour * 3600 + minute * 60;
      const second = seconds.find((value) => start + value >= from);
      if (second !== undefined) return start + second;
    }
  }
  return undefined;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  const numeric = 'numeric';
  const parts = { year: numeric, month: numeric, day: numeric, hour: numeric, minute: numeric, second: numeric } as const;
  const format = new Intl.DateTimeFormat('en-US', { ...parts, hourCycle: 'h23', era: 'short', timeZone: zone });
  formats.set(zone, format);
  return format;
}

/** Throws RangeError for a zone that does not exist. */
function offsetsOf(zone: string): OffsetAt {
  const format = formatOf(zone);
  return (ms) => {
    const parts: Record<string, number> = {};
    for (const { type, value } of format.formatToParts(ms)) parts[type] = Number(value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
    return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(ms / SECOND_MS) * SECOND_MS;
  };
}

/** Whether the clocks of the world have such a zone. */
export function isZone(zone: string): boolean {
  try {
    formatOf(zone);
    return true;
  } catch {
    return false;
  }
}
