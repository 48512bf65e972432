import { PRIORITIES } from '../../plan/severity.ts';
import { isObject, type JsonObject } from '../../shared/json/json.ts';
import { type AlertFormat, invalidBody, notAnAlert } from './alert-format.ts';
import { knownStatus, severityIn } from './alert-words.ts';
import { buildAlert } from './build-alert.ts';
import { fingerprintOf } from './fingerprint.ts';
import { asMap, firstText, fromPairs, tagPairs } from './foreign-data.ts';

/** https://support.atlassian.com/opsgenie/docs/opsgenie-edge-connector-alert-action-data/ */
export const opsgenie: AlertFormat = {
  name: 'opsgenie',
  description: 'Opsgenie, webhook integration',
  looksFor: '`action` and a map `alert` with `alertId`, `alias` or `tinyId`',
  detects: (body) =>
    firstText(body.action) !== undefined &&
    isObject(body.alert) &&
    ['alertId', 'alias', 'tinyId'].some((key) => key in asMap(body.alert)),
  read: (body, context) => {
    const alert = asMap(body.alert);
    const { alert: _alert, ...envelope } = body;
    const extraFields = { ...alert, action: body.action ?? null };
    return [buildAlert({ ...partsOf(alert, body), extraFields, raw: alert, envelope }, context)];
  },
};

function partsOf(alert: JsonObject, body: JsonObject) {
  if (knownStatus(body.action) === undefined)
    throw notAnAlert(
      `The Opsgenie action \`${String(body.action).slice(0, 80)}\` is not a change of an alert’s state.`,
      'Configure the integration to send Create, Acknowledge, UnAcknowledge, Snooze and Close.',
    );
  const id = firstText(alert.alertId, alert.alias, alert.tinyId);
  if (id === undefined) throw invalidBody('The Opsgenie webhook names no alert.', 'An alert has an `alertId`.');
  const details = asMap(alert.details);
  return {
    source: 'opsgenie',
    id,
    fingerprint: fingerprintOf(id, {}),
    name: firstText(alert.message),
    status: [body.action],
    severity: [severityIn(PRIORITIES, alert.priority)],
    at: [alert.updatedAt],
    startedAt: [alert.createdAt],
    environment: firstText(details.environment, details.env),
    service: firstText(details.service, alert.entity),
    message: firstText(alert.message),
    description: firstText(alert.description),
    labels: { ...fromPairs(tagPairs(alert.tags)), ...details },
  };
}
