import type { Json, JsonObject } from '../../shared/json/json.ts';

export const ALERT_STATUSES = ['firing', 'resolved', 'acknowledged', 'suppressed', 'pending'] as const;
export type AlertStatus = (typeof ALERT_STATUSES)[number];

/** From worst to least, as expressions rank them. */
export const ALERT_SEVERITIES = ['critical', 'high', 'warning', 'info', 'low'] as const;
export type AlertSeverity = (typeof ALERT_SEVERITIES)[number];

/**
 * The shape that every monitoring system's alert is brought into; the names are Keep's. Beside it stand fields of the
 * original under names of their own, as far as templates written for Keep read them. `docs/alerts.md` describes each.
 */
export type Alert = JsonObject & {
  id: string;
  /** The same for every notification of one alert, firing or resolved; another one for another set of labels. */
  fingerprint: string;
  name: string;
  status: AlertStatus;
  severity: AlertSeverity;
  /** When the sender says that this happened, else when it was received. ISO 8601, UTC. */
  lastReceived: string;
  /** When it began, where the sender says so. ISO 8601, UTC. */
  startedAt?: string;
  /** `startedAt` of an alert that is not resolved. */
  firingStartTime?: string;
  /** `unknown` where the sender names none. */
  environment: string;
  service: string | null;
  source: string[];
  message: string;
  description: string;
  /** Where a person looks at it. Nothing but http and https. */
  url: string | null;
  labels: JsonObject;
  /** The alert as it was sent. */
  raw: Json;
  /** What it was sent in, without the alert: Alertmanager's group, the SNS message, the CloudEvent. */
  envelope?: JsonObject;
};

/** Fields of the shape: nothing that an alert brings along stands in for one of them. */
export const ALERT_FIELDS: ReadonlySet<string> = new Set([
  ...['id', 'fingerprint', 'name', 'status', 'severity', 'lastReceived', 'startedAt', 'firingStartTime', 'environment'],
  ...['service', 'source', 'message', 'description', 'url', 'labels', 'raw', 'envelope'],
]);
