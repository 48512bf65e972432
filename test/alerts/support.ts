import { readdirSync, readFileSync } from 'node:fs';
import { adaptAlerts } from '../../src/alerts/adapters/index.ts';
import type { Json, JsonObject } from '../../src/shared/json/json.ts';

const FOLDER = new URL('../fixtures/alerts/', import.meta.url);

export const fixtureNames = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.json'))
  .map((file) => file.replace('.json', ''));

/** A new copy of a body as its sender writes it. */
export const fixture = (name: string): JsonObject => JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8'));

export const RECEIVED = '2026-10-06T14:00:00.000Z';
const receivedAt = Date.parse(RECEIVED);

export const adapt = (body: Json, format?: string) => adaptAlerts(body, { receivedAt, format });
/** The only alert of a body. */
export function adaptOne(body: Json): JsonObject {
  const { alerts } = adapt(body);
  const [alert] = alerts;
  if (!alert || alerts.length !== 1) throw new Error(`${alerts.length} alerts instead of one`);
  return alert;
}

export const without = (body: JsonObject, ...keys: string[]): JsonObject =>
  Object.fromEntries(Object.entries(body).filter(([key]) => !keys.includes(key)));

/** A map within a map. */
export const at = (body: Json | undefined, ...path: (string | number)[]): JsonObject =>
  path.reduce<Json | undefined>((value, key) => (value as JsonObject | undefined)?.[key as string], body) as JsonObject;
