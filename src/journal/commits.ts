import type { Database } from '../sqlite.ts';

/** Writes of one turn of the event loop, of all runs, in one transaction: one wait for the disk. */
export class Commits {
  private readonly database: Database;
  private readonly onFailure: (error: unknown) => void;
  private writes: (() => void)[] = [];
  private waiting: { resolve(): void; reject(error: unknown): void }[] = [];
  private isScheduled = false;
  private later: NodeJS.Timeout | undefined;

  /** `onFailure` hears of writes that nobody waits for. */
  constructor(database: Database, onFailure: (error: unknown) => void) {
    this.database = database;
    this.onFailure = onFailure;
  }

  /** Resolves once it is on disk. The write may throw, which takes back what else is written with it. */
  write(write: () => void): Promise<void> {
    this.writes.push(write);
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      if (this.isScheduled) return;
      this.isScheduled = true;
      setImmediate(() => this.flush());
    });
  }

  /** On disk with the next write, or within this time. */
  note(write: () => void, withinMs = 200): void {
    this.writes.push(write);
    this.later ??= setTimeout(() => this.flush(), withinMs).unref();
  }

  flush(): void {
    const { writes, waiting } = this;
    this.writes = [];
    this.waiting = [];
    this.isScheduled = false;
    clearTimeout(this.later);
    this.later = undefined;
    if (writes.length === 0) return;
    try {
      this.database.transaction(() => {
        for (const write of writes) write();
      });
      for (const { resolve } of waiting) resolve();
    } catch (error) {
      if (waiting.length === 0) this.onFailure(error);
      for (const { reject } of waiting) reject(error);
    }
  }
}
