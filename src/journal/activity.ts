/** What of a run waits: for a signal, or for a time (ms since 1970). */
export interface Wait {
  name: string | undefined;
  untilMs: number | undefined;
}

/**
 * What of a run is under way, by paths. A run in which everything that is under way waits for somebody, or stands around
 * something that waits, has no use for its process.
 */
export class Activity {
  private readonly active = new Map<string, number>();
  private readonly waits = new Map<string, Wait>();
  private park: (waits: Wait[]) => boolean = () => false;
  /** Active paths that only let time pass: who leaves need not wait for them. */
  private readonly resting = new Set<string>();
  private readonly working = new Set<string>();
  private leave: (() => void) | undefined;
  private isLooking = false;
  private parked = false;

  /** Asked when only waits are left; where it answers true, nothing of the run goes on any more. */
  onIdle(park: (waits: Wait[]) => boolean): void {
    this.park = park;
  }

  /** Nothing of the run goes on in this process. */
  get isParked(): boolean {
    return this.parked;
  }

  /** What is under way ends, and nothing more is begun but within it; then `onLeft` is called, and nothing of the run goes on. */
  drain(onLeft: () => void): void {
    this.leave = onLeft;
    this.look();
  }

  /** Does work that is remembered once it has ended. Where none may begin any more, it never does. */
  async work<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
    if (!this.mayBegin(path)) return this.rest(path, () => new Promise<never>(() => undefined));
    this.working.add(path);
    return this.during(path, work).finally(() => this.working.delete(path));
  }

  private mayBegin(path: string): boolean {
    if (this.parked) return false;
    return this.leave === undefined || [...this.working].some((around) => isAround(around, path));
  }

  async rest<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
    this.resting.add(path);
    this.look();
    return this.during(path, work).finally(() => this.resting.delete(path));
  }

  async during<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
    this.active.set(path, (this.active.get(path) ?? 0) + 1);
    try {
      return await work();
    } finally {
      const left = (this.active.get(path) ?? 1) - 1;
      if (left === 0) this.active.delete(path);
      else this.active.set(path, left);
      this.look();
    }
  }

  async waiting<Result>(path: string, wait: Wait, work: () => Promise<Result>): Promise<Result> {
    this.waits.set(path, wait);
    this.look();
    try {
      return await work();
    } finally {
      this.waits.delete(path);
    }
  }

  /** Once what has just ended has led to what comes next. */
  private look(): void {
    if (this.isLooking || this.parked || (this.waits.size === 0 && !this.leave)) return;
    this.isLooking = true;
    setImmediate(() => {
      this.isLooking = false;
      if (this.parked) return;
      if (this.leave && this.isAll([...this.waits.keys(), ...this.resting])) {
        this.parked = true;
        this.leave();
      } else if (this.waits.size > 0 && this.isAll([...this.waits.keys()])) this.parked = this.park([...this.waits.values()]);
    });
  }

  /** Whether nothing is under way but these paths, and what stands around them. */
  private isAll(paths: readonly string[]): boolean {
    return [...this.active.keys()].every((path) => paths.some((one) => one === path || isAround(path, one)));
  }
}

const isAround = (path: string, inner: string): boolean => inner.startsWith(`${path}/`) || inner.startsWith(`${path}.`);
