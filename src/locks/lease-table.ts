import { hash } from 'node:crypto';
import { type Database, openDatabase } from '../database/sqlite.ts';

/**
 * Who holds which key, and who waits for it, in order. Times are milliseconds since 1970; nothing here reads a clock.
 * A lease or a ticket that is not renewed in time is as good as given back: its holder is dead. A table may be far away.
 */
export interface LeaseTable {
  /** Stands in line for a key; the ticket says when it is whose turn. */
  enqueue(key: string, holder: Holder, untilMs: number): void | Promise<void>;
  /**
   * Takes the key if it is free and nobody stands before; else says who holds it, or stands before. `places` may hold it at the
   * same time.
   */
  take(key: string, holder: Holder, nowMs: number, untilMs: number, places?: number): Taken | Promise<Taken>;
  /** Keeps lease or ticket; tells whether it is still there, and which run wants the holder to end. */
  renew(key: string, holder: Holder, untilMs: number): Renewed | Promise<Renewed>;
  /** Asks whoever holds the key, or stands in line before this one, to end in its favour. */
  askToEnd(key: string, holder: Holder): void | Promise<void>;
  release(key: string, holder: Holder): void | Promise<void>;
  close(): void;
}

export interface Renewed {
  isThere: boolean;
  endFor: string | undefined;
}

/** Where leases are: in a file, which may be `:memory:`, or in a table that somebody else opens and closes. */
export type Leases = string | LeaseTable;

/** Of a file, to be closed; of somebody else's table, not. */
export function openLeases(leases: Leases): { table: LeaseTable; close(): void } {
  if (typeof leases !== 'string') return { table: leases, close: () => undefined };
  const table = openLeaseTable(leases);
  return { table, close: () => table.close() };
}

/** One attempt at holding a key. */
export interface Holder {
  runId: string;
  /** Unique, so that a run which lost its lease cannot take another's for its own. */
  token: string;
}

export type Taken = { taken: true } | { taken: false; by: string };

const MIGRATIONS = [
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

/** `file` may be `:memory:`. */
export const openLeaseTable = (file: string): SqliteLeases =>
  new SqliteLeases(openDatabase(file, MIGRATIONS, { survives: 'process-death' }));

/** Keys are made of alerts and may hold anything, at any length: the file has no use for what they say. */
const digest = (key: string): string => hash('sha256', key, 'hex');

interface Row {
  run_id: string;
  token: string;
}

class SqliteLeases implements LeaseTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  enqueue(key: string, { runId, token }: Holder, untilMs: number): void {
    this.#database.run('INSERT INTO tickets (key, run_id, token, until) VALUES (?, ?, ?, ?)', digest(key), runId, token, untilMs);
  }

  take(key: string, { runId, token }: Holder, nowMs: number, untilMs: number, places = 1): Taken {
    const id = digest(key);
    return this.#database.transaction((): Taken => {
      for (const table of ['leases', 'tickets'])
        this.#database.run(`DELETE FROM ${table} WHERE key = ? AND until < ?`, id, nowMs);
      const holders = this.#database.all<Row>('SELECT run_id, token FROM leases WHERE key = ? ORDER BY rowid', id);
      const free = places - holders.length;
      if (free <= 0) return { taken: false, by: holders[0]?.run_id ?? '' };
      // Each free place is for one of those in front.
      const line = this.#database.all<Row>('SELECT run_id, token FROM tickets WHERE key = ? ORDER BY number LIMIT ?', id, free);
      const isServed = line.length < free || line.some((ticket) => ticket.token === token);
      if (!isServed) return { taken: false, by: line[0]?.run_id ?? '' };
      this.#database.run('DELETE FROM tickets WHERE token = ?', token);
      this.#database.run('INSERT INTO leases (key, run_id, token, until) VALUES (?, ?, ?, ?)', id, runId, token, untilMs);
      return { taken: true };
    });
  }

  renew(key: string, { token }: Holder, untilMs: number): { isThere: boolean; endFor: string | undefined } {
    const renewed = ['leases', 'tickets'].map((table) =>
      this.#database.first<{ end_for: string | null }>(
        `UPDATE ${table} SET until = ? WHERE key = ? AND token = ? RETURNING end_for`,
        untilMs,
        digest(key),
        token,
      ),
    );
    const row = renewed.find((one) => one !== undefined);
    return { isThere: row !== undefined, endFor: row?.end_for ?? undefined };
  }

  askToEnd(key: string, { runId, token }: Holder): void {
    const id = digest(key);
    this.#database.transaction(() => {
      this.#database.run('UPDATE leases SET end_for = ? WHERE key = ?', runId, id);
      this.#database.run(
        'UPDATE tickets SET end_for = ? WHERE key = ? AND number < (SELECT number FROM tickets WHERE token = ?)',
        runId,
        id,
        token,
      );
    });
  }

  release(key: string, { token }: Holder): void {
    this.#database.transaction(() => {
      this.#database.run('DELETE FROM leases WHERE key = ? AND token = ?', digest(key), token);
      this.#database.run('DELETE FROM tickets WHERE token = ?', token);
    });
  }

  /** Gives back what a run held, and those that it called, in a process that is dead. */
  releaseRun(runId: string): void {
    this.#database.transaction(() => {
      for (const table of ['leases', 'tickets'])
        this.#database.run(
          `DELETE FROM ${table} WHERE run_id = ? OR substr(run_id, 1, ?) = ?`,
          runId,
          runId.length + 1,
          `${runId}/`,
        );
    });
  }

  close(): void {
    this.#database.close();
  }
}
