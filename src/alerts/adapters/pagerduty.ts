import { isObject, type Json, type JsonObject } from '../../shared/json/json.ts';
import { buildAlert } from './build.ts';
import { fingerprintOf } from './fingerprint.ts';
import { type AlertFormat, notAnAlert, refuse } from './format.ts';
import { listOf, mapOf, textOf, textsOf, timeOf, webUrl } from './read.ts';
import { severityOf, statusOf } from './words.ts';

/** https://developer.pagerduty.com/docs/webhooks-overview */
export const pagerduty: AlertFormat = {
  name: 'pagerduty',
  description: 'PagerDuty, webhook version 3 (incident.triggered and the like)',
  looksFor: 'a map `event` with `event_type` and `data`',
  detects: (body) => isObject(body.event) && textOf(body.event.event_type) !== undefined && 'data' in body.event,
  read: (body, { receivedAt }) => {
    const event = mapOf(body.event);
    const incident = incidentOf(event);
    const { data: _data, ...envelope } = event;
    return [buildAlert({ ...findings(incident, event), beside: incident, raw: incident, envelope }, receivedAt)];
  },
};

function incidentOf(event: JsonObject): JsonObject {
  const type = textOf(event.event_type) ?? '';
  const data = mapOf(event.data);
  if ((textOf(data.type) ?? 'incident') !== 'incident')
    throw notAnAlert(
      `A PagerDuty event of the type \`${type.slice(0, 80)}\` does not say how an incident stands.`,
      'Subscribe the webhook to incident.triggered, incident.acknowledged, incident.resolved and the like.',
    );
  if (textOf(data.id, data.incident_key) === undefined)
    throw refuse('The PagerDuty event names no incident.', 'An incident has an `id` in `event.data`.');
  return data;
}

function findings(incident: JsonObject, event: JsonObject) {
  const priority = textOf(mapOf(incident.priority).summary);
  const step = textOf(event.event_type)?.split('.').at(-1);
  return {
    source: 'pagerduty',
    id: textOf(incident.id),
    fingerprint: fingerprintOf(textOf(incident.id, incident.incident_key), {}),
    name: textOf(incident.title, incident.summary),
    status: statusOf(incident.status, step),
    severity: severityOf(priority, incident.urgency),
    at: timeOf(event.occurred_at),
    startedAt: timeOf(incident.created_at),
    environment: customField(incident.custom_fields, 'environment'),
    service: textOf(mapOf(incident.service).summary),
    url: webUrl(incident.html_url) ?? webUrl(incident.self),
    labels: textsOf({
      urgency: incident.urgency,
      priority,
      escalation_policy: mapOf(incident.escalation_policy).summary,
      team: mapOf(listOf(incident.teams)[0]).summary,
    }),
  };
}

const customField = (fields: Json | undefined, name: string): string | undefined =>
  textOf(
    listOf(fields)
      .map(mapOf)
      .find((field) => field.name === name)?.value,
  );
