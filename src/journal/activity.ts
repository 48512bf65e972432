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
  private isLooking = false;
  private parked = false;

  /** Asked when only waits are left; where it answers true, nothing of the run goes on any more. */
  onIdle(park: (waits: Wait[]) => boolean): void {
    this.park = park;
  }

  get isParked(): boolean {
    return this.parked;
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
    if (this.waits.size === 0 || this.isLooking || this.parked) return;
    this.isLooking = true;
    setImmediate(() => {
      this.isLooking = false;
      const isIdle = this.waits.size > 0 && [...this.active.keys()].every((path) => this.standsAroundWait(path));
      if (isIdle && !this.parked) this.parked = this.park([...this.waits.values()]);
    });
  }

  private standsAroundWait(path: string): boolean {
    for (const waiting of this.waits.keys()) if (waiting.startsWith(`${path}/`) || waiting.startsWith(`${path}.`)) return true;
    return false;
  }
}
