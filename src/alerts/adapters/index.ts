import { isObject, type Json, type JsonObject } from '../../shared/json/json.ts';
import { didYouMean } from '../../shared/text/suggest.ts';
import { type AlertFormat, invalidBody, notAnAlert, type ReadContext } from './alert-format.ts';
import { alertmanager } from './alertmanager.ts';
import { azureMonitor } from './azure-monitor.ts';
import { cloudevents } from './cloudevents.ts';
import { cloudwatch } from './cloudwatch.ts';
import { datadog } from './datadog.ts';
import { grafana } from './grafana.ts';
import { isEmptyGroup } from './is-grafana.ts';
import { keepAlert } from './keep-alert.ts';
import { opsgenie } from './opsgenie.ts';
import { pagerduty } from './pagerduty.ts';
import { pagerdutyEvents } from './pagerduty-events.ts';
import { plain } from './plain.ts';
import { plainCopy } from './plain-copy.ts';
import { sentry } from './sentry.ts';
import { zabbix } from './zabbix.ts';

export type { AlertFormat } from './alert-format.ts';

/** The alerts of a body, and its format. */
interface AdaptedAlerts {
  /** A name in `alertFormats`, or `mixed` for a list whose items differ. */
  format: string;
  /** At least one. Each has a text `fingerprint`. */
  alerts: JsonObject[];
}

/**
 * The formats in the order in which they are tried. Threadline's own shape comes first, because adapted alerts contain fields
 * of their originals; `plain` comes last, because it matches every map.
 */
export const alertFormats: readonly AlertFormat[] = [
  ...[keepAlert, cloudevents, cloudwatch, azureMonitor, zabbix, pagerduty, pagerdutyEvents, sentry, opsgenie],
  ...[grafana, alertmanager, datadog, plain],
];

export interface AdaptOptions {
  /** Milliseconds since 1970. */
  receivedAt: number;
  /** A name in `alertFormats`; detected from the body when undefined. */
  format?: string | undefined;
  /** Told what an alert states and could not be read, and what counts instead. */
  onNotice?(fingerprint: string, text: string): void;
}

/**
 * Reads the alerts of a webhook's body into the shape of `Alert`. Throws `invalid_input` if the body is not a map or a list, or
 * not of the format; `details.reason` is `not_an_alert` for a valid message of another kind, such as a ping or a note.
 */
export function adaptAlerts(body: Json, options: AdaptOptions): AdaptedAlerts {
  const wanted = options.format === undefined ? undefined : formatNamed(options.format);
  const data = plainCopy(body);
  const items = Array.isArray(data) ? data : [data];
  if (items.length === 0) throw notAnAlert('The list contains no alert.', 'It starts nothing.');
  const read = items.map((item, index) => readItem(item, Array.isArray(data) ? `Item ${index} of the list` : 'The body', wanted));
  const context = contextOf(options);
  const alerts = read.flatMap(({ format, body: item }) => format.read(item, context));
  if (alerts.length === 0)
    throw notAnAlert('The notification contains no alert: its list `alerts` is empty.', 'It starts nothing.');
  const formats = new Set(read.map(({ format }) => format.name));
  return { format: formats.size === 1 ? [...formats].join() : 'mixed', alerts };
}

function readItem(item: Json, what: string, wanted: AlertFormat | undefined): { format: AlertFormat; body: JsonObject } {
  if (!isObject(item))
    throw invalidBody(`${what} is not an alert: it must be a map.`, 'Send JSON as the monitoring system writes it.');
  if (wanted && isEmptyGroup(item) && detect(item) === alertmanager && wanted !== plain)
    return { format: alertmanager, body: item };
  if (wanted && !wanted.detects(item))
    throw invalidBody(`${what} is not of the format \`${wanted.name}\`.`, `That format has ${wanted.looksFor}.`);
  const format = wanted ?? detect(item);
  if (!format) throw invalidBody(`${what} is an empty map.`, `Known formats: ${names().join(', ')}.`);
  return { format, body: item };
}

const detect = (body: JsonObject): AlertFormat | undefined => alertFormats.find((format) => format.detects(body));
const names = () => alertFormats.map(({ name }) => name);

function formatNamed(name: string): AlertFormat {
  const format = alertFormats.find((one) => one.name === name);
  if (format) return format;
  const hint = [didYouMean(name, names()), `Known formats: ${names().join(', ')}.`].filter((part) => part !== undefined);
  throw invalidBody(`There is no alert format \`${name.slice(0, 80)}\`.`, hint.join(' '));
}

/** Within another body only formats of monitoring systems are tried: any map would be `plain`. */
function contextOf({ receivedAt, onNotice }: AdaptOptions): ReadContext {
  const adaptOne = (body: Json): JsonObject[] | undefined => {
    if (!isObject(body)) return undefined;
    const format = detect(body);
    return format === undefined || format === plain ? undefined : format.read(body, context);
  };
  const context: ReadContext = {
    receivedAt,
    notice: (fingerprint, text) => onNotice?.(fingerprint, text),
    adapt: (body) => {
      if (!Array.isArray(body)) return adaptOne(body);
      const alerts = body.map(adaptOne);
      return alerts.length > 0 && alerts.every((one) => one !== undefined) ? alerts.flat() : undefined;
    },
  };
  return context;
}
