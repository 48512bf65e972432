import { type AlertSeverity, type SeverityOrder, severityOf } from '../../plan/severity.ts';
import type { Json } from '../../shared/json/json.ts';
import { ALERT_STATUSES, type AlertStatus } from './alert.ts';
import { statedText } from './foreign-data.ts';

export { SEVERITY_WORDS } from '../../plan/severity.ts';

/** RFC 5424: the lowest number is the worst. */
export const SYSLOG_SEVERITIES: SeverityOrder = new Map([
  ['0', 'critical'],
  ['1', 'critical'],
  ['2', 'critical'],
  ['3', 'high'],
  ['4', 'warning'],
  ['5', 'info'],
  ['6', 'info'],
  ['7', 'low'],
]);

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

/** The severity that a value means; undefined if it is not known. */
export function knownSeverity(value: Json | undefined, order?: SeverityOrder): AlertSeverity | undefined {
  const text = statedText(value);
  return text === undefined ? undefined : severityOf(text, order);
}

/** A severity in a sender's own order; what that order does not know stays as it is. */
export const severityIn = (order: SeverityOrder, value: Json | undefined): Json | undefined =>
  knownSeverity(value, order) ?? value;

/** The severity of the first candidate that states anything; one that is not known stays as the sender wrote it. */
export function statedSeverity(candidates: readonly (Json | undefined)[]): string | undefined {
  const text = candidates.map(statedText).find((one) => one !== undefined);
  return text === undefined ? undefined : (severityOf(text) ?? text);
}
