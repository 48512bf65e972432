import { isUnknownStatus } from '../../plan/alert-status.ts';
import type { JsonObject } from '../../shared/json/json.ts';
import type { AlertFormat } from './alert-format.ts';
import { unknownStatusNotice } from './build-alert.ts';
import { identifies, ownOrHash } from './fingerprint.ts';
import { firstText } from './foreign-data.ts';

/** Fields that may name an alert, and fields that may say what it is about. */
const NAMES = ['groupKey', 'name', 'alertname', 'title', 'summary'];
const SUBJECTS = [
  ...['service', 'environment', 'host', 'instance', 'cluster', 'namespace', 'region', 'source', 'labels'],
  ...['hostname', 'node', 'pod', 'container', 'device', 'job', 'component', 'application', 'resource', 'target', 'check'],
];
/** Fields that differ between notifications of one alert. */
const CHANGING = [
  /^(id|event_?id|status|state|severity|priority|level|values?|message|description|text|count)$/i,
  /(time|timestamp|date|received)$/i,
  /_at$|[a-z]At$/,
];

/** A map of no known format, taken as an alert as it is. */
export const plain: AlertFormat = {
  name: 'plain',
  description: 'An alert of your own making',
  looksFor: 'anything: any map that is not empty is taken as it is',
  detects: (body) => Object.keys(body).length > 0,
  read: (body, { notice }) => {
    const fingerprint = ownOrHash(body.fingerprint, identityOf(body));
    if (isUnknownStatus(body.status)) notice(fingerprint, unknownStatusNotice(body.status));
    return [{ ...body, fingerprint }];
  },
};

/** The fields that tell an alert of a sender from another one, and stay the same while it fires and is resolved. */
export function identityOf(body: JsonObject): JsonObject {
  const name = NAMES.find((key) => firstText(body[key]) !== undefined);
  const isSubject = (key: string) =>
    name === undefined ? !CHANGING.some((pattern) => pattern.test(key)) : key === name || SUBJECTS.includes(key);
  const pairs = Object.entries(body).filter(([key]) => key !== 'fingerprint' && isSubject(key));
  const identity = Object.fromEntries(pairs);
  return identifies(identity) ? identity : body;
}
