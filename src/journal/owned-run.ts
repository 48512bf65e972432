import type { Database } from '../database/sqlite.ts';
import { ThreadlineError } from '../shared/errors/errors.ts';
import type { Json } from '../shared/json/json.ts';
import { type EntryFormat, entryValues, INSERT_ENTRY } from './entry-rows.ts';
import type { GroupCommit } from './group-commit.ts';
import type { Entry, OwnedRun, RunEnd, StoredRun } from './run-store.ts';
import { takeSignal } from './signal-rows.ts';

interface OwnedRunParts {
  database: Database;
  commits: GroupCommit;
  format: EntryFormat;
  owner: string;
  onEnd(): void;
}

/** A run in a SQLite database, for as long as this process owns it. */
export class SqliteOwnedRun implements OwnedRun {
  readonly run: StoredRun;
  readonly entries: readonly Entry[];
  readonly #number: number;
  readonly #parts: OwnedRunParts;
  readonly #controller = new AbortController();
  #position: number;
  #lost: ThreadlineError | undefined;
  /** The run has ended, was suspended or lost, or the store was closed: later notes do not belong to its history. */
  #isOver = false;

  constructor(run: StoredRun, entries: readonly Entry[], number: number, parts: OwnedRunParts) {
    this.run = run;
    this.entries = entries;
    this.#number = number;
    this.#parts = parts;
    // A write that failed leaves a gap: the number of entries would not do.
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
    return takeSignal(this.#parts.database, this.#number, name, path);
  }

  suspend(waits: Parameters<OwnedRun['suspend']>[0]): boolean {
    const { names, wakeAtMs, usage } = waits;
    const { database, commits, owner } = this.#parts;
    commits.flush();
    return commits.forDisk(() => {
      const unread = database.all<{ name: string }>('SELECT name FROM signals WHERE run = ? AND taken_at IS NULL', this.#number);
      const row = database.first<{ cancel_asked: number }>('SELECT cancel_asked FROM runs WHERE number = ?', this.#number);
      if (row?.cancel_asked || unread.some(({ name }) => names.includes(name))) return false;
      database.run(
        `UPDATE runs SET status = 'waiting', owner = NULL, wake_at = ?, waits_for = ?, ${SET_USAGE} WHERE number = ? AND owner = ?`,
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
      `UPDATE runs SET owner = NULL, ${SET_USAGE} WHERE number = ? AND owner = ?`,
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
        `UPDATE runs SET status = ?, ended_at = ?, error = ?, outputs = ?, owner = NULL, ${SET_USAGE} WHERE number = ? AND owner = ?`,
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

  /** Writes only while this process owns the run: another one may have taken a run whose owner was silent for too long. */
  #write(entry: Entry): () => void {
    const { database, format, owner } = this.#parts;
    const values = entryValues(entry, format, this.run.seal);
    const position = this.#position++;
    return () => {
      const written = database.run(
        `${INSERT_ENTRY} WHERE EXISTS (${RUN_IS_OURS})`,
        this.#number,
        position,
        ...values,
        this.#number,
        owner,
      );
      if (written === 0) this.#lose();
    };
  }

  #lose(): void {
    if (this.#isOver) return;
    const message = `Another process has taken run \`${this.run.id}\`: this one showed no sign of life for too long.`;
    this.#lost = new ThreadlineError('lock_lost', message);
    this.abort(this.#lost);
    this.letGo();
  }
}

const RUN_IS_OURS = 'SELECT 1 FROM runs WHERE number = ? AND owner = ?';

const SET_USAGE = 'prompt_tokens = ?, completion_tokens = ?, total_tokens = ?, cost_usd = ?';

const usageValues = ({ prompt_tokens, completion_tokens, total_tokens, cost_usd }: RunEnd['usage']) =>
  [prompt_tokens, completion_tokens, total_tokens, cost_usd] as const;
