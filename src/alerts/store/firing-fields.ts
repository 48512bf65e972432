import { countedStatus } from '../../plan/alert-status.ts';
import type { Json, JsonObject } from '../../shared/json/json.ts';
import { momentOf } from '../../shared/time/moment.ts';

export const alertStatus = ({ status }: JsonObject): string => countedStatus(status);

/**
 * The fields that follow from an event and from the alert before it, by Keep's rules: `firingCounter` counts events of every
 * status since the last acknowledgement, and a firing that was acknowledged in between begins anew.
 */
export function firingFields(alert: JsonObject, previous: JsonObject | undefined, atMs: number): JsonObject {
  const began = new Date(momentOf(alert.lastReceived) ?? atMs).toISOString();
  return {
    firingStartTime: firingStart(alert, previous, began),
    firingStartTimeSinceLastResolved: startSinceResolved(alert, previous, began),
    firingCounter: count('firingCounter', 'acknowledged', alert, previous),
    unresolvedCounter: count('unresolvedCounter', 'resolved', alert, previous),
  };
}

function firingStart(alert: JsonObject, previous: JsonObject | undefined, began: string): Json {
  if (alertStatus(alert) !== 'firing') return null;
  if (previous && alertStatus(previous) !== 'firing') return began;
  // The sender of a first event may know an earlier start than its receiver.
  return validTime((previous ?? alert).firingStartTime) ?? (previous ? undefined : validTime(alert.startedAt)) ?? began;
}

function startSinceResolved(alert: JsonObject, previous: JsonObject | undefined, began: string): Json {
  const status = alertStatus(alert);
  if (status === 'resolved') return null;
  const earlier = previous && alertStatus(previous) !== 'resolved' && validTime(previous.firingStartTimeSinceLastResolved);
  return earlier || (status === 'firing' ? began : null);
}

const validTime = (time: Json | undefined): string | undefined =>
  typeof time === 'string' && momentOf(time) !== undefined ? time : undefined;

function count(field: string, endsWith: string, alert: JsonObject, previous: JsonObject | undefined): number {
  if (alertStatus(alert) === endsWith) return 0;
  if (!previous || alertStatus(previous) === endsWith) return 1;
  const before = previous[field];
  return (typeof before === 'number' ? before : 0) + 1;
}
