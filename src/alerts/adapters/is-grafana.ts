import { isObject, type JsonObject } from '../../shared/json/json.ts';
import { asList, asMap, firstText } from './foreign-data.ts';

const GROUP_FIELDS = ['orgId', 'appVersion'];
const ALERT_FIELDS = ['silenceURL', 'dashboardURL', 'panelURL', 'values', 'valueString', 'imageURL'];

/** A notification of Grafana is one of Alertmanager with additional fields. */
export function isGrafana(body: JsonObject): boolean {
  const alerts = asList(body.alerts).map(asMap);
  if (!alerts.some((alert) => isObject(alert.labels))) return false;
  if (GROUP_FIELDS.some((key) => key in body) || (firstText(body.title) !== undefined && firstText(body.state) !== undefined))
    return true;
  return alerts.some((alert) => ALERT_FIELDS.some((key) => key in alert));
}
