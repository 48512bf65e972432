/** The tables of the alert store: steps are added at the end, never changed. */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    fingerprint TEXT NOT NULL,
    status TEXT NOT NULL,
    received_at REAL NOT NULL,
    body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX events_of_alert ON events (fingerprint, id);
  CREATE INDEX firing_events_of_alert ON events (fingerprint, id) WHERE status = 'firing';
  CREATE INDEX events_by_age ON events (received_at);

  CREATE TABLE alerts (
    fingerprint TEXT PRIMARY KEY,
    latest INTEGER NOT NULL UNIQUE REFERENCES events (id)
  ) STRICT, WITHOUT ROWID;

  -- kind: alert or incident. A disposable field covers the lasting one of the same key.
  CREATE TABLE enrichments (
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    key TEXT NOT NULL,
    disposable INTEGER NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (kind, subject, key, disposable)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    at REAL NOT NULL,
    by TEXT,
    fields TEXT NOT NULL,
    removed TEXT NOT NULL
  ) STRICT;
  CREATE INDEX audit_of_subject ON audit (kind, subject, id);

  CREATE TABLE notes (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    at REAL NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
];
