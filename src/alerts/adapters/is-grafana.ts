import { isObject, type JsonObject } from '../../shared/json/json.ts';
import { listOf, mapOf, textOf } from './read.ts';

const OF_THE_GROUP = ['orgId', 'appVersion'];
const OF_AN_ALERT = ['silenceURL', 'dashboardURL', 'panelURL', 'values', 'valueString', 'imageURL'];

/** Grafana's notification is Alertmanager's with fields of its own. */
export function isGrafana(body: JsonObject): boolean {
  const alerts = listOf(body.alerts).map(mapOf);
  if (!alerts.some((alert) => isObject(alert.labels))) return false;
  if (OF_THE_GROUP.some((key) => key in body) || (textOf(body.title) !== undefined && textOf(body.state) !== undefined))
    return true;
  return alerts.some((alert) => OF_AN_ALERT.some((key) => key in alert));
}
