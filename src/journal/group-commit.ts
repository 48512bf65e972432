import type { Database } from '../database/sqlite.ts';

/** Commits the writes of one turn of the event loop, of all runs, in one transaction: one wait for the disk. */
export class GroupCommit {
  private readonly database: Database;
  private readonly onFailure: (error: unknown) => void;
  private writes: (() => void)[] = [];
  private waiting: { resolve(): void; reject(error: unknown): void }[] = [];
  private isScheduled = false;
  /** Whether the next commit has to survive a power loss, where the store promises that at all. */
  private isForDisk = false;
  private readonly survivesPowerLoss: boolean;
  private lastEndedAt = 0;
  private lastTookMs = 0;
  private later: NodeJS.Timeout | undefined;

  /** `onFailure` receives the error of a commit that no caller waits for. */
  constructor(database: Database, survivesPowerLoss: boolean, onFailure: (error: unknown) => void) {
    this.database = database;
    this.survivesPowerLoss = survivesPowerLoss;
    this.onFailure = onFailure;
  }

  /** Resolves once the write is on disk. A write that throws rolls back the whole commit. */
  write(write: () => void): Promise<void> {
    this.writes.push(write);
    this.isForDisk = true;
    return this.next();
  }

  /** Resolves once everything noted survives the process, which costs no wait for the disk. */
  noted(): Promise<void> {
    return this.writes.length === 0 ? Promise.resolve() : this.next();
  }

  private next(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      if (this.isScheduled) return;
      this.isScheduled = true;
      this.schedule();
    });
  }

  /** Commits the write with the next `write`, or within this time. */
  note(write: () => void, withinMs = 200): void {
    this.writes.push(write);
    this.later ??= setTimeout(() => this.flush(), withinMs).unref();
  }

  flush(): void {
    const { writes, waiting, isForDisk } = this;
    this.isForDisk = false;
    this.writes = [];
    this.waiting = [];
    this.isScheduled = false;
    clearTimeout(this.later);
    this.later = undefined;
    if (writes.length === 0) return;
    const startedAt = performance.now();
    try {
      const write = () => {
        for (const one of writes) one();
      };
      if (isForDisk) this.forDisk(write);
      else this.database.transaction(write);
      this.lastEndedAt = performance.now();
      this.lastTookMs = this.lastEndedAt - startedAt;
      for (const { resolve } of waiting) resolve();
    } catch (error) {
      if (waiting.length === 0) this.onFailure(error);
      for (const { reject } of waiting) reject(error);
    }
  }

  /** Commits at once, unless the disk is busy all the time: then the writes that come meanwhile are committed together. */
  private schedule(): void {
    const leftMs = this.lastEndedAt + this.lastTookMs - performance.now();
    if (leftMs < 1) setImmediate(() => this.flush());
    else setTimeout(() => this.flush(), leftMs);
  }

  /** The work is on disk when this returns. All other transactions survive the process only, which costs no wait. */
  forDisk<Result>(work: () => Result): Result {
    if (!this.survivesPowerLoss) return this.database.transaction(work);
    this.database.run('PRAGMA synchronous = FULL');
    try {
      return this.database.transaction(work);
    } finally {
      this.database.run('PRAGMA synchronous = NORMAL');
    }
  }
}
