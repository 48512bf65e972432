import { isObject, type JsonObject } from '../../shared/json/json.ts';
import { type AlertFormat, notAnAlert } from './alert-format.ts';
import { type AlertParts, buildAlert } from './build-alert.ts';
import { asMap, firstText } from './foreign-data.ts';
import { readEvent, readIssue, readMetricAlert, readPluginEvent } from './sentry-resources.ts';

/** https://docs.sentry.io/organization/integrations/integration-platform/webhooks/ and the older webhooks plugin. */
export const sentry: AlertFormat = {
  name: 'sentry',
  description: 'Sentry: issue alerts, metric alerts, issue webhooks',
  looksFor: '`action`, a map `data` and `installation` or `actor`, or `event`, `level` and `project_name`',
  detects: (body) => isHook(body) || isPlugin(body),
  read: (body, context) => {
    const found = isPlugin(body) ? readPluginEvent(body) : readHook(body);
    return [buildAlert({ ...found, source: 'sentry', raw: body }, context)];
  },
};

const isHook = (body: JsonObject): boolean =>
  firstText(body.action) !== undefined && isObject(body.data) && ('installation' in body || 'actor' in body);

const isPlugin = (body: JsonObject): boolean =>
  isObject(body.event) &&
  [body.project_name, body.project_slug].some((value) => firstText(value) !== undefined) &&
  'level' in body;

function readHook(body: JsonObject): Omit<AlertParts, 'source' | 'raw'> {
  const data = asMap(body.data);
  if (isObject(data.metric_alert)) return readMetricAlert(data.metric_alert, data, body.action ?? null);
  if (isObject(data.issue)) return readIssue(data.issue);
  const event = isObject(data.event) ? data.event : data.error;
  if (isObject(event)) return readEvent(event, data);
  throw notAnAlert(
    'The Sentry webhook contains no event, issue or metric alert.',
    'Configure the integration to send issue alerts, metric alerts or issues.',
  );
}
