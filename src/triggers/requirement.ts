import type { TriggerClause, TriggerEvent, TriggerPlan } from '../plan/trigger-plan.ts';
import { reportOf, toThreadlineError } from '../shared/errors/errors.ts';
import type { Json, JsonObject } from '../shared/json/json.ts';

/** A condition for an event to start the workflow. Checked only for events with the trigger's kind of payload. */
export interface Requirement {
  /** Throws ThreadlineError. */
  holds(event: TriggerEvent): boolean;
  explain(event: TriggerEvent): TriggerClause[];
}

/** The plan of a trigger that an alert or an incident fires: all its requirements must hold. */
export function firedBy(
  payload: 'alert' | 'incident',
  place: string,
  requirements: readonly Requirement[],
  alertFor: TriggerPlan['alertFor'] = (event) => event.alert,
): TriggerPlan {
  const matches = (event: TriggerEvent) => event[payload] !== undefined && requirements.every((one) => one.holds(event));
  return {
    type: payload,
    place,
    matches,
    alertFor,
    explain(event) {
      if (event[payload] === undefined) {
        const why = payload === 'alert' ? 'this event is no alert' : 'this event is no incident';
        return { matches: false, clauses: [{ text: `type: ${payload}`, holds: false, why, place }] };
      }
      const clauses = requirements.flatMap((one) => one.explain(event));
      if (clauses.length === 0) clauses.push({ text: `every ${payload}`, holds: true, why: '', place });
      try {
        const alert = alertFor(event);
        const holds = matches(event);
        return { matches: holds, clauses, ...(holds && alert && alert !== event.alert ? { alert } : {}) };
      } catch (thrown) {
        return { matches: false, clauses, error: reportOf(toThreadlineError(thrown, 'expression_failed')) };
      }
    },
  };
}

/** The plan of a trigger that no event fires. */
export function firedByNoEvent(type: string, place: string, why: string, schedule?: TriggerPlan['schedule']): TriggerPlan {
  return {
    type,
    place,
    matches: () => false,
    alertFor: () => undefined,
    explain: () => ({ matches: false, clauses: [{ text: `type: ${type}`, holds: false, why, place }] }),
    ...(schedule ? { schedule } : {}),
  };
}

const LONGEST_VALUE = 80;

/** A value in a sentence; long ones by their beginning. */
export function shown(value: Json | undefined): string {
  if (value === undefined) return 'not there';
  const text = JSON.stringify(value);
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE).toWellFormed()}…` : text;
}

/** The field at `labels.team`, or under a key that has the dots itself. Own properties only. */
export function fieldOf(payload: JsonObject, key: string): Json | undefined {
  if (Object.hasOwn(payload, key)) return payload[key];
  let value: Json | undefined = payload;
  for (const part of key.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as JsonObject)[part];
  }
  return value;
}
