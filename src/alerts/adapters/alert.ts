import type { AlertStatus } from '../../plan/alert-status.ts';
import type { Json, JsonObject } from '../../shared/json/json.ts';

export { ALERT_STATUSES } from '../../plan/alert-status.ts';

/**
 * The shape that the alerts of all monitoring systems are given; the names are Keep's. Besides these fields an alert has the
 * fields of the original that templates written for Keep read. `docs/alerts.md` describes each.
 */
export type Alert = JsonObject & {
  id: string;
  /** Identifies the alert in all its notifications, firing or resolved; differs for each set of labels. */
  fingerprint: string;
  name: string;
  status: AlertStatus;
  /** One of the five severities; one that is not known stays as the sender wrote it. */
  severity: string;
  /** The sender's time of the notification, or the time of receipt. ISO 8601, UTC. */
  lastReceived: string;
  /** The beginning of the alert, if the sender states it. ISO 8601, UTC. */
  startedAt?: string;
  /** `startedAt`, unless the alert is resolved. */
  firingStartTime?: string;
  /** `unknown` if the sender names none. */
  environment: string;
  service: string | null;
  source: string[];
  message: string;
  description: string;
  /** The page of the alert, for people: http or https. */
  url: string | null;
  labels: JsonObject;
  /** The alert as it was sent. */
  raw: Json;
  /** The message around the alert, without it: Alertmanager's group, the SNS message, the CloudEvent. */
  envelope?: JsonObject;
};

/** The fields of the shape: no field of the original replaces one of them. */
export const ALERT_FIELDS: ReadonlySet<string> = new Set([
  ...['id', 'fingerprint', 'name', 'status', 'severity', 'lastReceived', 'startedAt', 'firingStartTime', 'environment'],
  ...['service', 'source', 'message', 'description', 'url', 'labels', 'raw', 'envelope'],
]);
