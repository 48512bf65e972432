import type { AlertStatus } from '../../plan/alert-status.ts';
import type { Json, JsonObject } from '../../shared/json/json.ts';
import { shortJson } from '../../shared/text/safe-text.ts';
import { ALERT_FIELDS, type Alert } from './alert.ts';
import type { ReadContext } from './alert-format.ts';
import { knownStatus, statedSeverity } from './alert-words.ts';
import { firstText, firstTime, unreadableTime } from './foreign-data.ts';

/** What a sender may state, in the order in which it counts. */
type Candidates = readonly (Json | undefined)[];

/** The parts of an alert that an adapter has found. `buildAlert` reads words and times and fills in the missing, for all formats alike. */
export interface AlertParts {
  source: string;
  fingerprint: string;
  id?: string | undefined;
  name?: string | undefined;
  /** The first that is a known word counts. */
  status: Candidates;
  /** The first that states anything counts. */
  severity: Candidates;
  /** The sender's time of the notification. */
  at?: Candidates;
  startedAt?: Candidates;
  environment?: string | undefined;
  service?: string | undefined;
  message?: string | undefined;
  description?: string | undefined;
  url?: string | undefined;
  labels?: JsonObject;
  /** Fields that templates read besides those of the shape. */
  extraFields?: JsonObject;
  raw: JsonObject;
  envelope?: JsonObject;
}

export function buildAlert(parts: AlertParts, context: ReadContext): Alert {
  const { fingerprint } = parts;
  const notice = (text: string) => context.notice(fingerprint, text);
  const name = parts.name ?? `${parts.source} alert`;
  const status = statusOf(parts.status, notice);
  const startedAt = timeOf(parts.startedAt, 'the beginning', 'it is left out', notice);
  const extraFields = Object.entries(parts.extraFields ?? {}).filter(([key]) => !ALERT_FIELDS.has(key));
  return {
    id: parts.id ?? fingerprint,
    fingerprint,
    name,
    status,
    severity: severityFrom(parts.severity, status, notice),
    lastReceived:
      timeOf(parts.at, 'the time', 'the time of receipt counts', notice) ?? new Date(context.receivedAt).toISOString(),
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(startedAt === undefined || status === 'resolved' ? {} : { firingStartTime: startedAt }),
    environment: parts.environment ?? 'unknown',
    service: parts.service ?? null,
    source: [parts.source],
    message: parts.message ?? parts.description ?? name,
    description: parts.description ?? parts.message ?? name,
    url: parts.url ?? null,
    labels: parts.labels ?? {},
    ...Object.fromEntries(extraFields),
    raw: parts.raw,
    ...(parts.envelope ? { envelope: parts.envelope } : {}),
  };
}

type Notice = (text: string) => void;

const shownValue = (value: Json | undefined): string => shortJson(value ?? null, 60);

export const unknownStatusNotice = (status: Json | undefined): string =>
  `its status ${shownValue(status)} is not known: it counts as \`firing\``;

function statusOf(stated: Candidates, notice: Notice): AlertStatus {
  const known = knownStatus(...stated);
  const text = firstText(...stated);
  if (known === undefined && text !== undefined) notice(unknownStatusNotice(text));
  return known ?? 'firing';
}

/** The severity that is stated; `info` if none is, as some senders have none. */
export function severityFrom(stated: Candidates, status: string, notice: Notice): string {
  const severity = statedSeverity(stated);
  if (severity === undefined && status !== 'resolved') notice('it states no severity: it counts as `info`');
  return severity ?? 'info';
}

export function timeOf(stated: Candidates | undefined, what: string, instead: string, notice: Notice): string | undefined {
  const time = firstTime(...(stated ?? []));
  const unreadable = time === undefined ? unreadableTime(...(stated ?? [])) : undefined;
  if (unreadable !== undefined) notice(`${what} that it states, ${shownValue(unreadable)}, is not a time: ${instead}`);
  return time;
}
