import { isObject, type JsonObject } from '../../shared/json/json.ts';
import { buildAlert } from './build.ts';
import { fingerprintOf } from './fingerprint.ts';
import { type AlertFormat, refuse } from './format.ts';
import { listOf, mapOf, textOf, textsOf, timeOf, webUrl } from './read.ts';
import { severityOf, statusOf } from './words.ts';

/** https://developer.pagerduty.com/docs/send-alert-event: what any tool that speaks to PagerDuty sends. */
export const pagerdutyEvents: AlertFormat = {
  name: 'pagerduty-events',
  description: 'Any tool that sends PagerDuty Events API version 2',
  looksFor: '`event_action` and `routing_key`, `dedup_key` or `payload`',
  detects: (body) =>
    textOf(body.event_action) !== undefined &&
    (isObject(body.payload) || textOf(body.dedup_key) !== undefined || 'routing_key' in body),
  read: (body, { receivedAt }) => [readEvent(body, receivedAt)],
};

function readEvent(body: JsonObject, receivedAt: number): JsonObject {
  // The routing key is a credential: whoever has it can raise incidents.
  const { routing_key: _key, ...raw } = body;
  const payload = mapOf(body.payload);
  const { summary = null, source = null, component = null, group = null, class: kind = null } = payload;
  if (textOf(body.dedup_key, summary) === undefined)
    throw refuse('The PagerDuty event names no alert.', 'An event has a `dedup_key`, or a `summary` in its `payload`.');
  const details = mapOf(payload.custom_details);
  const found = {
    source: 'pagerduty',
    fingerprint: fingerprintOf(body.dedup_key, { pagerduty: { summary, source, component, group, class: kind } }),
    name: textOf(summary, body.dedup_key),
    status: statusOf(body.event_action),
    severity: severityOf(payload.severity),
    at: timeOf(payload.timestamp),
    environment: textOf(details.environment, details.env),
    service: textOf(component, details.service),
    url: webUrl(body.client_url) ?? webUrl(mapOf(listOf(body.links)[0]).href),
    labels: textsOf({ source, component, group, class: kind }),
    beside: { ...raw, custom_details: details },
    raw,
  };
  return buildAlert(found, receivedAt);
}
