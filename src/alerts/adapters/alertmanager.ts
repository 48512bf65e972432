import { PRIORITIES } from '../../plan/severity.ts';
import { isObject, type Json, type JsonObject } from '../../shared/json/json.ts';
import { type AlertFormat, invalidBody } from './alert-format.ts';
import { knownSeverity, SYSLOG_SEVERITIES, severityIn } from './alert-words.ts';
import { type AlertParts, buildAlert } from './build-alert.ts';
import { fingerprintOf } from './fingerprint.ts';
import { asList, asMap, fieldNamed, firstText, webUrl } from './foreign-data.ts';
import { isEmptyGroup, isGrafana } from './is-grafana.ts';

/** Fields that templates of Keep read from any Prometheus alert, present or not. */
const BLANK = { value: '', instance: '', job: '' };

/** https://prometheus.io/docs/alerting/latest/configuration/#webhook_config, and single alerts of Alertmanager's API. */
export const alertmanager: AlertFormat = {
  name: 'alertmanager',
  description: 'Prometheus Alertmanager, webhook version 4',
  looksFor: 'a list `alerts` whose items have `labels`, or `labels.alertname` and `annotations`',
  detects: (body) => isGroup(body) || isSingle(body),
  read: (body, context) => {
    if (!isGroup(body)) return [buildAlert({ ...partsOf(body), extraFields: extraFieldsOf(body) }, context)];
    const { alerts: _alerts, ...envelope } = body;
    return groupItems(body).map((alert) =>
      buildAlert({ ...partsOf(alert), extraFields: extraFieldsOf(alert), envelope }, context),
    );
  },
};

const isGroup = (body: JsonObject): boolean =>
  !isGrafana(body) && (isEmptyGroup(body) || asList(body.alerts).some((alert) => isObject(asMap(alert).labels)));

const isSingle = (body: JsonObject): boolean =>
  firstText(asMap(body.labels).alertname) !== undefined && isObject(body.annotations) && !('lastReceived' in body);

/** The alerts of a notification. A damaged one is an error, because leaving it out would hide it. */
export function groupItems(body: JsonObject): JsonObject[] {
  return asList(body.alerts).map((alert, index) => {
    if (isObject(alert)) return alert;
    throw invalidBody(`\`alerts[${index}]\` must be a map.`, 'Send the notification as the monitoring system writes it.');
  });
}

/** The parts that an alert of Alertmanager and one of Grafana, whose format descends from it, have in common. */
export function partsOf(alert: JsonObject): AlertParts {
  const labels = asMap(alert.labels);
  const annotations = asMap(alert.annotations);
  const name = firstText(fieldNamed(labels, 'alertname'), annotations.summary);
  // Without labels only its rule, which this link names, tells it from others.
  const rule = Object.keys(labels).length === 0 ? { generatorURL: alert.generatorURL ?? null } : {};
  return {
    source: 'prometheus',
    fingerprint: fingerprintOf(alert.fingerprint, { name: name ?? null, labels, ...rule }),
    name,
    status: [asMap(alert.status).state, alert.status, alert.state],
    severity: [...severitiesIn(labels), ...severitiesIn(annotations)],
    startedAt: [alert.startsAt, alert.activeAt],
    environment: firstText(...['environment', 'env', 'deployment_environment'].map((one) => fieldNamed(labels, one))),
    service: firstText(fieldNamed(labels, 'service'), annotations.service),
    message: firstText(annotations.summary, annotations.message),
    description: firstText(annotations.description, annotations.message),
    url: webUrl(alert.generatorURL),
    labels,
    raw: alert,
  };
}

/** Numbers are read as P1 to P5 are; `syslog_severity` as syslog's. A `level` counts if it is a known word only: it may be one of anything. */
function severitiesIn(labels: JsonObject): (Json | undefined)[] {
  const named = ['severity', 'priority', 'sev'].map((one) => severityIn(PRIORITIES, fieldNamed(labels, one)));
  const syslog = severityIn(SYSLOG_SEVERITIES, fieldNamed(labels, 'syslog_severity'));
  return [...named, syslog, knownSeverity(fieldNamed(labels, 'level'))];
}

const extraFieldsOf = (alert: JsonObject): JsonObject => ({ ...BLANK, ...asMap(alert.labels), annotations: {}, ...alert });
