import type { ErrorReport } from '../shared/errors/errors.ts';
import type { JsonObject } from '../shared/json/json.ts';
import type { AlertSeverity } from './severity.ts';

/** An event that may start workflows. Never changed during matching, because matchers cache derived data by its identity. */
export interface TriggerEvent {
  alert?: JsonObject;
  /** The previous alert with the same fingerprint. */
  previous?: JsonObject;
  incident?: JsonObject;
  /** Change of the incident: created, updated or deleted. When undefined, triggers for any of them match. */
  incidentEvent?: string;
  /** How a severity of the event that is not known is ordered; default: `UNKNOWN_SEVERITY`. */
  unknownSeverity?: AlertSeverity;
}

export interface TriggerPlan {
  type: string;
  /** `file:line:column`, for messages. */
  place: string;
  /** Tells whether the event starts the workflow. Throws ThreadlineError when a condition cannot be evaluated. */
  matches(event: TriggerEvent): boolean;
  /** Like `matches` with all reasons; slower, and never throws. */
  explain(event: TriggerEvent): TriggerMatch;
  /** The alert for the run that the event starts, with the trigger's findings about its change. */
  alertFor(event: TriggerEvent): JsonObject | undefined;
  /** The trigger compares the event with `previous`. */
  comparesWithPrevious?: boolean;
  schedule?: Schedule;
}

/** Times are milliseconds since the Unix epoch. */
export type Schedule =
  | { kind: 'interval'; everyMs: number }
  /** `nextAfter` returns the first due time after `ms`; undefined when there is none. */
  | { kind: 'cron'; expression: string; timezone: string; nextAfter(ms: number): number | undefined };

/** Result of matching an event against a trigger, with the reasons. */
export interface TriggerMatch {
  matches: boolean;
  clauses: TriggerClause[];
  /** Present when the run gets more than the received alert. */
  alert?: JsonObject;
  /** Present when a condition could not be evaluated. */
  error?: ErrorReport;
}

export interface TriggerClause {
  text: string;
  /** Null when the clause could not be evaluated. */
  holds: boolean | null;
  /** The values that decided the result. */
  why: string;
  /** `file:line:column`. */
  place: string;
  /** Operands of `a || b` and `!(a && b)`, each evaluated separately. */
  parts?: TriggerClause[];
}
