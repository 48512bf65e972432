import { isObject, type Json, type JsonObject } from '../../shared/json/json.ts';
import { buildAlert } from './build.ts';
import { fingerprintOf, hashOf } from './fingerprint.ts';
import type { AlertFormat } from './format.ts';
import { fromPairs, tagPairs, textOf, timeOf, webUrl } from './read.ts';
import { severityOf, statusOf } from './words.ts';

/**
 * https://docs.datadoghq.com/integrations/webhooks/: the body is what the user wrote, from variables like
 * `$ALERT_TRANSITION`. Read are the default body, the body that Keep sets up, and any with the variables' own names.
 */
export const datadog: AlertFormat = {
  name: 'datadog',
  description: 'Datadog, webhooks integration',
  looksFor: '`alert_transition`, `aggreg_key` or `alert_cycle_key`, or the default body (`event_type`, `title`, `last_updated`)',
  detects: (body) =>
    [body.alert_transition, body.aggreg_key, body.alert_cycle_key].some((value) => textOf(value) !== undefined) ||
    ['event_type', 'title', 'last_updated'].every((key) => textOf(body[key]) !== undefined),
  read: (body, { receivedAt }) => [buildAlert(findings(body), receivedAt)],
};

function findings(body: JsonObject) {
  const title = readTitle(textOf(body.title, body.event_title, body.alert_title));
  const groups = groupsOf(body, title);
  const labels = labelsOf(body, groups);
  const message = textOf(body.body, body.event_msg, body.text_only_msg, body.message);
  return {
    source: 'datadog',
    id: textOf(body.id),
    fingerprint: fingerprintFrom(body, title, groups),
    name: title.name ?? textOf(body.alert_metric, body.metric),
    status: statusOf(body.alert_transition, title.transition),
    severity: severityOf(...priorities(body), title.priority, body.alert_type, body.alert_transition, title.transition),
    at: timeOf(body.last_updated, body.date),
    environment: textOf(labels.environment, labels.env),
    service: textOf(labels.service),
    message,
    description: textOf(body.description, body.alert_status) ?? message,
    url: webUrl(textOf(body.url, body.link)),
    labels,
    // Templates of Keep read the tags as a map and the scope as a list.
    beside: { ...body, tags: labels, groups: groups.length > 0 ? groups : ['*'] },
    raw: body,
  };
}

const priorities = (body: JsonObject): Json[] =>
  [body.severity, body.priority, body.alert_priority].map((value) => (typeof value === 'number' ? `P${value}` : (value ?? null)));

/** The monitor and what it is about; `aggreg_key` is Datadog's own word for both. */
function fingerprintFrom(body: JsonObject, title: Title, groups: string[]): string {
  const own = textOf(body.aggreg_key);
  const monitor = textOf(body.monitor_id, body.alert_id);
  const scope = groups.toSorted();
  if (own !== undefined) return fingerprintOf(own, {});
  if (monitor !== undefined) return hashOf({ datadog: monitor, scope });
  const org = textOf(isObject(body.org) ? body.org.id : undefined, body.org_id) ?? null;
  return hashOf({ datadog: title.name ?? null, org, scope });
}

function groupsOf(body: JsonObject, title: Title): string[] {
  const scope = body.scopes ?? body.alert_scope ?? body.scope ?? title.scope;
  const parts = typeof scope === 'string' ? scope.split(',') : Array.isArray(scope) ? scope : [];
  return parts.flatMap((part) => textOf(part)?.trim() ?? []);
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

/** Takes off what Datadog puts before the monitor's name, which differs between firing and recovered. */
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
  return { ...title, name: textOf(rest, text) };
}
