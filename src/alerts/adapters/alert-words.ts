import type { Json } from '../../shared/json/json.ts';
import { ALERT_SEVERITIES, ALERT_STATUSES, type AlertSeverity, type AlertStatus } from './alert.ts';

/** The words of senders for each severity, compared without case, spaces and punctuation: `SEV-1` is `sev1`. */
export const SEVERITY_WORDS: Record<AlertSeverity, string[]> = {
  critical: ['critical', 'crit', 'fatal', 'emergency', 'disaster', 'page', 'p1', 'sev1'],
  high: ['high', 'error', 'err', 'major', 'p2', 'sev2'],
  warning: ['warning', 'warn', 'medium', 'moderate', 'minor', 'rewarn', 'p3', 'sev3'],
  info: ['info', 'information', 'informational', 'notice', 'success', 'ok', 'none', 'p4', 'sev4'],
  low: ['low', 'debug', 'trivial', 'p5', 'sev5'],
};

/** The words of senders for each status, and for the actions that lead to it. */
export const STATUS_WORDS: Record<AlertStatus, string[]> = {
  firing: [
    ...['firing', 'alarm', 'alerting', 'active', 'open', 'unresolved', 'critical', 'warning', 'error'],
    ...['trigger', 'triggered', 'retriggered', 'warn', 'rewarn', 'renotify', 'create', 'created', 'reopened'],
    ...['unacknowledge', 'unacknowledged', 'snoozeended', 'escalate', 'escalatenext'],
  ],
  resolved: ['resolved', 'resolve', 'recovered', 'ok', 'normal', 'close', 'closed', 'delete', 'inactive'],
  acknowledged: ['acknowledged', 'acknowledge', 'acked', 'ack'],
  suppressed: ['suppressed', 'muted', 'silenced', 'snooze', 'snoozed', 'ignored', 'archived', 'paused', 'inhibited'],
  pending: ['pending', 'nodata', 'renodata', 'insufficientdata', 'unprocessed'],
};

const LONGEST_WORD = 40;
const index = <T extends string>(words: Record<T, string[]>, names: readonly T[]) =>
  new Map(names.flatMap((name) => words[name].map((word) => [word, name] as const)));
const severities = index(SEVERITY_WORDS, ALERT_SEVERITIES);
const statuses = index(STATUS_WORDS, ALERT_STATUSES);

function firstKnown<T>(known: Map<string, T>, candidates: (Json | undefined)[]): T | undefined {
  for (const candidate of candidates) {
    if (typeof candidate !== 'string' || candidate.length > LONGEST_WORD) continue;
    const found = known.get(candidate.toLowerCase().replace(/[^a-z0-9]/g, ''));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The severity of the first candidate that is a known word. */
export const knownSeverity = (...candidates: (Json | undefined)[]): AlertSeverity | undefined =>
  firstKnown(severities, candidates);
/** The status of the first candidate that is a known word. */
export const knownStatus = (...candidates: (Json | undefined)[]): AlertStatus | undefined => firstKnown(statuses, candidates);
