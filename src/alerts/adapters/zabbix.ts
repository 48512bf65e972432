import type { SeverityOrder } from '../../plan/severity.ts';
import type { Json, JsonObject } from '../../shared/json/json.ts';
import { parseJson } from '../../shared/json/parse-json.ts';
import type { AlertFormat } from './alert-format.ts';
import { severityIn } from './alert-words.ts';
import { buildAlert } from './build-alert.ts';
import { fingerprintOf } from './fingerprint.ts';
import { asList, asMap, firstText, fromPairs, tagPairs, textFields, webUrl } from './foreign-data.ts';

/** The highest number is the worst. */
const ZABBIX_SEVERITIES: SeverityOrder = new Map([
  ['0', 'low'],
  ['notclassified', 'low'],
  ['1', 'info'],
  ['2', 'warning'],
  ['3', 'warning'],
  ['4', 'high'],
  ['5', 'critical'],
]);

const SEVERITIES = ['eventnseverity', 'nseverity', 'triggernseverity', 'eventseverity', 'triggerseverity'];
const STATES = ['eventrecoverystatus', 'eventstatus', 'triggerstatus', 'status', 'eventrecoveryvalue', 'eventvalue'];
const OTHER_SIGNS = ['triggerid', 'triggername', 'triggerstatus', 'eventvalue', 'eventupdatestatus'];

/**
 * https://www.zabbix.com/documentation/current/en/manual/config/notifications/media/webhook: the user names the parameters. This
 * adapter reads those that are named after Zabbix's macros (`event_id`, `EVENT.ID`, `eventId`), and those that Keep sets up.
 */
export const zabbix: AlertFormat = {
  name: 'zabbix',
  description: 'Zabbix, webhook media type with parameters named after macros',
  looksFor: '`event_id`, or `id` and `triggerId`, and a severity, value or trigger named after its macro',
  detects: (body) => {
    const fields = byMacro(body);
    const isEvent = firstText(fields.eventid) !== undefined || [fields.id, fields.triggerid].every((one) => firstText(one));
    const isOurs = 'fingerprint' in body || 'specversion' in body;
    return isEvent && !isOurs && [...SEVERITIES, ...OTHER_SIGNS].some((sign) => firstText(fields[sign]) !== undefined);
  },
  read: (body, context) => {
    // Parameters of the media type arrive with the others.
    const raw = Object.fromEntries(Object.entries(body).filter(([key]) => !/(api_?key|token|secret|password)$/i.test(key)));
    return [buildAlert({ ...partsOf(byMacro(raw)), extraFields: raw, raw }, context)];
  },
};

/** The fields under the names of macros, without case and punctuation; a macro that Zabbix did not fill in is left out. */
const byMacro = (body: JsonObject): JsonObject =>
  fromPairs(
    Object.entries(body).flatMap(([key, value]) => {
      const isUnfilled = typeof value === 'string' && /^(\{\$?[A-Z.]+\}|\*UNKNOWN\*)$/.test(value);
      return isUnfilled ? [] : [[key.toLowerCase().replace(/[^a-z0-9]/g, ''), value] as const];
    }),
  );

function partsOf(fields: JsonObject) {
  const id = firstText(fields.eventid, fields.id);
  const tags = tagsOf(fields.eventtagsjson ?? fields.eventtags ?? fields.tags);
  const host = firstText(fields.hosthost, fields.host, fields.service, fields.hostname);
  const started = timeOf(fields.eventdate, fields.eventtime);
  const recovered = timeOf(fields.eventrecoverydate, fields.eventrecoverytime);
  return {
    source: 'zabbix',
    id,
    fingerprint: fingerprintOf(id, { zabbix: { trigger: fields.triggerid ?? null, host: host ?? null } }),
    name: firstText(fields.eventname, fields.triggername, fields.name, fields.alertsubject, fields.subject, fields.title),
    status: statusesOf(fields),
    severity: [...SEVERITIES, 'severity'].map((key) => severityIn(ZABBIX_SEVERITIES, fields[key])),
    at: [recovered, timeOf(fields.eventupdatedate, fields.eventupdatetime), dashed(fields.lastreceived), started],
    startedAt: [started],
    environment: firstText(tags.environment, tags.env),
    service: firstText(tags.service, host),
    message: firstText(fields.alertmessage, fields.message),
    description: firstText(fields.triggerdescription, fields.description),
    url: urlOf(fields),
    labels: { ...textFields({ host, trigger: fields.triggerid, hostgroup: fields.triggerhostgroupname }), ...tags },
  };
}

/** A problem that was acknowledged or suppressed is still one, but one that has recovered is neither. */
function statusesOf(fields: JsonObject): (Json | undefined)[] {
  const state = firstText(...STATES.map((key) => fields[key]));
  const named = state === '0' ? 'resolved' : state === '1' ? 'problem' : state;
  if (/^(ok|resolved)$/i.test(named ?? '')) return ['resolved'];
  const action = firstText(fields.eventupdateaction, fields.updateaction)?.toLowerCase() ?? '';
  if (/\bun(acknowledged|suppressed)/.test(action)) return ['problem'];
  if (/\bsuppressed/.test(action)) return ['suppressed'];
  return /\backnowledged/.test(action) ? ['acknowledged'] : [named];
}

/** `2024.10.02`, as `{EVENT.DATE}` and `{DATE}` write it. */
const dashed = (value: Json | undefined): Json | undefined =>
  typeof value === 'string' ? value.replace(/^(\d{4})\.(\d\d)\.(\d\d)/, '$1-$2-$3') : value;

const timeOf = (date: Json | undefined, time: Json | undefined): Json | undefined =>
  [date, time].every((part) => firstText(part) !== undefined) ? `${dashed(date)} ${time}` : undefined;

/** `[{"tag": "team", "value": "db"}]`, also as JSON text; or `team:db, scope`. */
function tagsOf(value: Json | undefined): JsonObject {
  const list = typeof value === 'string' && value.trim().startsWith('[') ? parsedList(value) : value;
  if (!Array.isArray(list)) return fromPairs(tagPairs(list));
  return fromPairs(
    list.map(asMap).flatMap(({ tag, value: text }) => {
      const key = firstText(tag);
      return key === undefined ? [] : [[key, firstText(text) ?? ''] as const];
    }),
  );
}

function parsedList(text: string): Json {
  try {
    return asList(parseJson(text));
  } catch {
    return null;
  }
}

/** The page of the event, where the address of Zabbix itself is known. */
function urlOf(fields: JsonObject): string | undefined {
  const own = webUrl(firstText(fields.eventurl, fields.alerturl, fields.generatorurl, fields.triggerurl));
  const base = webUrl(firstText(fields.zabbixurl, fields.url));
  const [trigger, event] = [firstText(fields.triggerid), firstText(fields.eventid, fields.id)];
  if (own !== undefined || base === undefined || base.includes('.php') || trigger === undefined || event === undefined)
    return own ?? base;
  const page = `tr_events.php?triggerid=${encodeURIComponent(trigger)}&eventid=${encodeURIComponent(event)}`;
  return `${base.replace(/\/$/, '')}/${page}`;
}
