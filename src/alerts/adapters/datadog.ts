import { isObject, type Json, type JsonObject } from '../../shared/json/json.ts';
import type { AlertFormat } from './alert-format.ts';
import { knownSeverity, knownStatus } from './alert-words.ts';
import { buildAlert } from './build-alert.ts';
import { fingerprintOf, hashOf } from './fingerprint.ts';
import { firstText, firstTime, fromPairs, tagPairs, webUrl } from './foreign-data.ts';

/**
 * https://docs.datadoghq.com/integrations/webhooks/: the user writes the body, with variables like `$ALERT_TRANSITION`.
 * This adapter reads the default body, the body that Keep sets up, and any body with the names of the variables.
 */
export const datadog: AlertFormat = {
  name: 'datadog',
  description: 'Datadog, webhooks integration',
  looksFor: '`alert_transition`, `aggreg_key` or `alert_cycle_key`, or the default body (`event_type`, `title`, `last_updated`)',
  detects: (body) =>
    [body.alert_transition, body.aggreg_key, body.alert_cycle_key].some((value) => firstText(value) !== undefined) ||
    ['event_type', 'title', 'last_updated'].every((key) => firstText(body[key]) !== undefined),
  read: (body, { receivedAt }) => [buildAlert(partsOf(body), receivedAt)],
};

function partsOf(body: JsonObject) {
  const title = readTitle(firstText(body.title, body.event_title, body.alert_title));
  const groups = groupsOf(body, title);
  const labels = labelsOf(body, groups);
  const message = firstText(body.body, body.event_msg, body.text_only_msg, body.message);
  return {
    source: 'datadog',
    id: firstText(body.id),
    fingerprint: fingerprintFrom(body, title, groups),
    name: title.name ?? firstText(body.alert_metric, body.metric),
    status: knownStatus(body.alert_transition, title.transition),
    severity: knownSeverity(...priorities(body), title.priority, body.alert_type, body.alert_transition, title.transition),
    at: firstTime(body.last_updated, body.date),
    environment: firstText(labels.environment, labels.env),
    service: firstText(labels.service),
    message,
    description: firstText(body.description, body.alert_status) ?? message,
    url: webUrl(firstText(body.url, body.link)),
    labels,
    // Templates of Keep read the tags as a map and the scope as a list.
    extraFields: { ...body, tags: labels, groups: groups.length > 0 ? groups : ['*'] },
    raw: body,
  };
}

const priorities = (body: JsonObject): Json[] =>
  [body.severity, body.priority, body.alert_priority].map((value) => (typeof value === 'number' ? `P${value}` : (value ?? null)));

/** The monitor and its scope; `aggreg_key` is Datadog's own name for both. */
function fingerprintFrom(body: JsonObject, title: Title, groups: string[]): string {
  const own = firstText(body.aggreg_key);
  const monitor = firstText(body.monitor_id, body.alert_id);
  const scope = groups.toSorted();
  if (own !== undefined) return fingerprintOf(own, {});
  if (monitor !== undefined) return hashOf({ datadog: monitor, scope });
  const org = firstText(isObject(body.org) ? body.org.id : undefined, body.org_id) ?? null;
  return hashOf({ datadog: title.name ?? null, org, scope });
}

function groupsOf(body: JsonObject, title: Title): string[] {
  const scope = body.scopes ?? body.alert_scope ?? body.scope ?? title.scope;
  const parts = typeof scope === 'string' ? scope.split(',') : Array.isArray(scope) ? scope : [];
  return parts.flatMap((part) => firstText(part)?.trim() ?? []);
}

const labelsOf = (body: JsonObject, groups: string[]): JsonObject =>
  fromPairs([...tagPairs(body.tags), ...tagPairs(groups)].filter(([key]) => key !== 'monitor'));

interface Title {
  name?: string | undefined;
  priority?: string | undefined;
  transition?: string | undefined;
  /** `host:web-1` of `[Triggered on {host:web-1}]`. */
  scope?: string | undefined;
}

const MARK = /^\[(?:(P[1-5])|(?:((?:Re-)?(?:Triggered|Warn|No Data)|Recovered|Renotify)(?: on \{([^{}[\]]*)\})?)|TEST)\]\s*/i;
const MOST_MARKS = 4;

/** Removes the marks that Datadog puts before the monitor's name: they differ between firing and recovered. */
function readTitle(text: string | undefined): Title {
  const title: Title = {};
  let rest = text ?? '';
  for (let marks = 0; marks < MOST_MARKS; marks++) {
    const [all, priority, transition, scope] = MARK.exec(rest) ?? [''];
    rest = rest.slice(all.length);
    title.priority ??= priority;
    title.transition ??= transition;
    title.scope ??= scope;
  }
  return { ...title, name: firstText(rest, text) };
}
