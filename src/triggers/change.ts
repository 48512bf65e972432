import { severityRank } from '../plan/severity.ts';
import type { Json, JsonObject } from '../shared/json/json.ts';
import { canonical } from '../shared/schema/schema-rules.ts';
import { fieldOf, type Requirement, shown } from './requirement.ts';

/** A field that must differ from the alert of the same fingerprint before this one. The first of them counts as changed. */
export function changeOf(field: string, place: string): Requirement {
  const text = `${field} has changed`;
  return {
    holds: ({ alert, previous }) =>
      previous === undefined || differs(fieldOf(alert ?? {}, field), fieldOf(previous, field), field),
    explain({ alert, previous }) {
      if (previous === undefined) return [{ text, holds: true, why: 'there is no alert before it', place }];
      const [now, before] = [fieldOf(alert ?? {}, field), fieldOf(previous, field)];
      const holds = differs(now, before, field);
      const why = holds ? `${field} was ${shown(before)} and is ${shown(now)}` : `${field} is ${shown(now)}, as before`;
      return [{ text, holds, why, place }];
    },
  };
}

/** A missing field counts as null. */
function differs(now: Json = null, before: Json = null, field: string): boolean {
  if (field === 'severity' && severityRank(now) >= 0 && severityRank(now) === severityRank(before)) return false;
  return canonical(now) !== canonical(before);
}

/** Adds the change of severity to the alert; unchanged if it is unknown. */
export function withSeverityChange(alert: JsonObject, previous: JsonObject | undefined): JsonObject {
  if (previous === undefined || !differs(alert.severity, previous.severity, 'severity')) return alert;
  const [now, before] = [severityRank(alert.severity ?? null), severityRank(previous.severity ?? null)];
  const direction = now < 0 || before < 0 ? {} : { severity_change: now > before ? 'increased' : 'decreased' };
  return { ...alert, severity_changed: true, previous_severity: previous.severity ?? null, ...direction };
}
