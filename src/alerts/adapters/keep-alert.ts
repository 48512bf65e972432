import type { JsonObject } from '../../shared/json/json.ts';
import { ALERT_SEVERITIES, type AlertSeverity } from './alert.ts';
import type { AlertFormat } from './alert-format.ts';
import { knownSeverity, knownStatus } from './alert-words.ts';
import { fingerprintOf } from './fingerprint.ts';
import { asMap, firstText, firstTime } from './foreign-data.ts';

/** An alert that already has the shape: Keep's own, or an adapted one. It stays as it is; missing fields are filled in. */
export const keepAlert: AlertFormat = {
  name: 'keep-alert',
  description: "Keep's own alert, and alerts that already have this shape",
  looksFor: '`name`, `lastReceived` and `source` or `status`',
  detects: (body) =>
    firstText(body.name) !== undefined && firstText(body.lastReceived) !== undefined && ('source' in body || 'status' in body),
  read: (body, { receivedAt }) => {
    const labels = asMap(body.labels);
    const fingerprint = fingerprintOf(body.fingerprint, { name: body.name ?? null, labels, ...serviceAndEnvironment(body) });
    const filled: JsonObject = {
      id: firstText(body.id) ?? fingerprint,
      fingerprint,
      status: knownStatus(body.status) ?? firstText(body.status) ?? 'firing',
      severity: fromNumber(body.severity) ?? knownSeverity(body.severity) ?? firstText(body.severity) ?? 'info',
      lastReceived: firstTime(body.lastReceived) ?? new Date(receivedAt).toISOString(),
      environment: firstText(body.environment) ?? 'unknown',
      service: firstText(body.service) ?? null,
      source: sourceOf(body),
      message: firstText(body.message, body.description, body.name) ?? '',
      description: firstText(body.description, body.message, body.name) ?? '',
      url: firstText(body.url) ?? null,
      labels,
    };
    return [{ ...body, ...filled }];
  },
};

const serviceAndEnvironment = ({ service = null, environment = null }: JsonObject): JsonObject => ({ service, environment });

const sourceOf = ({ source }: JsonObject) => {
  const all = Array.isArray(source) ? source : [source];
  return all.map((one) => firstText(one)).filter((text) => text !== undefined);
};

/** Keep counts from 1, low, to 5, critical. */
const fromNumber = (value: unknown): AlertSeverity | undefined =>
  typeof value === 'number' ? ALERT_SEVERITIES[ALERT_SEVERITIES.length - value] : undefined;
