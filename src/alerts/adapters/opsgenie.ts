import { isObject, type JsonObject } from '../../shared/json/json.ts';
import { buildAlert } from './build.ts';
import { fingerprintOf } from './fingerprint.ts';
import { type AlertFormat, notAnAlert, refuse } from './format.ts';
import { fromPairs, mapOf, tagPairs, textOf, timeOf } from './read.ts';
import { severityOf, statusOf } from './words.ts';

/** https://support.atlassian.com/opsgenie/docs/opsgenie-edge-connector-alert-action-data/ */
export const opsgenie: AlertFormat = {
  name: 'opsgenie',
  description: 'Opsgenie, webhook integration',
  looksFor: '`action` and a map `alert` with `alertId`, `alias` or `tinyId`',
  detects: (body) =>
    textOf(body.action) !== undefined &&
    isObject(body.alert) &&
    ['alertId', 'alias', 'tinyId'].some((key) => key in mapOf(body.alert)),
  read: (body, { receivedAt }) => {
    const alert = mapOf(body.alert);
    const { alert: _alert, ...envelope } = body;
    const beside = { ...alert, action: body.action ?? null };
    return [buildAlert({ ...findings(alert, body), beside, raw: alert, envelope }, receivedAt)];
  },
};

function findings(alert: JsonObject, body: JsonObject) {
  const status = statusOf(body.action);
  if (status === undefined)
    throw notAnAlert(
      `The Opsgenie action \`${String(body.action).slice(0, 80)}\` does not say how the alert stands.`,
      'Let the integration send Create, Acknowledge, UnAcknowledge, Snooze and Close.',
    );
  const id = textOf(alert.alertId, alert.alias, alert.tinyId);
  if (id === undefined) throw refuse('The Opsgenie webhook names no alert.', 'An alert has an `alertId`.');
  const details = mapOf(alert.details);
  return {
    source: 'opsgenie',
    id,
    fingerprint: fingerprintOf(id, {}),
    name: textOf(alert.message),
    status,
    severity: severityOf(alert.priority),
    at: timeOf(alert.updatedAt),
    startedAt: timeOf(alert.createdAt),
    environment: textOf(details.environment, details.env),
    service: textOf(details.service, alert.entity),
    message: textOf(alert.message),
    description: textOf(alert.description),
    labels: { ...fromPairs(tagPairs(alert.tags)), ...details },
  };
}
