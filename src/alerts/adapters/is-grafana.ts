import { isObject, type JsonObject } from '../../shared/json/json.ts';
import { asList, asMap, firstText } from './foreign-data.ts';

const GROUP_FIELDS = ['orgId', 'appVersion'];
const ALERT_FIELDS = ['silenceURL', 'dashboardURL', 'panelURL', 'values', 'valueString', 'imageURL'];

/** A notification of Grafana is one of Alertmanager with additional fields. */
export function isGrafana(body: JsonObject): boolean {
  const alerts = asList(body.alerts).map(asMap);
  if (!isEmptyGroup(body) && !alerts.some((alert) => isObject(alert.labels))) return false;
  if (GROUP_FIELDS.some((key) => key in body) || (firstText(body.title) !== undefined && firstText(body.state) !== undefined))
    return true;
  return alerts.some((alert) => ALERT_FIELDS.some((key) => key in alert));
}

/** A notification without alerts: `{"alerts": []}`, whatever is around it. A body with a name of its own is an alert. */
export function isEmptyGroup(body: JsonObject): boolean {
  if (firstText(body.name, body.alertname, body.fingerprint) !== undefined) return false;
  // A list that is nil in Go is null in JSON.
  const isNil = body.alerts === null && ['receiver', 'groupKey', 'groupLabels'].some((key) => key in body);
  return isNil || (Array.isArray(body.alerts) && body.alerts.length === 0);
}
