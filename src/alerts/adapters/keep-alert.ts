import { isUnknownStatus } from '../../plan/alert-status.ts';
import type { SeverityOrder } from '../../plan/severity.ts';
import type { JsonObject } from '../../shared/json/json.ts';
import type { AlertFormat } from './alert-format.ts';
import { knownStatus, severityIn } from './alert-words.ts';
import { severityFrom, timeOf, unknownStatusNotice } from './build-alert.ts';
import { fingerprintOf } from './fingerprint.ts';
import { asMap, firstText } from './foreign-data.ts';
import { zabbix } from './zabbix.ts';

/** Keep counts from 1, low, to 5, critical. */
const KEEP_SEVERITIES: SeverityOrder = new Map([
  ['1', 'low'],
  ['2', 'info'],
  ['3', 'warning'],
  ['4', 'high'],
  ['5', 'critical'],
]);

/** An alert that already has the shape: Keep's own, or an adapted one. It stays as it is; missing fields are filled in. */
export const keepAlert: AlertFormat = {
  name: 'keep-alert',
  description: "Keep's own alert, and alerts that already have this shape",
  looksFor: '`name`, `lastReceived` and `source` or `status`',
  // Keep has Zabbix send the fields of this shape, but with Zabbix's words and times.
  detects: (body) =>
    !zabbix.detects(body) &&
    firstText(body.name) !== undefined &&
    firstText(body.lastReceived) !== undefined &&
    ('source' in body || 'status' in body),
  read: (body, context) => {
    const labels = asMap(body.labels);
    const fingerprint = fingerprintOf(body.fingerprint, { name: body.name ?? null, labels, ...serviceAndEnvironment(body) });
    const notice = (text: string) => context.notice(fingerprint, text);
    if (isUnknownStatus(body.status)) notice(unknownStatusNotice(body.status));
    const status = knownStatus(body.status) ?? firstText(body.status) ?? 'firing';
    const filled: JsonObject = {
      id: firstText(body.id) ?? fingerprint,
      fingerprint,
      status,
      severity: severityFrom([severityIn(KEEP_SEVERITIES, body.severity)], status, notice),
      lastReceived:
        timeOf([body.lastReceived], 'the time', 'the time of receipt counts', notice) ??
        new Date(context.receivedAt).toISOString(),
      environment: firstText(body.environment) ?? 'unknown',
      service: firstText(body.service) ?? null,
      source: sourceOf(body),
      message: firstText(body.message, body.description, body.name) ?? '',
      description: firstText(body.description, body.message, body.name) ?? '',
      url: firstText(body.url) ?? null,
      labels,
    };
    return [{ ...body, ...filled }];
  },
};

const serviceAndEnvironment = ({ service = null, environment = null }: JsonObject): JsonObject => ({ service, environment });

const sourceOf = ({ source }: JsonObject) => {
  const all = Array.isArray(source) ? source : [source];
  return all.map((one) => firstText(one)).filter((text) => text !== undefined);
};
