import { type JsonObject, momentOf } from 'threadline/provider';

/** An alert that is there already. */
export interface Existing {
  /** As it stands, with what it was enriched with. */
  current: JsonObject;
  /** Its latest event, as it was received. */
  event: JsonObject;
}

/** The event of an alert that nothing matches any more; undefined where it is over already, or a person has taken it on. */
export function whenGone({ current, event }: Existing, atMs: number): JsonObject | undefined {
  if (!['firing', 'pending'].includes(statusOf(current))) return undefined;
  return { ...event, status: 'resolved', lastReceived: new Date(atMs).toISOString() };
}

/**
 * The event of an alert whose condition has to hold for a while: pending first, firing after that. `activeAt` is since when it
 * holds; it begins anew after the alert was resolved. Undefined where a person has taken the alert on.
 */
export function whenMatched(
  alert: JsonObject,
  existing: Existing | undefined,
  forMs: number,
  atMs: number,
): JsonObject | undefined {
  const status = existing && statusOf(existing.current);
  switch (status) {
    case 'firing':
      return { ...alert, status, activeAt: activeSince(existing, atMs) };
    case undefined:
    case 'resolved':
      return begun(alert, atMs, forMs, atMs);
    case 'pending':
      return begun(alert, momentOf(activeSince(existing, atMs)) ?? atMs, forMs, atMs);
    default:
      return undefined;
  }
}

function begun(alert: JsonObject, activeMs: number, forMs: number, atMs: number): JsonObject {
  const status = atMs - activeMs >= forMs ? 'firing' : 'pending';
  return { ...alert, status, activeAt: new Date(activeMs).toISOString() };
}

function activeSince(existing: Existing | undefined, atMs: number): string {
  const { activeAt, lastReceived } = existing?.event ?? {};
  const known = [activeAt, lastReceived].find((time) => momentOf(time) !== undefined);
  return typeof known === 'string' ? known : new Date(atMs).toISOString();
}

const STATUSES = ['firing', 'resolved', 'acknowledged', 'suppressed', 'pending', 'maintenance'];

/** As the store reads it: what is no status counts as firing. */
const statusOf = ({ status }: JsonObject): string =>
  typeof status === 'string' && STATUSES.includes(status) ? status : 'firing';
