import type { JsonObject } from '../../shared/json/json.ts';
import type { AlertFormat } from './alert-format.ts';
import { knownStatus, SYSLOG_SEVERITIES, severityIn } from './alert-words.ts';
import { buildAlert } from './build-alert.ts';
import { fingerprintOf } from './fingerprint.ts';
import { asMap, fieldNamed, firstText, webUrl } from './foreign-data.ts';
import { identityOf } from './plain.ts';

/** https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md */
export const cloudevents: AlertFormat = {
  name: 'cloudevents',
  description: 'CloudEvents 1.0, structured JSON; `data` may be any of the other formats',
  looksFor: '`specversion`, `type` and `source`',
  detects: (body) => ['specversion', 'type', 'source'].every((key) => firstText(body[key]) !== undefined),
  read: (body, context) => {
    const { data, data_base64: _data, ...envelope } = body;
    const inner = data === undefined ? undefined : context.adapt(data);
    if (inner) return inner.map((alert) => ({ ...alert, envelope: { ...envelope, ...nested(alert) } }));
    return [buildAlert({ ...partsOf(body), envelope }, context)];
  },
};

/** The envelope of the alert within the event. */
const nested = ({ envelope }: JsonObject): JsonObject => (envelope === undefined ? {} : { envelope });

/** Reads data of no known format: its fields of the usual names, and the attributes of the event. */
function partsOf(event: JsonObject) {
  const data = asMap(event.data);
  const subject = firstText(event.subject);
  const named = firstText(data.name, data.title, data.alertname);
  const [kind, step] = kindAndStep(firstText(event.type) ?? '');
  const message = firstText(data.message, data.summary, event.data);
  return {
    source: firstText(event.source) ?? 'cloudevents',
    id: firstText(event.id),
    fingerprint: fingerprintOf(data.fingerprint, {
      source: event.source ?? null,
      subject: subject ?? null,
      name: named ?? null,
      labels: asMap(data.labels),
      // Without a subject and a name, the kind of event and its data tell it from others of the source.
      ...(subject === undefined && named === undefined ? { kind, data: identityOf(data) } : {}),
    }),
    name: named ?? subject ?? firstText(event.type),
    status: [data.status, data.state, step],
    severity: [
      ...['severity', 'level', 'priority'].map((one) => fieldNamed(data, one)),
      severityIn(SYSLOG_SEVERITIES, fieldNamed(data, 'syslog_severity')),
      event.severity,
    ],
    at: [event.time],
    environment: firstText(data.environment),
    service: firstText(data.service),
    message,
    description: firstText(data.description) ?? message,
    url: webUrl(data.url),
    labels: asMap(data.labels),
    extraFields: data,
    raw: data,
  };
}

/** `disk` and `recovered` of `disk.recovered`; a type that does not end with a status is a kind as a whole. */
function kindAndStep(type: string): [kind: string, step: string | undefined] {
  const [, kind = type, step] = /^(.*)\.([^.]*)$/.exec(type) ?? [];
  return knownStatus(step) === undefined ? [type, undefined] : [kind, step];
}
