import type { ErrorReport } from '../shared/errors/errors.ts';
import type { JsonObject } from '../shared/json/json.ts';

/** What a trigger may be asked about. Stays as it is while it is matched: what is made of it is kept beside it. */
export interface TriggerEvent {
  alert?: JsonObject;
  /** The alert of the same fingerprint before this one. */
  previous?: JsonObject;
  incident?: JsonObject;
  /** What happened to the incident: created, updated or deleted. Undefined where it is not known: any event fits. */
  incidentEvent?: string;
}

export interface TriggerPlan {
  type: string;
  /** `file:line:column`, for messages. */
  place: string;
  /** Whether the event starts the workflow. Throws ThreadlineError where a condition cannot be computed from it. */
  matches(event: TriggerEvent): boolean;
  /** The same with every reason. Throws nothing, and takes longer. */
  explain(event: TriggerEvent): TriggerMatch;
  /** The alert as a run that the event started gets it: with what the trigger found out of its change. */
  alertFor(event: TriggerEvent): JsonObject | undefined;
  /** It asks what has changed: `previous` of the event matters. */
  comparesWithPrevious?: boolean;
  /** When the clock starts the workflow. */
  schedule?: Schedule;
}

/** Times are milliseconds since 1970. */
export type Schedule =
  | { kind: 'interval'; everyMs: number }
  /** `nextAfter` gives the first time after another one; undefined when there is none. */
  | { kind: 'cron'; expression: string; timezone: string; nextAfter(ms: number): number | undefined };

/** Whether a trigger takes an event, and why. */
export interface TriggerMatch {
  matches: boolean;
  clauses: TriggerClause[];
  /** There when the run gets more than the alert that came. */
  alert?: JsonObject;
  /** Why it could not be said whether it matches. */
  error?: ErrorReport;
}

export interface TriggerClause {
  text: string;
  /** Null when it could not be computed. */
  holds: boolean | null;
  /** The values that decided it. */
  why: string;
  /** `file:line:column`. */
  place: string;
  /** Of `a || b` and `!(a && b)`: each by itself. */
  parts?: TriggerClause[];
}
