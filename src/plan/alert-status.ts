import type { Json } from '../shared/json/json.ts';

export const ALERT_STATUSES = ['firing', 'resolved', 'acknowledged', 'suppressed', 'pending'] as const;
export type AlertStatus = (typeof ALERT_STATUSES)[number];

/** The words of senders for each status, and for the actions that lead to it. */
export const STATUS_WORDS: Record<AlertStatus, string[]> = {
  firing: [
    ...['firing', 'fired', 'alarm', 'alerting', 'active', 'activated', 'open', 'new', 'unresolved', 'problem', 'down'],
    ...['critical', 'warning', 'error', 'trigger', 'triggered', 'retriggered', 'warn', 'rewarn', 'renotify', 'create', 'created'],
    ...['reopened', 'unacknowledge', 'unacknowledged', 'snoozeended', 'escalate', 'escalatenext'],
  ],
  resolved: [
    ...['resolved', 'resolve', 'recovered', 'recovery', 'ok', 'normal', 'clear', 'cleared', 'close', 'closed', 'delete'],
    ...['inactive', 'deactivated', 'up'],
  ],
  acknowledged: ['acknowledged', 'acknowledge', 'acked', 'ack'],
  suppressed: ['suppressed', 'muted', 'silenced', 'snooze', 'snoozed', 'ignored', 'archived', 'paused', 'inhibited'],
  pending: ['pending', 'nodata', 'renodata', 'insufficientdata', 'unprocessed'],
};

const LONGEST_STATUS = 40;
const STATUSES = new Map(ALERT_STATUSES.flatMap((status) => STATUS_WORDS[status].map((word) => [word, status] as const)));

/** The status of the first candidate that is a known word. */
export function knownStatus(...candidates: (Json | undefined)[]): AlertStatus | undefined {
  for (const candidate of candidates) {
    if (typeof candidate !== 'string' || candidate.length > LONGEST_STATUS) continue;
    const found = STATUSES.get(candidate.toLowerCase().replace(/[^a-z0-9]/g, ''));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Keep's status of an alert during maintenance, which no sender states. */
const MAINTENANCE = 'maintenance';

/** What a status counts as, in whatever words it is written; one that is not known counts as firing. */
export function countedStatus(status: Json | undefined): AlertStatus | typeof MAINTENANCE {
  const isMaintenance = typeof status === 'string' && status.toLowerCase() === MAINTENANCE;
  return isMaintenance ? MAINTENANCE : (knownStatus(status) ?? 'firing');
}

/** True of a status that is stated and that no table knows. */
export const isUnknownStatus = (status: Json | undefined): boolean =>
  status !== undefined &&
  status !== null &&
  status !== '' &&
  knownStatus(status) === undefined &&
  countedStatus(status) === 'firing';
