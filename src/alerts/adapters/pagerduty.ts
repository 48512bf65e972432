import { PRIORITIES } from '../../plan/severity.ts';
import { isObject, type Json, type JsonObject } from '../../shared/json/json.ts';
import { type AlertFormat, invalidBody, notAnAlert } from './alert-format.ts';
import { severityIn } from './alert-words.ts';
import { buildAlert } from './build-alert.ts';
import { fingerprintOf } from './fingerprint.ts';
import { asList, asMap, firstText, textFields, webUrl } from './foreign-data.ts';

/** https://developer.pagerduty.com/docs/webhooks-overview */
export const pagerduty: AlertFormat = {
  name: 'pagerduty',
  description: 'PagerDuty, webhook version 3 (incident.triggered and the like)',
  looksFor: 'a map `event` with `event_type` and `data`',
  detects: (body) => isObject(body.event) && firstText(body.event.event_type) !== undefined && 'data' in body.event,
  read: (body, context) => {
    const event = asMap(body.event);
    const incident = incidentOf(event);
    const { data: _data, ...envelope } = event;
    return [buildAlert({ ...partsOf(incident, event), extraFields: incident, raw: incident, envelope }, context)];
  },
};

function incidentOf(event: JsonObject): JsonObject {
  const type = firstText(event.event_type) ?? '';
  const data = asMap(event.data);
  if ((firstText(data.type) ?? 'incident') !== 'incident')
    throw notAnAlert(
      `A PagerDuty event of the type \`${type.slice(0, 80)}\` is not a change of an incident’s state.`,
      'Subscribe the webhook to incident.triggered, incident.acknowledged, incident.resolved and the like.',
    );
  if (firstText(data.id, data.incident_key) === undefined)
    throw invalidBody('The PagerDuty event names no incident.', 'An incident has an `id` in `event.data`.');
  return data;
}

function partsOf(incident: JsonObject, event: JsonObject) {
  const priority = firstText(asMap(incident.priority).summary, asMap(incident.priority).name);
  const step = firstText(event.event_type)?.split('.').at(-1);
  return {
    source: 'pagerduty',
    id: firstText(incident.id),
    fingerprint: fingerprintOf(firstText(incident.id, incident.incident_key), {}),
    name: firstText(incident.title, incident.summary),
    status: [incident.status, step],
    severity: [severityIn(PRIORITIES, priority), incident.urgency],
    at: [event.occurred_at],
    startedAt: [incident.created_at],
    environment: customField(incident.custom_fields, 'environment'),
    service: firstText(asMap(incident.service).summary),
    url: webUrl(incident.html_url) ?? webUrl(incident.self),
    labels: textFields({
      urgency: incident.urgency,
      priority,
      escalation_policy: asMap(incident.escalation_policy).summary,
      team: asMap(asList(incident.teams)[0]).summary,
    }),
  };
}

const customField = (fields: Json | undefined, name: string): string | undefined =>
  firstText(
    asList(fields)
      .map(asMap)
      .find((field) => field.name === name)?.value,
  );
