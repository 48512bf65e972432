/** The tables of the leases: steps are added at the end, never changed. */
export const MIGRATIONS: readonly string[] = [
  `CREATE TABLE leases (key TEXT PRIMARY KEY, run_id TEXT NOT NULL, token TEXT NOT NULL, until INTEGER NOT NULL, end_for TEXT) STRICT;
   CREATE TABLE tickets (
     number INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL, run_id TEXT NOT NULL, token TEXT NOT NULL UNIQUE, until INTEGER NOT NULL
   ) STRICT;
   CREATE INDEX tickets_by_key ON tickets (key, number)`,
  'ALTER TABLE tickets ADD COLUMN end_for TEXT',
  // Several may hold one key. What is held at this moment is held still.
  `CREATE TABLE shared_leases (
     key TEXT NOT NULL, run_id TEXT NOT NULL, token TEXT NOT NULL, until INTEGER NOT NULL, end_for TEXT,
     PRIMARY KEY (key, token)
   ) STRICT;
   INSERT INTO shared_leases SELECT key, run_id, token, until, end_for FROM leases;
   DROP TABLE leases;
   ALTER TABLE shared_leases RENAME TO leases`,
];
