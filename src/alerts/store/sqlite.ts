import { type Database, NO_LIMIT, openDatabase } from '../../database/sqlite.ts';
import { type Json, type JsonObject, toJson } from '../../shared/json/json.ts';
import { parseJson } from '../../shared/json/parse-json.ts';
import { momentOf } from '../../shared/time/moment.ts';
import { checkedFields, checkedKey, checkedText } from './check-input.ts';
import { type Enrichments, enrichmentsIn } from './enrichments.ts';
import { alertStatus, firingFields } from './firing-fields.ts';
import { MIGRATIONS } from './migrations.ts';
import type { AlertStore, ChangeOptions, EnrichOptions, ListOptions, Note, Received } from './store.ts';
import { DISMISSAL_ENDS, type EnrichedField, withEnrichments } from './with-enrichments.ts';

/** Opens the alert store in a file, which is created if missing; a store in `:memory:` ends with the process. */
export function openAlertStore(file: string): AlertStore {
  return new SqliteAlertStore(openDatabase(file, MIGRATIONS));
}

/** A single statement, so that an event and its enrichments are read at one moment. Lasting fields come before disposable ones. */
const LATEST = `
  SELECT body, (
    SELECT json_group_array(json_array(key, value) ORDER BY key, disposable)
    FROM enrichments WHERE kind = 'alert' AND subject = alerts.fingerprint
  ) AS enrichments
  FROM alerts JOIN events ON events.id = alerts.latest`;

interface LatestRow {
  body: string;
  enrichments: string;
}

class SqliteAlertStore implements AlertStore {
  readonly #database: Database;
  readonly #enrichments: Enrichments;

  constructor(database: Database) {
    this.#database = database;
    this.#enrichments = enrichmentsIn(database);
  }

  receive(alert: JsonObject, atMs: number): Received {
    const event = toJson(alert) as JsonObject;
    const fingerprint = checkedKey('fingerprint of the alert', event.fingerprint);
    if (isBlank(event.lastReceived)) event.lastReceived = new Date(atMs).toISOString();
    return this.#database.transaction(() => {
      const previous = this.get(fingerprint, atMs);
      const body = checkedText('The alert', { ...event, ...firingFields(event, previous, atMs) });
      this.#record(fingerprint, alertStatus(event), body, atMs);
      this.#enrichments.dispose('alert', fingerprint, { atMs, by: 'threadline' });
      return { alert: this.get(fingerprint, atMs) ?? event, previous };
    });
  }

  get(fingerprint: string, atMs: number): JsonObject | undefined {
    const row = this.#database.first<LatestRow>(`${LATEST} WHERE alerts.fingerprint = ?`, fingerprint);
    return row && present(row, atMs);
  }

  history(fingerprint: string, limit?: number): JsonObject[] {
    return this.#database
      .all<{ body: string }>(
        'SELECT body FROM events WHERE fingerprint = ? ORDER BY id DESC LIMIT ?',
        fingerprint,
        limit ?? NO_LIMIT,
      )
      .map(({ body }) => parseJson(body));
  }

  list({ atMs, limit = NO_LIMIT, sinceMs = 0 }: ListOptions): JsonObject[] {
    return this.#database
      .all<LatestRow>(`${LATEST} WHERE received_at >= ? ORDER BY latest DESC LIMIT ?`, sinceMs, limit)
      .map((row) => present(row, atMs));
  }

  enrich(fingerprint: string, fields: JsonObject, options: EnrichOptions): void {
    const subject = checkedKey('fingerprint', fingerprint);
    this.#enrichments.write('alert', subject, checkedFields(fields), options);
  }

  unenrich(fingerprint: string, keys: readonly string[], options: ChangeOptions): void {
    const all = keys.includes('dismissed') ? [...keys, ...DISMISSAL_ENDS] : keys;
    this.#enrichments.remove('alert', fingerprint, all, options);
  }

  audit(fingerprint: string, limit?: number): JsonObject[] {
    return this.#enrichments.audit('alert', fingerprint, limit ?? NO_LIMIT);
  }

  enrichIncident(id: string, fields: JsonObject, options: ChangeOptions): void {
    const own = toJson(fields) as JsonObject;
    checkedText('What the incident is enriched with', own);
    this.#enrichments.write('incident', checkedKey('id of the incident', id), own, options);
  }

  incidentEnrichments(id: string): JsonObject {
    return this.#enrichments.of('incident', id);
  }

  firingSince(fingerprint: string, atMs: number): number | undefined {
    const alert = this.get(fingerprint, atMs);
    return alert && alertStatus(alert) === 'firing' ? momentOf(alert.firingStartTime) : undefined;
  }

  previousFiring(fingerprint: string): number | undefined {
    return this.#database.first<{ received_at: number }>(
      "SELECT received_at FROM events WHERE fingerprint = ? AND status = 'firing' ORDER BY id DESC LIMIT 1 OFFSET 1",
      fingerprint,
    )?.received_at;
  }

  remember(key: string, value: Json, atMs: number): void {
    this.#database.run(
      'INSERT INTO notes (key, value, at) VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value, at = excluded.at',
      checkedKey('key of the note', key),
      checkedText('The note', toJson(value)),
      atMs,
    );
  }

  recall(key: string): Note | undefined {
    const row = this.#database.first<{ value: string; at: number }>('SELECT value, at FROM notes WHERE key = ?', key);
    return row && { value: parseJson(row.value), atMs: row.at };
  }

  forget(key: string): void {
    this.#database.run('DELETE FROM notes WHERE key = ?', key);
  }

  prune(beforeMs: number): number {
    return this.#database.run('DELETE FROM events WHERE received_at < ? AND id NOT IN (SELECT latest FROM alerts)', beforeMs);
  }

  close(): void {
    this.#database.close();
  }

  #record(fingerprint: string, status: string, body: string, atMs: number): void {
    const event = this.#database.first<{ id: number }>(
      'INSERT INTO events (fingerprint, status, received_at, body) VALUES (?, ?, ?, ?) RETURNING id',
      fingerprint,
      status,
      atMs,
      body,
    );
    this.#database.run(
      'INSERT INTO alerts (fingerprint, latest) VALUES (?, ?) ON CONFLICT (fingerprint) DO UPDATE SET latest = excluded.latest',
      fingerprint,
      event?.id ?? null,
    );
  }
}

const isBlank = (value: Json | undefined): boolean => value === undefined || value === null || value === '';

function present({ body, enrichments }: LatestRow, atMs: number): JsonObject {
  const fields = parseJson(enrichments) as [key: string, value: string][];
  const written = fields.map(([key, value]): EnrichedField => [key, parseJson(value)]);
  return withEnrichments(parseJson(body), written, atMs);
}
