import { isObject, type JsonObject } from '../../shared/json/json.ts';
import { buildAlert, type Findings } from './build.ts';
import { fingerprintOf } from './fingerprint.ts';
import { type AlertFormat, refuse } from './format.ts';
import { isGrafana } from './grafana-marks.ts';
import { listOf, mapOf, textOf, timeOf, webUrl } from './read.ts';
import { severityOf, statusOf } from './words.ts';

/** Templates of Keep read these of any Prometheus alert, whether it has them or not. */
const BLANK = { value: '', instance: '', job: '' };

/** https://prometheus.io/docs/alerting/latest/configuration/#webhook_config, and single alerts of Alertmanager's API. */
export const alertmanager: AlertFormat = {
  name: 'alertmanager',
  description: 'Prometheus Alertmanager, webhook version 4',
  looksFor: 'a list `alerts` whose items have `labels`, or `labels.alertname` and `annotations`',
  detects: (body) => isGroup(body) || isSingle(body),
  read: (body, { receivedAt }) => {
    if (!isGroup(body)) return [buildAlert({ ...findings(body), beside: besideOf(body) }, receivedAt)];
    const { alerts: _alerts, ...envelope } = body;
    return groupItems(body).map((alert) => buildAlert({ ...findings(alert), beside: besideOf(alert), envelope }, receivedAt));
  },
};

const isGroup = (body: JsonObject): boolean =>
  !isGrafana(body) && listOf(body.alerts).some((alert) => isObject(mapOf(alert).labels));

const isSingle = (body: JsonObject): boolean =>
  textOf(mapOf(body.labels).alertname) !== undefined && isObject(body.annotations) && !('lastReceived' in body);

/** The alerts of a notification; a damaged one is an error, since leaving it out would hide it. */
export function groupItems(body: JsonObject): JsonObject[] {
  return listOf(body.alerts).map((alert, index) => {
    if (isObject(alert)) return alert;
    throw refuse(`\`alerts[${index}]\` is no map.`, 'Send the notification as the monitoring system writes it.');
  });
}

/** What the alerts of Alertmanager and of Grafana, which descends from it, have in common. */
export function findings(alert: JsonObject): Findings {
  const labels = mapOf(alert.labels);
  const annotations = mapOf(alert.annotations);
  const name = textOf(labels.alertname, annotations.summary);
  return {
    source: 'prometheus',
    fingerprint: fingerprintOf(alert.fingerprint, { name: name ?? null, labels }),
    name,
    status: statusOf(mapOf(alert.status).state, alert.status, alert.state),
    severity: severityOf(labels.severity, labels.priority),
    startedAt: timeOf(alert.startsAt, alert.activeAt),
    environment: textOf(labels.environment, labels.env, labels.deployment_environment),
    service: textOf(labels.service, annotations.service),
    message: textOf(annotations.summary, annotations.message),
    description: textOf(annotations.description, annotations.message),
    url: webUrl(alert.generatorURL),
    labels,
    raw: alert,
  };
}

const besideOf = (alert: JsonObject): JsonObject => ({ ...BLANK, ...mapOf(alert.labels), annotations: {}, ...alert });
