import { dirname, join, resolve } from 'node:path';
import { type Database, type Durability, openDatabase } from '../database/sqlite.ts';
import { ThreadlineError } from '../shared/errors/errors.ts';
import type { Json } from '../shared/json/json.ts';
import { parseJson } from '../shared/json/parse-json.ts';
import { BlobStore } from './blob-store.ts';
import { type EntryFormat, entryValues, INSERT_ENTRY, readEntries } from './entry-rows.ts';
import { GroupCommit } from './group-commit.ts';
import { MIGRATIONS } from './migrations.ts';
import { SqliteOwnedRun } from './owned-run.ts';
import { Owner } from './owner.ts';
import { ReferringJson } from './referring-json.ts';
import { runListQuery } from './run-list-query.ts';
import { type FullRunRow, RUN_LINE_COLUMNS, type RunRow, runLineOf } from './run-row.ts';
import type { Entry, NewRun, OwnedRun, RunFilter, RunLine, RunStore, SentSignal, StoredRun } from './run-store.ts';
import { insertSignal, readSignals } from './signal-rows.ts';
import { SourceTexts } from './source-texts.ts';

/** `file` may be `:memory:`. Results of work survive a power loss, unless the caller asks for less. */
export function openRunStore(file: string, { survives = 'power-loss' }: Durability = {}): RunStore {
  return new SqliteRunStore(
    openDatabase(file, MIGRATIONS, { survives: 'process-death' }),
    dirname(file),
    survives === 'power-loss',
  );
}

const BLOB_AGE_MS = 3_600_000;
const PRUNED_PER_STATEMENT = 200;
/** The owner of a copy that no process has executed; no process has this id. */
const UNTAKEN = 'nobody yet';

class SqliteRunStore implements RunStore {
  readonly #database: Database;
  readonly #format: EntryFormat;
  readonly #commits: GroupCommit;
  readonly #owner: Owner;
  readonly #sources: SourceTexts;
  readonly #owned = new Map<number, SqliteOwnedRun>();

  constructor(database: Database, folder: string, survivesPowerLoss: boolean) {
    this.#database = database;
    const blobs = new BlobStore(join(folder, 'results'), survivesPowerLoss);
    this.#format = { json: new ReferringJson(resolve(folder)), blobs };
    this.#sources = new SourceTexts(database);
    this.#owner = new Owner(database);
    this.#commits = new GroupCommit(database, survivesPowerLoss, (error) => {
      for (const owned of this.#owned.values()) owned.abort(error);
    });
  }

  create(run: NewRun, atMs: number): OwnedRun {
    this.#owner.start(() => this.#abortCancelled());
    this.#database.transaction(() => this.#insert(run, atMs));
    return this.#own(run.id, []);
  }

  #insert(run: NewRun, atMs: number): void {
    const values = {
      id: run.id,
      workflow: run.workflow,
      file: run.file,
      request: JSON.stringify(run.request),
      sources: this.#sources.store(run.sources),
      offline: Number(run.offline),
      rerun_of: run.rerunOf ?? null,
      status: 'running',
      started_at: atMs,
      seal: run.seal,
      owner: this.#owner.id,
      cost_usd: 0,
    };
    const names = Object.keys(values);
    const created = this.#database.run(
      `INSERT OR IGNORE INTO runs (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`,
      ...Object.values(values),
    );
    if (created === 0) throw idTaken(run.id);
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
      if (copied === 0) throw idTaken(id);
      const { number, seal } = this.#rowWithSeal(id);
      for (const [position, entry] of entries.entries())
        this.#database.run(INSERT_ENTRY, number, position, ...entryValues(entry, this.#format, seal));
    });
  }

  discard(id: string): void {
    this.#database.run('DELETE FROM runs WHERE id = ? AND owner = ?', id, UNTAKEN);
  }

  take(id: string, given: Record<string, string>): OwnedRun {
    this.#owner.start(() => this.#abortCancelled());
    this.#database.transaction(() => {
      const sources = this.#sources.store(given);
      const row = this.#unfinishedRow(id);
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
    return this.#own(id, this.entries(id));
  }

  get(id: string): (StoredRun & { isInterrupted: boolean }) | undefined {
    const row = this.#database.first<FullRunRow>('SELECT * FROM runs WHERE id = ?', id);
    return row && this.#fullRun(row);
  }

  list(filter: RunFilter): RunLine[] {
    const { sql, values } = runListQuery(filter, this.#owner);
    return this.#database.all<RunRow>(sql, ...values).map((row) => runLineOf(row, this.#owner));
  }

  entries(id: string): Entry[] {
    return readEntries(this.#database, this.#format, this.#rowWithSeal(id));
  }

  send(id: string, name: string, data: Json, atMs: number): void {
    this.#commits.forDisk(() => insertSignal(this.#database, this.#unfinishedRow(id).number, { name, data, atMs }));
  }

  signals(id: string): SentSignal[] {
    return readSignals(this.#database, this.#row(id).number);
  }

  cancel(id: string, atMs: number): 'asked' | 'cancelled' {
    return this.#commits.forDisk(() => {
      const row = this.#unfinishedRow(id);
      const isExecuted = row.owner !== null && this.#owner.isAlive(row.owner);
      if (isExecuted) this.#database.run('UPDATE runs SET cancel_asked = 1 WHERE id = ?', id);
      else {
        const error = JSON.stringify({ code: 'cancelled', message: 'The run was cancelled.', hint: null });
        this.#database.run(
          `UPDATE runs SET status = 'cancelled', ended_at = ?, error = ?, owner = NULL, wake_at = NULL WHERE id = ?`,
          atMs,
          error,
          id,
        );
      }
      return isExecuted ? 'asked' : 'cancelled';
    });
  }

  prune(beforeMs: number): number {
    this.#database.run('INSERT OR REPLACE INTO prunings (only, at) VALUES (1, ?)', Date.now());
    let pruned = 0;
    // A few per statement, so that runs in progress can write in between.
    const some = 'SELECT number FROM runs WHERE ended_at < ? LIMIT ?';
    for (let last = PRUNED_PER_STATEMENT; last === PRUNED_PER_STATEMENT; pruned += last) {
      last = this.#database.run(`DELETE FROM runs WHERE number IN (${some})`, beforeMs, PRUNED_PER_STATEMENT);
    }
    this.#sources.deleteUnused();
    const blobs = this.#database.all<{ data: string }>('SELECT DISTINCT data FROM entries WHERE is_blob = 1');
    this.#format.blobs.keepOnly(new Set(blobs.map(({ data }) => data)), Date.now() - BLOB_AGE_MS);
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
    for (const owned of this.#owned.values()) owned.letGo();
    this.#owner.stop();
    this.#database.close();
  }

  /** Aborts the runs of this process that another one has asked to cancel. */
  #abortCancelled(): void {
    if (this.#owned.size === 0) return;
    const rows = this.#database.all<RunRow>(
      `SELECT ${RUN_LINE_COLUMNS} FROM runs WHERE status = 'running' AND owner = ? AND cancel_asked = 1`,
      this.#owner.id,
    );
    for (const { number } of rows) this.#owned.get(number)?.abort(new ThreadlineError('cancelled', 'The run was cancelled.'));
  }

  #own(id: string, entries: Entry[]): SqliteOwnedRun {
    const row = this.#database.first<FullRunRow>('SELECT * FROM runs WHERE id = ?', id) as FullRunRow;
    const parts = { database: this.#database, commits: this.#commits, format: this.#format, owner: this.#owner.id };
    const owned = new SqliteOwnedRun(this.#fullRun(row), entries, row.number, {
      ...parts,
      onEnd: () => this.#owned.delete(row.number),
    });
    this.#owned.set(row.number, owned);
    return owned;
  }

  #unfinishedRow(id: string): RunRow {
    const row = this.#row(id);
    if (row.ended_at === null) return row;
    throw new ThreadlineError('run_ended', `Run \`${id}\` has ended: ${row.status}.`, {
      hint: '`threadline runs rerun` runs it again, or only the steps that failed.',
    });
  }

  #row(id: string): RunRow {
    const row = this.#database.first<RunRow>(`SELECT ${RUN_LINE_COLUMNS} FROM runs WHERE id = ?`, id);
    if (row) return row;
    throw new ThreadlineError('run_not_found', `There is no run \`${id}\`.`, {
      hint: '`threadline runs list` shows the known runs.',
    });
  }

  #rowWithSeal(id: string): { number: number; seal: string } {
    const { number } = this.#row(id);
    const row = this.#database.first<{ seal: string }>('SELECT seal FROM runs WHERE number = ?', number);
    return { number, seal: row?.seal ?? '' };
  }

  #fullRun(row: FullRunRow): StoredRun & { isInterrupted: boolean } {
    return {
      ...runLineOf(row, this.#owner),
      request: parseJson(row.request),
      sources: this.#sources.read(row.sources),
      outputs: row.outputs === null ? {} : parseJson(row.outputs),
      seal: row.seal,
    };
  }
}

const idTaken = (id: string) => new ThreadlineError('run_busy', `There is a run \`${id}\` already.`, { retryable: false });
