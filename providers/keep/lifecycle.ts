import { type JsonObject, momentOf } from 'threadline/provider';

/** An existing alert. */
export interface Existing {
  /** The current state with enrichments. */
  current: JsonObject;
  /** The latest event as received. */
  event: JsonObject;
}

/** Event for an alert that nothing matches any more; undefined if it is resolved already or a person handles it. */
export function whenGone({ current, event }: Existing, atMs: number): JsonObject | undefined {
  if (!['firing', 'pending'].includes(statusOf(current))) return undefined;
  return { ...event, status: 'resolved', lastReceived: new Date(atMs).toISOString() };
}

/**
 * Event for an alert whose condition must hold for a while: first pending, then firing. The condition holds since `activeAt`,
 * which starts again after the alert was resolved. Undefined if a person handles the alert.
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

/** Like the store, treats an invalid status as firing. */
const statusOf = ({ status }: JsonObject): string =>
  typeof status === 'string' && STATUSES.includes(status) ? status : 'firing';
