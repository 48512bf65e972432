import type { JsonObject } from '../../shared/json/json.ts';
import { buildAlert } from './build.ts';
import { fingerprintOf } from './fingerprint.ts';
import type { AlertFormat } from './format.ts';
import { mapOf, textOf, timeOf, webUrl } from './read.ts';
import { severityOf, statusOf } from './words.ts';

/** https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md */
export const cloudevents: AlertFormat = {
  name: 'cloudevents',
  description: 'CloudEvents 1.0, structured JSON; `data` may be any of the other formats',
  looksFor: '`specversion`, `type` and `source`',
  detects: (body) => ['specversion', 'type', 'source'].every((key) => textOf(body[key]) !== undefined),
  read: (body, context) => {
    const { data, data_base64: _data, ...envelope } = body;
    const inner = data === undefined ? undefined : context.adapt(data);
    if (inner) return inner.map((alert) => ({ ...alert, envelope: { ...envelope, ...nested(alert) } }));
    return [buildAlert({ ...findings(body), envelope }, context.receivedAt)];
  },
};

/** What the alert was in inside the event. */
const nested = ({ envelope }: JsonObject): JsonObject => (envelope === undefined ? {} : { envelope });

/** An event of a format that is nobody's: what its data calls by the usual names, and the event's own attributes. */
function findings(event: JsonObject) {
  const data = mapOf(event.data);
  const subject = textOf(event.subject);
  const named = textOf(data.name, data.title, data.alertname);
  const step = textOf(event.type)?.split('.').at(-1);
  const message = textOf(data.message, data.summary, event.data);
  return {
    source: textOf(event.source) ?? 'cloudevents',
    id: textOf(event.id),
    fingerprint: fingerprintOf(data.fingerprint, {
      source: event.source ?? null,
      // The type changes when the alert is resolved, so it is only taken where nothing better names the alert.
      subject: subject ?? (named === undefined ? (event.type ?? null) : null),
      name: named ?? null,
      labels: mapOf(data.labels),
    }),
    name: named ?? subject ?? textOf(event.type),
    status: statusOf(data.status, data.state, step),
    severity: severityOf(data.severity, data.level, data.priority, event.severity),
    at: timeOf(event.time),
    environment: textOf(data.environment),
    service: textOf(data.service),
    message,
    description: textOf(data.description) ?? message,
    url: webUrl(data.url),
    labels: mapOf(data.labels),
    beside: data,
    raw: data,
  };
}
