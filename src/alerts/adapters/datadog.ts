import { PRIORITIES } from '../../plan/severity.ts';
import { isObject, type Json, type JsonObject } from '../../shared/json/json.ts';
import { type AlertFormat, invalidBody } from './alert-format.ts';
import { knownSeverity, severityIn } from './alert-words.ts';
import { buildAlert } from './build-alert.ts';
import { fingerprintOf } from './fingerprint.ts';
import { firstText, fromPairs, tagPairs, webUrl } from './foreign-data.ts';

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
  read: (body, context) => [buildAlert(partsOf(body), context)],
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
    status: [body.alert_transition, title.transition],
    severity: severitiesOf(body, title),
    at: [body.last_updated, body.date],
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

function severitiesOf(body: JsonObject, title: Title): (Json | undefined)[] {
  // `$PRIORITY` is that of the event, `normal` or `low`, which says nothing of the monitor's.
  const priority = /^(normal|low)$/i.test(firstText(body.priority) ?? '') ? undefined : body.priority;
  const priorities = [body.severity, priority, body.alert_priority].map((value) => severityIn(PRIORITIES, value));
  // A transition is a severity in the case of a warning only.
  const transitions = [body.alert_transition, title.transition].map((value) => knownSeverity(value));
  return [...priorities, title.priority, body.alert_type, ...transitions];
}

/** The monitor and its scope; `aggreg_key` is Datadog's own name for both. */
function fingerprintFrom(body: JsonObject, title: Title, groups: string[]): string {
  const own = firstText(body.aggreg_key);
  const monitor = firstText(body.monitor_id, body.alert_id);
  const scope = groups.toSorted();
  if (own !== undefined) return fingerprintOf(own, {});
  if (monitor !== undefined) return fingerprintOf(undefined, { datadog: monitor, scope });
  const org = firstText(isObject(body.org) ? body.org.id : undefined, body.org_id) ?? null;
  if (title.name !== undefined) return fingerprintOf(undefined, { datadog: title.name, org, scope });
  // The cycle differs for each firing, so it comes last.
  const cycle = firstText(body.alert_cycle_key);
  if (cycle !== undefined) return fingerprintOf(cycle, {});
  throw invalidBody(
    'The Datadog webhook names no monitor.',
    'Add `"monitor_id": "$ALERT_ID"` or `"title": "$EVENT_TITLE"` to its payload.',
  );
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
