import type { JsonObject } from '../shared/json/json.ts';
import { shortJson } from '../shared/text/safe-text.ts';
import { type AlertSeverity, isUnknownSeverity, UNKNOWN_SEVERITY } from './severity.ts';

const LONGEST_SHOWN = 60;

/** Warns of severities that no table knows, of an event's alert and incident. */
export function severityNotices(
  { alert, incident }: { alert?: JsonObject | undefined; incident?: JsonObject | undefined },
  rankedAs: AlertSeverity = UNKNOWN_SEVERITY,
): string[] {
  const payloads = Object.entries({ alert, incident }).filter(([, payload]) => isUnknownSeverity(payload?.severity));
  return payloads.map(([name, payload]) => {
    const shown = shortJson(payload?.severity ?? null, LONGEST_SHOWN);
    return `the severity ${shown} of the ${name} is not known: it stays as it is, and is ordered as \`${rankedAs}\` (setting \`alerts.unknown_severity\`)`;
  });
}
