import { isObject, type Json, type JsonObject } from '../../shared/json/json.ts';
import type { Findings } from './build.ts';
import { fingerprintOf } from './fingerprint.ts';
import { fromPairs, listOf, mapOf, textOf, textsOf, timeOf, webUrl } from './read.ts';
import { severityOf, statusOf } from './words.ts';

type Found = Omit<Findings, 'source' | 'raw'>;

/**
 * The issue is what stays the same while its events come and go. Ids of issues and of metric alerts are numbers that
 * count separately, hence the words before them.
 */
const issueFingerprint = (id: Json | undefined, identity: JsonObject): string => {
  const text = textOf(id);
  return fingerprintOf(text === undefined ? undefined : `sentry:issue:${text}`, { sentry: identity });
};

/** An error event that set off an issue alert. */
export function readEvent(event: JsonObject, data: JsonObject): Found {
  const tags = tagsOf(event.tags);
  const title = textOf(event.title, event.message);
  const metadata = mapOf(event.metadata);
  return {
    id: textOf(event.event_id),
    fingerprint: issueFingerprint(event.issue_id, { title: title ?? null, culprit: event.culprit ?? null }),
    name: title,
    status: 'firing',
    severity: severityOf(event.level, tags.level),
    at: timeOf(event.datetime, event.timestamp, event.received),
    environment: textOf(event.environment, tags.environment),
    service: textOf(tags.service, tags.server_name),
    message: textOf(metadata.value, event.message),
    description: textOf(event.culprit),
    url: webUrl(event.web_url) ?? webUrl(event.url),
    labels: tags,
    beside: {
      ...pick(event, ['event_id', 'issue_id', 'issue_url', 'title', 'culprit', 'level', 'platform', 'release', 'metadata']),
      triggered_rule: data.triggered_rule ?? null,
      tags,
      exceptions: listOf(mapOf(event.exception).values),
    },
  };
}

/** An issue that was created, or whose state changed. */
export function readIssue(issue: JsonObject): Found {
  const project = mapOf(issue.project);
  const title = textOf(issue.title);
  return {
    id: textOf(issue.id),
    fingerprint: issueFingerprint(issue.id, { title: title ?? null, culprit: issue.culprit ?? null }),
    name: title,
    status: statusOf(issue.status),
    severity: severityOf(issue.level, issue.priority),
    startedAt: timeOf(issue.firstSeen),
    service: textOf(project.slug, project.name),
    message: textOf(mapOf(issue.metadata).value),
    description: textOf(issue.culprit),
    url: webUrl(issue.web_url) ?? webUrl(issue.permalink),
    labels: textsOf({ project: project.slug, platform: issue.platform, category: issue.issueCategory, type: issue.issueType }),
    beside: issue,
  };
}

/** A threshold over many events. Its rule stays the same from one firing to the next. */
export function readMetricAlert(incident: JsonObject, data: JsonObject, action: Json): Found {
  const rule = mapOf(incident.alert_rule);
  const ruleId = textOf(rule.id);
  const own = ruleId === undefined ? undefined : `sentry:metric:${ruleId}`;
  const name = textOf(rule.name, incident.title);
  return {
    id: textOf(incident.id),
    fingerprint: fingerprintOf(own, { sentry: { metric: name ?? null, incident: incident.id ?? null } }),
    name,
    status: statusOf(action),
    severity: severityOf(action),
    at: timeOf(incident.date_closed),
    startedAt: timeOf(incident.date_started, incident.date_detected),
    environment: textOf(rule.environment),
    service: textOf(listOf(incident.projects)[0], listOf(rule.projects)[0]),
    message: textOf(data.description_title),
    description: textOf(data.description_text),
    url: webUrl(data.web_url),
    labels: textsOf({ aggregate: rule.aggregate, dataset: rule.dataset, query: rule.query }),
    beside: incident,
  };
}

/** The older plugin: the issue's fields at the top, the event inside. */
export function readPluginEvent(body: JsonObject): Found {
  const event = mapOf(body.event);
  const found = readEvent({ ...event, issue_id: body.id ?? null, level: body.level ?? null }, {});
  return {
    ...found,
    service: found.service ?? textOf(body.project_slug, body.project_name),
    description: textOf(body.culprit) ?? found.description,
    url: webUrl(body.url) ?? found.url,
    beside: { ...found.beside, ...pick(body, ['project', 'project_name', 'project_slug', 'triggering_rules']) },
  };
}

/** Tags come as pairs or as maps with `key` and `value`. */
const tagsOf = (tags: Json | undefined): JsonObject =>
  fromPairs(
    listOf(tags).flatMap((tag) => {
      const [key, value] = isObject(tag) ? [tag.key, tag.value] : listOf(tag);
      return typeof key === 'string' && value !== undefined ? [[key, value] as const] : [];
    }),
  );

const pick = (from: JsonObject, keys: string[]): JsonObject =>
  fromPairs(keys.flatMap((key) => (from[key] === undefined ? [] : [[key, from[key]] as const])));
