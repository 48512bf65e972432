import type { JsonObject } from '../../shared/json/json.ts';
import { ALERT_FIELDS, type AlertSeverity, type AlertStatus } from './alert.ts';

/** What an adapter found. What is undefined is filled in here, alike for all formats. */
export interface Findings {
  source: string;
  fingerprint: string;
  id?: string | undefined;
  name?: string | undefined;
  status?: AlertStatus | undefined;
  severity?: AlertSeverity | undefined;
  /** When the sender says that this happened. */
  at?: string | undefined;
  startedAt?: string | undefined;
  environment?: string | undefined;
  service?: string | undefined;
  message?: string | undefined;
  description?: string | undefined;
  url?: string | undefined;
  labels?: JsonObject;
  /** Fields that templates read beside those of the shape. */
  beside?: JsonObject;
  raw: JsonObject;
  envelope?: JsonObject;
}

export function buildAlert(found: Findings, receivedAt: number): JsonObject {
  const name = found.name ?? `${found.source} alert`;
  const status = found.status ?? 'firing';
  const { startedAt } = found;
  const beside = Object.entries(found.beside ?? {}).filter(([key]) => !ALERT_FIELDS.has(key));
  return {
    id: found.id ?? found.fingerprint,
    fingerprint: found.fingerprint,
    name,
    status,
    severity: found.severity ?? 'info',
    lastReceived: found.at ?? new Date(receivedAt).toISOString(),
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(startedAt === undefined || status === 'resolved' ? {} : { firingStartTime: startedAt }),
    environment: found.environment ?? 'unknown',
    service: found.service ?? null,
    source: [found.source],
    message: found.message ?? found.description ?? name,
    description: found.description ?? found.message ?? name,
    url: found.url ?? null,
    labels: found.labels ?? {},
    ...Object.fromEntries(beside),
    raw: found.raw,
    ...(found.envelope ? { envelope: found.envelope } : {}),
  };
}
