import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { ThreadlineError } from '../shared/errors/errors.ts';

export type SqlValue = null | number | string;

/** A limit of rows: SQLite reads a negative one as none. */
export const NO_LIMIT = -1;

/** An open SQLite file. All calls are synchronous; several processes may have the file open at once. */
export interface Database {
  /** Runs a statement that returns no rows; returns the number of rows that it changed. */
  run(sql: string, ...values: SqlValue[]): number;
  first<Row>(sql: string, ...values: SqlValue[]): Row | undefined;
  all<Row>(sql: string, ...values: SqlValue[]): Row[];
  /** Runs `work` in an IMMEDIATE transaction, which holds the write lock from its start; nested calls join the outer one. */
  transaction<Result>(work: () => Result): Result;
  /** May be called twice. */
  close(): void;
}

export interface Durability {
  /** The failure that a committed transaction survives. Only `power-loss` costs a wait for the disk. */
  survives?: 'power-loss' | 'process-death';
}

/** How long a statement waits for a process that is writing. */
const BUSY_TIMEOUT_MS = 10_000;

/**
 * Opens a database, which may be `:memory:`; creates the file (0600) and its folders (0700) if they are missing.
 * `migrations` are the SQL steps from an empty file to the present tables: steps are added at the end, never changed.
 *
 * @throws ThreadlineError `invalid_config`: the file has a newer version, is not a database, or cannot be opened.
 */
export function openDatabase(
  file: string,
  migrations: readonly string[],
  { survives = 'power-loss' }: Durability = {},
): Database {
  const connection = withFileErrors(file, () => connect(file));
  const database = new SqliteDatabase(file, connection);
  try {
    database.script(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}; PRAGMA foreign_keys = ON`);
    enableWal(database);
    database.script(`PRAGMA synchronous = ${survives === 'power-loss' ? 'FULL' : 'NORMAL'}`);
    migrate(file, database, migrations);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** When two processes create a file at once, one gets `SQLITE_BUSY` here at once, whatever its busy timeout: it tries again. */
function enableWal(database: SqliteDatabase): void {
  for (const endsAt = performance.now() + BUSY_TIMEOUT_MS; ; Atomics.wait(PAUSE, 0, 0, 10)) {
    try {
      database.script('PRAGMA journal_mode = WAL');
      return;
    } catch (error) {
      const isBusy = error instanceof ThreadlineError && error.retryable;
      if (!isBusy || performance.now() > endsAt) throw error;
    }
  }
}

const PAUSE = new Int32Array(new SharedArrayBuffer(4));

class SqliteDatabase implements Database {
  readonly #file: string;
  readonly #connection: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #inTransaction = false;
  #open = true;

  constructor(file: string, connection: DatabaseSync) {
    this.#file = file;
    this.#connection = connection;
  }

  run(sql: string, ...values: SqlValue[]): number {
    return withFileErrors(this.#file, () => Number(this.#statement(sql).run(...values).changes));
  }

  first<Row>(sql: string, ...values: SqlValue[]): Row | undefined {
    return withFileErrors(this.#file, () => this.#statement(sql).get(...values)) as Row | undefined;
  }

  all<Row>(sql: string, ...values: SqlValue[]): Row[] {
    return withFileErrors(this.#file, () => this.#statement(sql).all(...values)) as Row[];
  }

  /** Runs several statements in one text. */
  script(sql: string): void {
    withFileErrors(this.#file, () => this.#connection.exec(sql));
  }

  transaction<Result>(work: () => Result): Result {
    if (this.#inTransaction) return work();
    this.run('BEGIN IMMEDIATE');
    this.#inTransaction = true;
    try {
      const result = work();
      this.run('COMMIT');
      return result;
    } catch (error) {
      this.#rollBack();
      throw error;
    } finally {
      this.#inTransaction = false;
    }
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#statements.clear();
    this.#connection.close();
  }

  #statement(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known) return known;
    const statement = this.#connection.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  #rollBack(): void {
    try {
      this.#connection.exec('ROLLBACK');
    } catch {
      // SQLite has rolled back by itself, as it does on a full disk; the caller throws the error that led here.
    }
  }
}

function connect(file: string): DatabaseSync {
  if (file !== ':memory:') {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    // SQLite would create the file readable for all; its -wal and -shm files take their mode from it.
    closeSync(openSync(file, 'a', 0o600));
  }
  const { DatabaseSync } = loadSqlite();
  return new DatabaseSync(file);
}

/** Hides the warning of some Node releases that SQLite is experimental. Loading is synchronous: no other warning is lost. */
function loadSqlite(): typeof import('node:sqlite') {
  const { emitWarning } = process;
  process.emitWarning = (warning: string | Error, ...rest: unknown[]) => {
    if (rest[0] === 'ExperimentalWarning' && String(warning).startsWith('SQLite')) return;
    Reflect.apply(emitWarning, process, [warning, ...rest]);
  };
  try {
    return process.getBuiltinModule('node:sqlite');
  } finally {
    process.emitWarning = emitWarning;
  }
}

function migrate(file: string, database: SqliteDatabase, migrations: readonly string[]): void {
  if (versionOf(file, database, migrations) === migrations.length) return;
  database.transaction(() => {
    // Another process may have migrated it while this one waited for the lock.
    for (const step of migrations.slice(versionOf(file, database, migrations))) database.script(step);
    database.script(`PRAGMA user_version = ${migrations.length}`);
  });
}

function versionOf(file: string, database: Database, migrations: readonly string[]): number {
  const version = database.first<{ user_version: number }>('PRAGMA user_version')?.user_version ?? 0;
  if (version <= migrations.length) return version;
  throw new ThreadlineError(
    'invalid_config',
    `The database ${file} has version ${version}; this Threadline knows versions up to ${migrations.length}.`,
    { hint: 'Update Threadline, or name another file.' },
  );
}

const BUSY = 5;
const LOCKED = 6;
const CANNOT_OPEN = 14;

/** Hints for the result codes that blame the file or its disk, not our SQL: https://sqlite.org/rescode.html */
const HINTS: Record<number, string> = {
  [BUSY]: 'Another process has held it locked for too long. Try again.',
  [LOCKED]: 'Another process has held it locked for too long. Try again.',
  8: 'Make the file and its folder writable.',
  10: 'Check the disk, and the permissions of the file and its folder.',
  11: 'The file is damaged: restore it, or move it away to start with an empty one.',
  13: 'Make room on the disk.',
  [CANNOT_OPEN]: 'Check the permissions of the file and its folder.',
  26: 'The file is not a SQLite database: name another one.',
};

/** Failures of the file or its disk become errors that name the file; mistakes in our SQL are thrown as they are. */
function withFileErrors<Result>(file: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    const { message, errcode = 0, syscall } = error as { message?: string; errcode?: number; syscall?: string };
    const primary = syscall ? CANNOT_OPEN : errcode & 0xff;
    const hint = HINTS[primary];
    if (!hint) throw error;
    throw new ThreadlineError('invalid_config', `The database ${file} cannot be used: ${message}.`, {
      hint,
      cause: error,
      retryable: primary === BUSY || primary === LOCKED,
    });
  }
}
