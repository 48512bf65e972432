import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ThreadlineError } from '../errors.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { readData } from './project.ts';

/** What starts a run, read from files. */

/** A file that holds a map; `what` it should be. */
export function readMap(file: string, what: string): JsonObject {
  const data = readData(file, 'invalid_input');
  if (isObject(data)) return data;
  throw new ThreadlineError('invalid_input', `${nameOf(file)} holds no ${what}: it must be a map.`);
}

const nameOf = (file: string): string => (file === '-' ? 'Standard input' : file);

/** The alert that a file holds, with a fingerprint. */
export async function readAlert(file: string, format: string | undefined): Promise<JsonObject> {
  const body: Json = format === undefined ? readMap(file, 'alert') : readData(file, 'invalid_input');
  if (format === undefined && Object.keys(body as JsonObject).length === 0) return {};
  const { adaptAlerts } = await import('../alerts/adapters/index.ts');
  const wanted = format === 'auto' ? undefined : (format ?? 'plain');
  const { alerts } = adaptAlerts(body, { receivedAt: Date.now(), format: wanted });
  const [alert, second] = alerts;
  if (alert && !second) return alert;
  throw new ThreadlineError('invalid_input', `${nameOf(file)} holds ${alerts.length} alerts, and a run is for one.`, {
    hint: 'Give one of them. Without `--alert-format` the whole notification is the alert: its list can be read as `alert.alerts`.',
  });
}

/** The alert of the same fingerprint that runs have recorded last; undefined when there is none, or no store yet. */
export async function storedAlert(alert: JsonObject, folder: string): Promise<JsonObject | undefined> {
  const file = join(folder, 'alerts.db');
  if (typeof alert.fingerprint !== 'string' || !existsSync(file)) return undefined;
  const { openAlertStore } = await import('../alerts/store/sqlite.ts');
  const store = openAlertStore(file);
  try {
    return store.get(alert.fingerprint, Date.now());
  } finally {
    store.close();
  }
}
