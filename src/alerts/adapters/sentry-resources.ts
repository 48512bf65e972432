import { isObject, type Json, type JsonObject } from '../../shared/json/json.ts';
import { knownSeverity } from './alert-words.ts';
import type { AlertParts } from './build-alert.ts';
import { fingerprintOf } from './fingerprint.ts';
import { asList, asMap, firstText, fromPairs, textFields, webUrl } from './foreign-data.ts';

type SentryParts = Omit<AlertParts, 'source' | 'raw'>;

/**
 * An alert is an issue, which stays the same while its events differ. Issues and metric alerts are numbered separately, hence
 * the prefixes of their ids.
 */
const issueFingerprint = (id: Json | undefined, identity: JsonObject): string => {
  const text = firstText(id);
  return fingerprintOf(text === undefined ? undefined : `sentry:issue:${text}`, { sentry: identity });
};

/** An error event that triggered an issue alert. */
export function readEvent(event: JsonObject, data: JsonObject): SentryParts {
  const tags = tagsOf(event.tags);
  const title = firstText(event.title, event.message);
  const metadata = asMap(event.metadata);
  return {
    id: firstText(event.event_id),
    fingerprint: issueFingerprint(event.issue_id, { title: title ?? null, culprit: event.culprit ?? null }),
    name: title,
    status: ['firing'],
    severity: [event.level, tags.level],
    at: [event.datetime, event.timestamp, event.received],
    environment: firstText(event.environment, tags.environment),
    service: firstText(tags.service, tags.server_name),
    message: firstText(metadata.value, event.message),
    description: firstText(event.culprit),
    url: webUrl(event.web_url) ?? webUrl(event.url),
    labels: tags,
    extraFields: {
      ...pick(event, ['event_id', 'issue_id', 'issue_url', 'title', 'culprit', 'level', 'platform', 'release', 'metadata']),
      triggered_rule: data.triggered_rule ?? null,
      tags,
      exceptions: asList(asMap(event.exception).values),
    },
  };
}

/** An issue that was created, or whose state changed. */
export function readIssue(issue: JsonObject): SentryParts {
  const project = asMap(issue.project);
  const title = firstText(issue.title);
  return {
    id: firstText(issue.id),
    fingerprint: issueFingerprint(issue.id, { title: title ?? null, culprit: issue.culprit ?? null }),
    name: title,
    status: [issue.status],
    severity: [issue.level, issue.priority],
    startedAt: [issue.firstSeen],
    service: firstText(project.slug, project.name),
    message: firstText(asMap(issue.metadata).value),
    description: firstText(issue.culprit),
    url: webUrl(issue.web_url) ?? webUrl(issue.permalink),
    labels: textFields({ project: project.slug, platform: issue.platform, category: issue.issueCategory, type: issue.issueType }),
    extraFields: issue,
  };
}

/** A metric alert, whose rule stays the same from one firing to the next. */
export function readMetricAlert(incident: JsonObject, data: JsonObject, action: Json): SentryParts {
  const rule = asMap(incident.alert_rule);
  const ruleId = firstText(rule.id);
  const own = ruleId === undefined ? undefined : `sentry:metric:${ruleId}`;
  const name = firstText(rule.name, incident.title);
  return {
    id: firstText(incident.id),
    fingerprint: fingerprintOf(own, { sentry: { metric: name ?? null, incident: incident.id ?? null } }),
    name,
    status: [action],
    // The action of a resolved one says no severity.
    severity: [knownSeverity(action)],
    at: [incident.date_closed],
    startedAt: [incident.date_started, incident.date_detected],
    environment: firstText(rule.environment),
    service: firstText(asList(incident.projects)[0], asList(rule.projects)[0]),
    message: firstText(data.description_title),
    description: firstText(data.description_text),
    url: webUrl(data.web_url),
    labels: textFields({ aggregate: rule.aggregate, dataset: rule.dataset, query: rule.query }),
    extraFields: incident,
  };
}

/** The body of the older plugin: the fields of the issue at the top, the event within. */
export function readPluginEvent(body: JsonObject): SentryParts {
  const event = asMap(body.event);
  const found = readEvent({ ...event, issue_id: body.id ?? null, level: body.level ?? null }, {});
  return {
    ...found,
    service: found.service ?? firstText(body.project_slug, body.project_name),
    description: firstText(body.culprit) ?? found.description,
    url: webUrl(body.url) ?? found.url,
    extraFields: { ...found.extraFields, ...pick(body, ['project', 'project_name', 'project_slug', 'triggering_rules']) },
  };
}

/** Reads tags given as pairs, or as maps with `key` and `value`. */
const tagsOf = (tags: Json | undefined): JsonObject =>
  fromPairs(
    asList(tags).flatMap((tag) => {
      const [key, value] = isObject(tag) ? [tag.key, tag.value] : asList(tag);
      return typeof key === 'string' && value !== undefined ? [[key, value] as const] : [];
    }),
  );

const pick = (from: JsonObject, keys: string[]): JsonObject =>
  fromPairs(keys.flatMap((key) => (from[key] === undefined ? [] : [[key, from[key]] as const])));
