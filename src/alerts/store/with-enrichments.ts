import type { Json, JsonObject } from '../../shared/json/json.ts';
import { momentOf } from '../../shared/time/moment.ts';
import { alertStatus } from './firing-fields.ts';

/** A field and its value; of two with the same key the later counts. */
export type EnrichedField = [key: string, value: Json];

/** An event at a moment, with the fields written on top of it. */
export function withEnrichments(event: JsonObject, enrichments: readonly EnrichedField[], atMs: number): JsonObject {
  const alert: JsonObject = { ...event, ...Object.fromEntries(enrichments) };
  if (isTrue(alert.dismissed) && hasEnded(alert, atMs)) {
    // The dismissal has ended, and with it the status that was enriched for it.
    const lasting = enrichments.filter(([key, value]) => key !== 'status' || value !== 'suppressed');
    return withCounters({ ...event, ...Object.fromEntries(lasting), dismissed: false });
  }
  if ('dismissed' in alert) alert.dismissed = isTrue(alert.dismissed);
  return withCounters(alert);
}

/** Keep's field for the end of a dismissal, and the one that its users write. */
export const DISMISSAL_ENDS = ['dismissUntil', 'dismissedUntil'] as const;

/** The end of an alert's dismissal, as it was written; undefined if there is none. */
export const dismissalEnd = (fields: JsonObject): Json | undefined =>
  DISMISSAL_ENDS.map((key) => fields[key]).find((end) => end !== null && end !== undefined && end !== '');

export const isReadableEnd = (end: Json): boolean => end === 'forever' || momentOf(end) !== undefined;

function hasEnded(alert: JsonObject, atMs: number): boolean {
  const end = momentOf(dismissalEnd(alert));
  return end !== undefined && end <= atMs;
}

const isTrue = (value: Json | undefined): boolean =>
  value === true || (typeof value === 'string' && value.toLowerCase() === 'true');

/** Resets the counters that an enriched status resets: they were counted before the enrichment. */
function withCounters(alert: JsonObject): JsonObject {
  const status = alertStatus(alert);
  if (status === 'acknowledged') alert.firingCounter = 0;
  if (status === 'resolved') alert.unresolvedCounter = 0;
  return alert;
}
