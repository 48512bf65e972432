import { PRIORITIES } from '../../plan/severity.ts';
import { isObject, type JsonObject } from '../../shared/json/json.ts';
import { type AlertFormat, invalidBody, type ReadContext } from './alert-format.ts';
import { severityIn } from './alert-words.ts';
import { buildAlert } from './build-alert.ts';
import { fingerprintOf } from './fingerprint.ts';
import { asList, asMap, firstText, textFields, webUrl } from './foreign-data.ts';

/** https://developer.pagerduty.com/docs/send-alert-event: the events that tools send to PagerDuty. */
export const pagerdutyEvents: AlertFormat = {
  name: 'pagerduty-events',
  description: 'Any tool that sends PagerDuty Events API version 2',
  looksFor: '`event_action` and `routing_key`, `dedup_key` or `payload`',
  detects: (body) =>
    firstText(body.event_action) !== undefined &&
    (isObject(body.payload) || firstText(body.dedup_key) !== undefined || 'routing_key' in body),
  read: (body, context) => [readEvent(body, context)],
};

function readEvent(body: JsonObject, context: ReadContext): JsonObject {
  // The routing key is a credential: anyone who has it can create incidents.
  const { routing_key: _key, ...raw } = body;
  const payload = asMap(body.payload);
  const { summary = null, source = null, component = null, group = null, class: kind = null } = payload;
  if (firstText(body.dedup_key, summary) === undefined)
    throw invalidBody('The PagerDuty event names no alert.', 'An event has a `dedup_key`, or a `summary` in its `payload`.');
  const details = asMap(payload.custom_details);
  const found = {
    source: 'pagerduty',
    fingerprint: fingerprintOf(body.dedup_key, { pagerduty: { summary, source, component, group, class: kind } }),
    name: firstText(summary, body.dedup_key),
    status: [body.event_action],
    severity: [severityIn(PRIORITIES, payload.severity)],
    at: [payload.timestamp],
    environment: firstText(details.environment, details.env),
    service: firstText(component, details.service),
    url: webUrl(body.client_url) ?? webUrl(asMap(asList(body.links)[0]).href),
    labels: textFields({ source, component, group, class: kind }),
    extraFields: { ...raw, custom_details: details },
    raw,
  };
  return buildAlert(found, context);
}
