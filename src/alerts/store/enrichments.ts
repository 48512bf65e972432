import type { Database } from '../../database/sqlite.ts';
import type { Json, JsonObject } from '../../shared/json/json.ts';
import { parseJson } from '../../shared/json/parse-json.ts';
import type { ChangeOptions, EnrichOptions } from './store.ts';

type Subject = 'alert' | 'incident';

/** The fields written on alerts and incidents, and their audit. */
export interface Enrichments {
  write(kind: Subject, subject: string, fields: JsonObject, options: EnrichOptions): void;
  remove(kind: Subject, subject: string, keys: readonly string[], options: ChangeOptions): void;
  /** Removes the disposable fields. */
  dispose(kind: Subject, subject: string, options: ChangeOptions): void;
  of(kind: Subject, subject: string): JsonObject;
  audit(kind: Subject, subject: string, limit: number): JsonObject[];
}

const OF_SUBJECT = 'kind = ? AND subject = ?';

export function enrichmentsIn(database: Database): Enrichments {
  return {
    write(kind, subject, fields, options) {
      const disposable = options.disposable === true;
      database.transaction(() => {
        for (const [key, value] of Object.entries(fields)) put(database, kind, subject, key, value, disposable);
        if (options.audited !== false && Object.keys(fields).length > 0)
          keepAudit(database, kind, subject, { fields, removed: [] }, options);
      });
    },

    remove(kind, subject, keys, options) {
      database.transaction(() => {
        const removed = [...new Set(keys)].filter(
          (key) => database.run(`DELETE FROM enrichments WHERE ${OF_SUBJECT} AND key = ?`, kind, subject, key) > 0,
        );
        if (removed.length > 0) keepAudit(database, kind, subject, { fields: {}, removed }, options);
      });
    },

    dispose(kind, subject, options) {
      const gone = database.all<{ key: string }>(
        `DELETE FROM enrichments WHERE ${OF_SUBJECT} AND disposable = 1 RETURNING key`,
        kind,
        subject,
      );
      const keys = gone.map(({ key }) => key).sort();
      if (keys.length > 0) keepAudit(database, kind, subject, { fields: {}, removed: keys }, options);
    },

    of(kind, subject) {
      const rows = database.all<{ key: string; value: string }>(
        `SELECT key, value FROM enrichments WHERE ${OF_SUBJECT} ORDER BY key, disposable`,
        kind,
        subject,
      );
      return Object.fromEntries(rows.map(({ key, value }) => [key, parseJson(value)]));
    },

    audit(kind, subject, limit) {
      return database
        .all<AuditRow>(`SELECT * FROM audit WHERE ${OF_SUBJECT} ORDER BY id DESC LIMIT ?`, kind, subject, limit)
        .map(({ at, by, fields, removed }) => ({
          at: new Date(at).toISOString(),
          by,
          fields: parseJson(fields),
          removed: parseJson(removed),
        }));
    },
  };
}

interface AuditRow {
  at: number;
  by: string | null;
  fields: string;
  removed: string;
}

interface Change {
  fields: JsonObject;
  removed: string[];
}

function keepAudit(database: Database, kind: Subject, subject: string, change: Change, { atMs, by }: ChangeOptions): void {
  database.run(
    'INSERT INTO audit (kind, subject, at, by, fields, removed) VALUES (?, ?, ?, ?, ?, ?)',
    kind,
    subject,
    atMs,
    by ?? null,
    JSON.stringify(change.fields),
    JSON.stringify(change.removed),
  );
}

function put(database: Database, kind: Subject, subject: string, key: string, value: Json, disposable: boolean): void {
  // A field written now replaces an older disposable one, even if it is lasting itself.
  database.run(`DELETE FROM enrichments WHERE ${OF_SUBJECT} AND key = ? AND disposable = 1`, kind, subject, key);
  database.run(
    `INSERT INTO enrichments (kind, subject, key, disposable, value) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (kind, subject, key, disposable) DO UPDATE SET value = excluded.value`,
    kind,
    subject,
    key,
    disposable ? 1 : 0,
    JSON.stringify(value),
  );
}
