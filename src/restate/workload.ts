import type { WorkGate } from './restate-journal.ts';

/** The work that a worker has begun for the server, and that the server has not the end of. */
export class Workload {
  private underWay = 0;
  private readonly drained = Promise.withResolvers<void>();
  private draining = false;

  get isDraining(): boolean {
    return this.draining;
  }

  /** Lets nothing begin any more; resolves when the server has the ends of all that is under way. */
  drain(): Promise<void> {
    this.draining = true;
    this.look();
    return this.drained.promise;
  }

  /** For the work of one attempt at a run: what is left when that is over has nobody to report to. */
  gateFor(attemptEnd: AbortSignal): WorkGate {
    let entered = 0;
    attemptEnd.addEventListener('abort', () => this.count(-entered), { once: true });
    return {
      enter: () => {
        // The attempt ends with this worker; the next one does it.
        if (this.draining) return new Promise(() => undefined);
        entered++;
        this.count(1);
        return Promise.resolve();
      },
      leave: () => {
        if (attemptEnd.aborted) return;
        entered--;
        this.count(-1);
      },
    };
  }

  private count(change: number): void {
    this.underWay += change;
    this.look();
  }

  private look(): void {
    if (this.draining && this.underWay === 0) this.drained.resolve();
  }
}
