import type { Database } from '../database/sqlite.ts';

/** Writes of one turn of the event loop, of all runs, in one transaction: one wait for the disk. */
export class Commits {
  private readonly database: Database;
  private readonly onFailure: (error: unknown) => void;
  private writes: (() => void)[] = [];
  private waiting: { resolve(): void; reject(error: unknown): void }[] = [];
  private isScheduled = false;
  /** Whether what is written next has to outlive the machine, where the store promises that at all. */
  private isForDisk = false;
  private readonly survivesPowerLoss: boolean;
  private lastEndedAt = 0;
  private lastTookMs = 0;
  private later: NodeJS.Timeout | undefined;

  /** `onFailure` hears of writes that nobody waits for. */
  constructor(database: Database, survivesPowerLoss: boolean, onFailure: (error: unknown) => void) {
    this.database = database;
    this.survivesPowerLoss = survivesPowerLoss;
    this.onFailure = onFailure;
  }

  /** Resolves once it is on disk. The write may throw, which takes back what else is written with it. */
  write(write: () => void): Promise<void> {
    this.writes.push(write);
    this.isForDisk = true;
    return this.next();
  }

  /** Resolves once all that was noted outlives this process; that costs no wait for the disk. */
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

  /** On disk with the next write, or within this time. */
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

  /** At once, unless the disk is busy all the time: then what comes meanwhile is written together. */
  private schedule(): void {
    const leftMs = this.lastEndedAt + this.lastTookMs - performance.now();
    if (leftMs < 1) setImmediate(() => this.flush());
    else setTimeout(() => this.flush(), leftMs);
  }

  /** Is on disk when this returns. Everything else of the database outlives the process only, which costs no wait. */
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
