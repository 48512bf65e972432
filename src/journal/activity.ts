/** A wait of a run: for a signal, or for a time (ms since 1970). */
export interface Wait {
  name: string | undefined;
  untilMs: number | undefined;
}

/**
 * The work of a run that is in progress, by path. A run needs its process as long as any of it does more than wait, or
 * encloses more than waits.
 */
export class Activity {
  private readonly active = new Map<string, number>();
  private readonly waits = new Map<string, Wait>();
  private suspend: (waits: Wait[]) => boolean = () => false;
  /** Paths that only let time pass: a run that drains does not wait for them. */
  private readonly sleeping = new Set<string>();
  private readonly working = new Set<string>();
  private leave: (() => void) | undefined;
  private isLooking = false;
  private suspended = false;

  /** `suspend` is called when only waits are left; its answer says whether the run stops in this process. */
  onIdle(suspend: (waits: Wait[]) => boolean): void {
    this.suspend = suspend;
  }

  /** True once nothing of the run goes on in this process. */
  get isSuspended(): boolean {
    return this.suspended;
  }

  /** Lets work in progress end, with what begins within it, but no other work begin; then stops the run and calls `onLeft`. */
  drain(onLeft: () => void): void {
    this.leave = onLeft;
    this.lookSoon();
  }

  /** Does work whose result is recorded at its end. Never resolves where no work may begin any more. */
  async work<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
    if (!this.mayBegin(path)) return this.sleep(path, () => new Promise<never>(() => undefined));
    this.working.add(path);
    return this.track(path, work).finally(() => this.working.delete(path));
  }

  private mayBegin(path: string): boolean {
    if (this.suspended) return false;
    return this.leave === undefined || [...this.working].some((around) => encloses(around, path));
  }

  async sleep<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
    this.sleeping.add(path);
    this.lookSoon();
    return this.track(path, work).finally(() => this.sleeping.delete(path));
  }

  async track<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
    this.active.set(path, (this.active.get(path) ?? 0) + 1);
    try {
      return await work();
    } finally {
      const left = (this.active.get(path) ?? 1) - 1;
      if (left === 0) this.active.delete(path);
      else this.active.set(path, left);
      this.lookSoon();
    }
  }

  async waiting<Result>(path: string, wait: Wait, work: () => Promise<Result>): Promise<Result> {
    this.waits.set(path, wait);
    this.lookSoon();
    try {
      return await work();
    } finally {
      this.waits.delete(path);
    }
  }

  /** Looks in the next turn of the event loop, when the end of some work has led to the work that follows. */
  private lookSoon(): void {
    if (this.isLooking || this.suspended || (this.waits.size === 0 && !this.leave)) return;
    this.isLooking = true;
    setImmediate(() => {
      this.isLooking = false;
      if (this.suspended) return;
      if (this.leave && this.areOnly([...this.waits.keys(), ...this.sleeping])) {
        this.suspended = true;
        this.leave();
      } else if (this.waits.size > 0 && this.areOnly([...this.waits.keys()]))
        this.suspended = this.suspend([...this.waits.values()]);
    });
  }

  /** Whether no path is active but these and the paths that enclose them. */
  private areOnly(paths: readonly string[]): boolean {
    return [...this.active.keys()].every((path) => paths.some((one) => one === path || encloses(path, one)));
  }
}

const encloses = (path: string, inner: string): boolean => inner.startsWith(`${path}/`) || inner.startsWith(`${path}.`);
