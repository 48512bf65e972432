import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ThreadlineError } from '../../shared/errors/errors.ts';
import { isObject, type JsonObject } from '../../shared/json/json.ts';
import { visibleLine } from '../../shared/text/safe-text.ts';
import { readData } from './project.ts';

/** Reads a file with a map; `what` names it in messages. */
export function readMap(file: string, what: string): JsonObject {
  const data = readData(file, 'invalid_input');
  if (isObject(data)) return data;
  throw noMap(file, what);
}

const noMap = (file: string, what: string, hint?: string): ThreadlineError =>
  new ThreadlineError('invalid_input', `${nameOf(file)} holds no ${what}: it must be a map.`, hint === undefined ? {} : { hint });

const LIST_HINT = 'It holds a list: `--alert-format auto` reads the alerts in it, and `--alert-index` chooses one.';

const nameOf = (file: string): string => (file === '-' ? 'Standard input' : file);

/** How an alert is read. */
export interface AlertReading {
  /** Undefined: the body is the alert, as it is. `auto`: whatever it looks like. */
  format: string | undefined;
  /** Which of several; text of the command line. */
  index: string | undefined;
}

/** The alert that a file holds, with a fingerprint. */
export async function readAlert(file: string, { format, index }: AlertReading): Promise<JsonObject> {
  const body = readData(file, 'invalid_input');
  if (format === undefined && !isObject(body)) throw noMap(file, 'alert', Array.isArray(body) ? LIST_HINT : undefined);
  if (format === undefined && Object.keys(body as JsonObject).length === 0) return {};
  const { adaptAlerts } = await import('../../alerts/adapters/index.ts');
  const receivedAt = Date.now();
  if (format === undefined) noticeFormat(file, adaptAlerts(body, { receivedAt }).format);
  const wanted = format === 'auto' ? undefined : (format ?? 'plain');
  const notices: [fingerprint: string, text: string][] = [];
  const onNotice = (...notice: [string, string]) => notices.push(notice);
  const alert = chosen(adaptAlerts(body, { receivedAt, format: wanted, onNotice }).alerts, file, index);
  const own = notices.filter(([fingerprint]) => fingerprint === alert.fingerprint);
  for (const [, text] of own) process.stderr.write(`warning: ${nameOf(file)}: ${visibleLine(text)}\n`);
  return alert;
}

function chosen(alerts: readonly JsonObject[], file: string, index: string | undefined): JsonObject {
  const [only, second] = alerts;
  if (index !== undefined && !/^\d+$/.test(index))
    throw new ThreadlineError('invalid_usage', `\`--alert-index\` takes a whole number from 0, not \`${index}\`.`);
  const alert = index === undefined ? (second ? undefined : only) : alerts[Number(index)];
  if (alert) return alert;
  if (index !== undefined)
    throw new ThreadlineError('invalid_input', `${nameOf(file)} holds ${alerts.length} alert(s), and none is number ${index}.`, {
      hint: 'They are counted from 0.',
    });
  throw new ThreadlineError('invalid_input', `${nameOf(file)} holds ${alerts.length} alerts, and a run is for one.`, {
    hint: 'Choose with `--alert-index`. Without `--alert-format` the whole notification is the alert: its list can be read as `alert.alerts`.',
  });
}

/** Taken as it is, a notification has other fields than the alerts in it. */
function noticeFormat(file: string, looksLike: string): void {
  if (OWN.has(looksLike)) return;
  process.stderr.write(
    `note: ${nameOf(file)} looks like ${looksLike}; it is taken as it is, \`--alert-format auto\` reads its alerts\n`,
  );
}

const OWN = new Set(['plain', 'keep-alert', 'mixed']);

/** The latest recorded alert with the fingerprint; undefined without one or without a store. */
export async function storedAlert(alert: JsonObject, folder: string): Promise<JsonObject | undefined> {
  const file = join(folder, 'alerts.db');
  if (typeof alert.fingerprint !== 'string' || !existsSync(file)) return undefined;
  const { openAlertStore } = await import('../../alerts/store/sqlite.ts');
  const store = openAlertStore(file);
  try {
    return store.get(alert.fingerprint, Date.now());
  } finally {
    store.close();
  }
}
