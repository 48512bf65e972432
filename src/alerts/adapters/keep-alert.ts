import type { JsonObject } from '../../shared/json/json.ts';
import { ALERT_SEVERITIES, type AlertSeverity } from './alert.ts';
import { fingerprintOf } from './fingerprint.ts';
import type { AlertFormat } from './format.ts';
import { mapOf, textOf, timeOf } from './read.ts';
import { severityOf, statusOf } from './words.ts';

/** An alert of the shape itself: Keep's own, or one that was adapted before. It stays as it is; what is missing is filled in. */
export const keepAlert: AlertFormat = {
  name: 'keep-alert',
  description: "Keep's own alert, and alerts that already have this shape",
  looksFor: '`name`, `lastReceived` and `source` or `status`',
  detects: (body) =>
    textOf(body.name) !== undefined && textOf(body.lastReceived) !== undefined && ('source' in body || 'status' in body),
  read: (body, { receivedAt }) => {
    const labels = mapOf(body.labels);
    const fingerprint = fingerprintOf(body.fingerprint, { name: body.name ?? null, labels, ...placeOf(body) });
    const filled: JsonObject = {
      id: textOf(body.id) ?? fingerprint,
      fingerprint,
      status: statusOf(body.status) ?? textOf(body.status) ?? 'firing',
      severity: fromNumber(body.severity) ?? severityOf(body.severity) ?? textOf(body.severity) ?? 'info',
      lastReceived: timeOf(body.lastReceived) ?? new Date(receivedAt).toISOString(),
      environment: textOf(body.environment) ?? 'unknown',
      service: textOf(body.service) ?? null,
      source: sourceOf(body),
      message: textOf(body.message, body.description, body.name) ?? '',
      description: textOf(body.description, body.message, body.name) ?? '',
      url: textOf(body.url) ?? null,
      labels,
    };
    return [{ ...body, ...filled }];
  },
};

const placeOf = ({ service = null, environment = null }: JsonObject): JsonObject => ({ service, environment });

const sourceOf = ({ source }: JsonObject) => {
  const all = Array.isArray(source) ? source : [source];
  return all.map((one) => textOf(one)).filter((text) => text !== undefined);
};

/** Keep counts from 1, low, to 5, critical. */
const fromNumber = (value: unknown): AlertSeverity | undefined =>
  typeof value === 'number' ? ALERT_SEVERITIES[ALERT_SEVERITIES.length - value] : undefined;
