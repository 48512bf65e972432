import type { Database } from '../database/sqlite.ts';
import { ThreadlineError } from '../shared/errors/errors.ts';
import type { Json } from '../shared/json/json.ts';
import type { Blobs } from './blobs.ts';
import type { Commits } from './commits.ts';
import type { Entry, HeldRun, RunEnd, StoredRun } from './run-store.ts';

/** Longer texts are files. */
const LONGEST_ROW = 64 * 1024;

interface HeldParts {
  database: Database;
  commits: Commits;
  blobs: Blobs;
  owner: string;
  onEnd(): void;
}

/** A run in a database, for as long as it is ours. */
export class SqliteHeldRun implements HeldRun {
  readonly run: StoredRun;
  readonly entries: readonly Entry[];
  readonly #number: number;
  readonly #parts: HeldParts;
  readonly #controller = new AbortController();
  #position: number;
  #lost: ThreadlineError | undefined;
  /** Ended, parked, lost, or closed: what is still noted of it is no part of its history. */
  #isOver = false;

  constructor(run: StoredRun, entries: readonly Entry[], number: number, parts: HeldParts) {
    this.run = run;
    this.entries = entries;
    this.#number = number;
    this.#parts = parts;
    // A write that failed leaves a gap: their number is not enough.
    const last = parts.database.first<{ position: number | null }>(
      'SELECT max(position) AS position FROM entries WHERE run = ?',
      number,
    );
    this.#position = (last?.position ?? -1) + 1;
  }

  get cancelled(): AbortSignal {
    return this.#controller.signal;
  }

  abort(reason: unknown): void {
    this.#controller.abort(reason);
  }

  async append(entry: Entry): Promise<void> {
    await this.#parts.commits.write(this.#write(entry));
    if (this.#lost) throw this.#lost;
  }

  note(entry: Entry): void {
    if (!this.#isOver) this.#parts.commits.note(this.#write(entry));
  }

  async noted(): Promise<void> {
    await this.#parts.commits.noted();
    if (this.#lost) throw this.#lost;
  }

  signal(name: string, path: string): Json | undefined {
    const { database } = this.#parts;
    const row = database.first<{ number: number; data: string; taken_at: string | null }>(
      `SELECT number, data, taken_at FROM signals WHERE run = ? AND name = ? AND (taken_at IS NULL OR taken_at = ?)
       ORDER BY number LIMIT 1`,
      this.#number,
      name,
      path,
    );
    if (!row) return undefined;
    if (row.taken_at === null) database.run('UPDATE signals SET taken_at = ? WHERE number = ?', path, row.number);
    return JSON.parse(row.data) as Json;
  }

  park(waits: Parameters<HeldRun['park']>[0]): boolean {
    const { names, wakeAtMs, usage } = waits;
    const { database, commits, owner } = this.#parts;
    commits.flush();
    return commits.forDisk(() => {
      const come = database.all<{ name: string }>('SELECT name FROM signals WHERE run = ? AND taken_at IS NULL', this.#number);
      const row = database.first<{ cancel_asked: number }>('SELECT cancel_asked FROM runs WHERE number = ?', this.#number);
      if (row?.cancel_asked || come.some(({ name }) => names.includes(name))) return false;
      database.run(
        `UPDATE runs SET status = 'waiting', owner = NULL, wake_at = ?, waits_for = ?, ${USAGE} WHERE number = ? AND owner = ?`,
        wakeAtMs ?? null,
        JSON.stringify(names),
        ...usageValues(usage),
        this.#number,
        owner,
      );
      this.letGo();
      return true;
    });
  }

  release(usage: RunEnd['usage']): void {
    const { database, commits, owner } = this.#parts;
    commits.flush();
    database.run(
      `UPDATE runs SET owner = NULL, ${USAGE} WHERE number = ? AND owner = ?`,
      ...usageValues(usage),
      this.#number,
      owner,
    );
    this.letGo();
  }

  async end({ status, atMs, error, outputs, usage }: RunEnd): Promise<void> {
    const { database, commits, owner } = this.#parts;
    await commits.write(() => {
      const changed = database.run(
        `UPDATE runs SET status = ?, ended_at = ?, error = ?, outputs = ?, owner = NULL, ${USAGE} WHERE number = ? AND owner = ?`,
        status,
        atMs,
        error === null ? null : JSON.stringify(error),
        JSON.stringify(outputs),
        ...usageValues(usage),
        this.#number,
        owner,
      );
      if (changed === 0) this.#lose();
    });
    this.letGo();
  }

  letGo(): void {
    this.#isOver = true;
    this.#parts.onEnd();
  }

  /** Only for as long as the run is ours: another process may have taken a run that was silent for too long. */
  #write(entry: Entry): () => void {
    const { database, blobs, owner } = this.#parts;
    const values = valuesOf(entry, blobs);
    const position = this.#position++;
    return () => {
      const written = database.run(`${INSERT} WHERE EXISTS (${OURS})`, this.#number, position, ...values, this.#number, owner);
      if (written === 0) this.#lose();
    };
  }

  #lose(): void {
    if (this.#isOver) return;
    const message = `Another process has taken run \`${this.run.id}\`: this one was not heard of for too long.`;
    this.#lost = new ThreadlineError('lock_lost', message);
    this.abort(this.#lost);
    this.letGo();
  }
}

/** Of a run that nobody executes. */
export function insertEntry(database: Database, blobs: Blobs, run: number, position: number, entry: Entry): void {
  database.run(INSERT, run, position, ...valuesOf(entry, blobs));
}

function valuesOf({ kind, path, atMs, data }: Entry, blobs: Blobs) {
  const text = JSON.stringify(data);
  const isBlob = text.length > LONGEST_ROW;
  return [kind, path, atMs, isBlob ? blobs.put(text) : text, Number(isBlob)] as const;
}

const INSERT = 'INSERT INTO entries (run, position, kind, path, at, data, is_blob) SELECT ?, ?, ?, ?, ?, ?, ?';
const OURS = 'SELECT 1 FROM runs WHERE number = ? AND owner = ?';

const USAGE = 'prompt_tokens = ?, completion_tokens = ?, total_tokens = ?, cost_usd = ?';

const usageValues = ({ prompt_tokens, completion_tokens, total_tokens, cost_usd }: RunEnd['usage']) =>
  [prompt_tokens, completion_tokens, total_tokens, cost_usd] as const;
