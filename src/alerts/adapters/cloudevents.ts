import type { JsonObject } from '../../shared/json/json.ts';
import type { AlertFormat } from './alert-format.ts';
import { knownSeverity, knownStatus } from './alert-words.ts';
import { buildAlert } from './build-alert.ts';
import { fingerprintOf } from './fingerprint.ts';
import { asMap, firstText, firstTime, webUrl } from './foreign-data.ts';

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
    return [buildAlert({ ...partsOf(body), envelope }, context.receivedAt)];
  },
};

/** The envelope of the alert within the event. */
const nested = ({ envelope }: JsonObject): JsonObject => (envelope === undefined ? {} : { envelope });

/** Reads data of no known format: its fields of the usual names, and the attributes of the event. */
function partsOf(event: JsonObject) {
  const data = asMap(event.data);
  const subject = firstText(event.subject);
  const named = firstText(data.name, data.title, data.alertname);
  const step = firstText(event.type)?.split('.').at(-1);
  const message = firstText(data.message, data.summary, event.data);
  return {
    source: firstText(event.source) ?? 'cloudevents',
    id: firstText(event.id),
    fingerprint: fingerprintOf(data.fingerprint, {
      source: event.source ?? null,
      // The type changes when the alert is resolved, so it identifies the alert only if nothing else does.
      subject: subject ?? (named === undefined ? (event.type ?? null) : null),
      name: named ?? null,
      labels: asMap(data.labels),
    }),
    name: named ?? subject ?? firstText(event.type),
    status: knownStatus(data.status, data.state, step),
    severity: knownSeverity(data.severity, data.level, data.priority, event.severity),
    at: firstTime(event.time),
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
