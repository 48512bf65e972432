import { type AlertSeverity, type SeverityOrder, severityOf } from '../../plan/severity.ts';
import type { Json } from '../../shared/json/json.ts';
import { statedText } from './foreign-data.ts';

export { knownStatus, STATUS_WORDS } from '../../plan/alert-status.ts';
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
