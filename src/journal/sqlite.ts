import { hash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { type Database, type Durability, openDatabase, type SqlValue } from '../database/sqlite.ts';
import { ThreadlineError } from '../shared/errors/errors.ts';
import type { Json } from '../shared/json/json.ts';
import { Blobs } from './blobs.ts';
import { Commits } from './commits.ts';
import { insertEntry, SqliteHeldRun } from './held-run.ts';
import { listQuery } from './list-query.ts';
import { MIGRATIONS } from './migrations.ts';
import { Owner } from './owner.ts';
import { LINE, lineOf, type RunRow, type WholeRow } from './rows.ts';
import type { Entry, HeldRun, NewRun, RunFilter, RunLine, RunStore, SentSignal, StoredRun } from './run-store.ts';

/** `file` may be `:memory:`. What a run has said to be kept survives a power loss, unless less is asked for. */
export function openRunStore(file: string, { survives = 'power-loss' }: Durability = {}): RunStore {
  return new SqliteRunStore(
    openDatabase(file, MIGRATIONS, { survives: 'process-death' }),
    dirname(file),
    survives === 'power-loss',
  );
}

const BLOB_AGE_MS = 3_600_000;
const PRUNED_AT_ONCE = 200;
/** The owner of a copy that nobody has executed: none that lives. */
const UNTAKEN = 'nobody yet';

class SqliteRunStore implements RunStore {
  readonly #database: Database;
  readonly #blobs: Blobs;
  readonly #commits: Commits;
  readonly #owner: Owner;
  readonly #knownTexts = new Set<string>();
  readonly #held = new Map<number, SqliteHeldRun>();

  constructor(database: Database, folder: string, survivesPowerLoss: boolean) {
    this.#database = database;
    this.#blobs = new Blobs(join(folder, 'results'), survivesPowerLoss);
    this.#owner = new Owner(database);
    this.#commits = new Commits(database, survivesPowerLoss, (error) => {
      for (const held of this.#held.values()) held.abort(error);
    });
  }

  create(run: NewRun, atMs: number): HeldRun {
    this.#owner.start(() => this.#look());
    this.#database.transaction(() => this.#insert(run, atMs));
    return this.#hold(run.id, []);
  }

  #insert(run: NewRun, atMs: number): void {
    const sources = this.#keepTexts(run.sources);
    const { id, workflow, file, request, offline, rerunOf = null } = run;
    const row = {
      id,
      workflow,
      file,
      request: JSON.stringify(request),
      sources,
      offline: Number(offline),
      rerun_of: rerunOf,
    };
    const values = { ...row, status: 'running', started_at: atMs, seal: run.seal, owner: this.#owner.id, cost_usd: 0 };
    const names = Object.keys(values);
    const created = this.#database.run(
      `INSERT OR IGNORE INTO runs (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`,
      ...(Object.values(values) as SqlValue[]),
    );
    if (created === 0) throw known(id);
  }

  copy(from: string, id: string, entries: readonly Entry[], atMs: number): void {
    this.#database.transaction(() => {
      this.#row(from);
      const copied = this.#database.run(
        `INSERT OR IGNORE INTO runs (id, workflow, file, status, started_at, request, sources, offline, seal, cost_usd, rerun_of, owner)
         SELECT ?, workflow, file, 'running', ?, request, sources, offline, seal, 0, id, ? FROM runs WHERE id = ?`,
        id,
        atMs,
        UNTAKEN,
        from,
      );
      if (copied === 0) throw known(id);
      const { number } = this.#row(id);
      for (const [position, entry] of entries.entries()) insertEntry(this.#database, this.#blobs, number, position, entry);
    });
  }

  discard(id: string): void {
    this.#database.run('DELETE FROM runs WHERE id = ? AND owner = ?', id, UNTAKEN);
  }

  take(id: string, given: Record<string, string>): HeldRun {
    this.#owner.start(() => this.#look());
    this.#database.transaction(() => {
      const sources = this.#keepTexts(given);
      const row = this.#row(id);
      if (row.ended_at !== null) throw ended(row);
      if (row.owner !== null && this.#owner.isAlive(row.owner)) {
        throw new ThreadlineError('run_busy', `Run \`${id}\` is under way in another process.`);
      }
      this.#database.run(
        `UPDATE runs SET owner = ?, status = 'running', sources = ?, wake_at = NULL, waits_for = NULL WHERE id = ?`,
        this.#owner.id,
        sources,
        id,
      );
    });
    return this.#hold(id, this.entries(id));
  }

  get(id: string): (StoredRun & { isInterrupted: boolean }) | undefined {
    const row = this.#database.first<WholeRow>('SELECT * FROM runs WHERE id = ?', id);
    return row && this.#whole(row);
  }

  list(filter: RunFilter): RunLine[] {
    const { sql, values } = listQuery(filter, this.#owner);
    return this.#database.all<RunRow>(sql, ...values).map((row) => lineOf(row, this.#owner));
  }

  entries(id: string): Entry[] {
    const { number } = this.#row(id);
    const rows = this.#database.all<{ kind: Entry['kind']; path: string; at: number; data: string; is_blob: number }>(
      'SELECT kind, path, at, data, is_blob FROM entries WHERE run = ? ORDER BY position',
      number,
    );
    return rows.map(({ kind, path, at, data, is_blob }) => ({
      kind,
      path,
      atMs: at,
      data: JSON.parse(is_blob ? this.#blobs.get(data) : data) as Json,
    }));
  }

  send(id: string, name: string, data: Json, atMs: number): void {
    this.#commits.forDisk(() => {
      const row = this.#row(id);
      if (row.ended_at !== null) throw ended(row);
      this.#database.run(
        'INSERT INTO signals (run, name, data, at) VALUES (?, ?, ?, ?)',
        row.number,
        name,
        JSON.stringify(data),
        atMs,
      );
    });
  }

  signals(id: string): SentSignal[] {
    const rows = this.#database.all<{ name: string; data: string; at: number; taken_at: string | null }>(
      'SELECT name, data, at, taken_at FROM signals WHERE run = ? ORDER BY number',
      this.#row(id).number,
    );
    return rows.map(({ name, data, at, taken_at }) => ({
      name,
      data: JSON.parse(data) as Json,
      atMs: at,
      isTaken: taken_at !== null,
    }));
  }

  cancel(id: string, atMs: number): 'asked' | 'cancelled' {
    return this.#commits.forDisk(() => {
      const row = this.#row(id);
      if (row.ended_at !== null) throw ended(row);
      const isHeld = row.owner !== null && this.#owner.isAlive(row.owner);
      if (isHeld) this.#database.run('UPDATE runs SET cancel_asked = 1 WHERE id = ?', id);
      else {
        const error = JSON.stringify({ code: 'cancelled', message: 'The run was cancelled.', hint: null });
        this.#database.run(
          `UPDATE runs SET status = 'cancelled', ended_at = ?, error = ?, owner = NULL, wake_at = NULL WHERE id = ?`,
          atMs,
          error,
          id,
        );
      }
      return isHeld ? 'asked' : 'cancelled';
    });
  }

  prune(beforeMs: number): number {
    this.#knownTexts.clear();
    this.#database.run('INSERT OR REPLACE INTO prunings (only, at) VALUES (1, ?)', Date.now());
    let pruned = 0;
    // A few at a time: runs that go on meanwhile write in between.
    const some = 'SELECT number FROM runs WHERE ended_at < ? LIMIT ?';
    for (let last = PRUNED_AT_ONCE; last === PRUNED_AT_ONCE; pruned += last) {
      last = this.#database.run(`DELETE FROM runs WHERE number IN (${some})`, beforeMs, PRUNED_AT_ONCE);
    }
    this.#database.run('DELETE FROM texts WHERE hash NOT IN (SELECT value FROM runs, json_each(runs.sources))');
    const blobs = this.#database.all<{ data: string }>('SELECT DISTINCT data FROM entries WHERE is_blob = 1');
    this.#blobs.keepOnly(new Set(blobs.map(({ data }) => data)), Date.now() - BLOB_AGE_MS);
    return pruned;
  }

  countEndedBefore(beforeMs: number): number {
    const row = this.#database.first<{ count: number }>('SELECT count(*) AS count FROM runs WHERE ended_at < ?', beforeMs);
    return row?.count ?? 0;
  }

  prunedAtMs(): number | undefined {
    return this.#database.first<{ at: number }>('SELECT at FROM prunings')?.at;
  }

  close(): void {
    this.#commits.flush();
    for (const held of this.#held.values()) held.letGo();
    this.#owner.stop();
    this.#database.close();
  }

  /** Whether somebody wants one of ours to stop, or another process has taken it. */
  #look(): void {
    if (this.#held.size === 0) return;
    const rows = this.#database.all<RunRow>(
      `SELECT ${LINE} FROM runs WHERE status = 'running' AND owner = ? AND cancel_asked = 1`,
      this.#owner.id,
    );
    for (const { number } of rows) this.#held.get(number)?.abort(new ThreadlineError('cancelled', 'The run was cancelled.'));
  }

  #hold(id: string, entries: Entry[]): SqliteHeldRun {
    const row = this.#database.first<WholeRow>('SELECT * FROM runs WHERE id = ?', id) as WholeRow;
    const parts = { database: this.#database, commits: this.#commits, blobs: this.#blobs, owner: this.#owner.id };
    const held = new SqliteHeldRun(this.#whole(row), entries, row.number, {
      ...parts,
      onEnd: () => this.#held.delete(row.number),
    });
    this.#held.set(row.number, held);
    return held;
  }

  #row(id: string): RunRow {
    const row = this.#database.first<RunRow>(`SELECT ${LINE} FROM runs WHERE id = ?`, id);
    if (row) return row;
    throw new ThreadlineError('run_not_found', `There is no run \`${id}\`.`, {
      hint: '`threadline runs list` shows those that there are.',
    });
  }

  /** The names of the texts, by file, as JSON: workflows are the same in most runs. */
  #keepTexts(texts: Record<string, string>): string {
    const names = Object.entries(texts).map(([file, text]) => {
      const name = hash('sha256', text, 'hex');
      if (!this.#knownTexts.has(name)) this.#database.run('INSERT OR IGNORE INTO texts (hash, text) VALUES (?, ?)', name, text);
      this.#knownTexts.add(name);
      return [file, name];
    });
    return JSON.stringify(Object.fromEntries(names));
  }

  #whole(row: WholeRow): StoredRun & { isInterrupted: boolean } {
    const texts = Object.entries(JSON.parse(row.sources) as Record<string, string>).map(([file, name]) => [
      file,
      this.#database.first<{ text: string }>('SELECT text FROM texts WHERE hash = ?', name)?.text ?? '',
    ]);
    return {
      ...lineOf(row, this.#owner),
      request: JSON.parse(row.request),
      sources: Object.fromEntries(texts),
      outputs: row.outputs === null ? {} : JSON.parse(row.outputs),
      seal: row.seal,
    };
  }
}

const known = (id: string) => new ThreadlineError('run_busy', `There is a run \`${id}\` already.`, { retryable: false });

const ended = ({ id, status }: RunRow) =>
  new ThreadlineError('run_ended', `Run \`${id}\` has ended: ${status}.`, {
    hint: '`threadline runs rerun` does it again, or what of it failed.',
  });
