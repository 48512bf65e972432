import type { JsonObject } from '../../shared/json/json.ts';
import { ALERT_FIELDS, type Alert, type AlertSeverity, type AlertStatus } from './alert.ts';

/** The parts of an alert that an adapter has found. `buildAlert` fills in the missing ones, for all formats alike. */
export interface AlertParts {
  source: string;
  fingerprint: string;
  id?: string | undefined;
  name?: string | undefined;
  status?: AlertStatus | undefined;
  severity?: AlertSeverity | undefined;
  /** The sender's time of the notification. */
  at?: string | undefined;
  startedAt?: string | undefined;
  environment?: string | undefined;
  service?: string | undefined;
  message?: string | undefined;
  description?: string | undefined;
  url?: string | undefined;
  labels?: JsonObject;
  /** Fields that templates read besides those of the shape. */
  extraFields?: JsonObject;
  raw: JsonObject;
  envelope?: JsonObject;
}

export function buildAlert(parts: AlertParts, receivedAt: number): Alert {
  const name = parts.name ?? `${parts.source} alert`;
  const status = parts.status ?? 'firing';
  const { startedAt } = parts;
  const extraFields = Object.entries(parts.extraFields ?? {}).filter(([key]) => !ALERT_FIELDS.has(key));
  return {
    id: parts.id ?? parts.fingerprint,
    fingerprint: parts.fingerprint,
    name,
    status,
    severity: parts.severity ?? 'info',
    lastReceived: parts.at ?? new Date(receivedAt).toISOString(),
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(startedAt === undefined || status === 'resolved' ? {} : { firingStartTime: startedAt }),
    environment: parts.environment ?? 'unknown',
    service: parts.service ?? null,
    source: [parts.source],
    message: parts.message ?? parts.description ?? name,
    description: parts.description ?? parts.message ?? name,
    url: parts.url ?? null,
    labels: parts.labels ?? {},
    ...Object.fromEntries(extraFields),
    raw: parts.raw,
    ...(parts.envelope ? { envelope: parts.envelope } : {}),
  };
}
