import { type Database, openDatabase } from '../database/sqlite.ts';
import { type Holder, keyDigest, type Leases, type LeaseTable, type Renewed, type Taken } from './lease-table.ts';
import { MIGRATIONS } from './migrations.ts';

/** `file` may be `:memory:`. */
export const openLeaseTable = (file: string): SqliteLeases =>
  new SqliteLeases(openDatabase(file, MIGRATIONS, { survives: 'process-death' }));

/** The leases of runs that name no file and no table. */
let processTable: LeaseTable | undefined;

/** Opens a file of leases; undefined stands for a table that all runs of this process share. Only files are closed. */
export function openLeases(leases: Leases | undefined): { table: LeaseTable; close(): void } {
  if (typeof leases === 'string') {
    const table = openLeaseTable(leases);
    return { table, close: () => table.close() };
  }
  if (leases === undefined) processTable ??= openLeaseTable(':memory:');
  return { table: leases ?? (processTable as LeaseTable), close: () => undefined };
}

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
    this.#database.run(
      'INSERT INTO tickets (key, run_id, token, until) VALUES (?, ?, ?, ?)',
      keyDigest(key),
      runId,
      token,
      untilMs,
    );
  }

  take(key: string, { runId, token }: Holder, nowMs: number, untilMs: number, capacity = 1): Taken {
    const id = keyDigest(key);
    return this.#database.transaction((): Taken => {
      for (const table of ['leases', 'tickets'])
        this.#database.run(`DELETE FROM ${table} WHERE key = ? AND until < ?`, id, nowMs);
      const holders = this.#database.all<Row>('SELECT run_id, token FROM leases WHERE key = ? ORDER BY rowid', id);
      const free = capacity - holders.length;
      if (free <= 0) return { taken: false, by: holders[0]?.run_id ?? '' };
      // The first tickets in line have a claim to what is free.
      const line = this.#database.all<Row>('SELECT run_id, token FROM tickets WHERE key = ? ORDER BY number LIMIT ?', id, free);
      const isServed = line.length < free || line.some((ticket) => ticket.token === token);
      if (!isServed) return { taken: false, by: line[0]?.run_id ?? '' };
      this.#database.run('DELETE FROM tickets WHERE token = ?', token);
      this.#database.run('INSERT INTO leases (key, run_id, token, until) VALUES (?, ?, ?, ?)', id, runId, token, untilMs);
      return { taken: true };
    });
  }

  renew(key: string, { token }: Holder, untilMs: number): Renewed {
    const renewed = ['leases', 'tickets'].map((table) =>
      this.#database.first<{ end_for: string | null }>(
        `UPDATE ${table} SET until = ? WHERE key = ? AND token = ? RETURNING end_for`,
        untilMs,
        keyDigest(key),
        token,
      ),
    );
    const row = renewed.find((one) => one !== undefined);
    return { isThere: row !== undefined, endFor: row?.end_for ?? undefined };
  }

  askToEnd(key: string, { runId, token }: Holder): void {
    const id = keyDigest(key);
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
      this.#database.run('DELETE FROM leases WHERE key = ? AND token = ?', keyDigest(key), token);
      this.#database.run('DELETE FROM tickets WHERE token = ?', token);
    });
  }

  /** Releases the keys of a run whose process is dead, and of the runs that it called. */
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
