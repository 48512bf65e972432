import type { Json, JsonObject } from '../../shared/json/json.ts';
import { momentOf } from '../../shared/time/moment.ts';
import { statusOf } from './firing-fields.ts';

/** A field and its value; of two with one name the later counts. */
export type Enrichment = [key: string, value: Json];

/** An event as it stands at a moment, with what was written on top of it. */
export function withEnrichments(event: JsonObject, enrichments: readonly Enrichment[], atMs: number): JsonObject {
  const alert: JsonObject = { ...event, ...Object.fromEntries(enrichments) };
  if (isTrue(alert.dismissed) && hasEnded(alert, atMs)) {
    // The dismissal ended, and so did the status that was enriched with it.
    const lasting = enrichments.filter(([key, value]) => key !== 'status' || value !== 'suppressed');
    return settled({ ...event, ...Object.fromEntries(lasting), dismissed: false });
  }
  if ('dismissed' in alert) alert.dismissed = isTrue(alert.dismissed);
  return settled(alert);
}

/** Keep's name for the end of a dismissal, and the one that its users write. */
export const DISMISSAL_ENDS = ['dismissUntil', 'dismissedUntil'] as const;

/** When the dismissal of an alert ends, as it was written; undefined where no end is given. */
export const dismissalEnd = (fields: JsonObject): Json | undefined =>
  DISMISSAL_ENDS.map((key) => fields[key]).find((end) => end !== null && end !== undefined && end !== '');

export const isReadableEnd = (end: Json): boolean => end === 'forever' || momentOf(end) !== undefined;

function hasEnded(alert: JsonObject, atMs: number): boolean {
  const end = momentOf(dismissalEnd(alert));
  return end !== undefined && end <= atMs;
}

const isTrue = (value: Json | undefined): boolean =>
  value === true || (typeof value === 'string' && value.toLowerCase() === 'true');

/** The counters as the status has them that was enriched after they were counted. */
function settled(alert: JsonObject): JsonObject {
  const status = statusOf(alert);
  if (status === 'acknowledged') alert.firingCounter = 0;
  if (status === 'resolved') alert.unresolvedCounter = 0;
  return alert;
}
