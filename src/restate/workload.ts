import type { WorkGate } from './restate-journal.ts';

/** The work of a worker whose end the server does not have yet. */
export class Workload {
  private inProgress = 0;
  private readonly drained = Promise.withResolvers<void>();
  private draining = false;

  get isDraining(): boolean {
    return this.draining;
  }

  /** Stops new work; resolves when the server has the ends of all work in progress. */
  drain(): Promise<void> {
    this.draining = true;
    this.checkDrained();
    return this.drained.promise;
  }

  /** The gate for the work of one attempt at a run. Work that outlasts its attempt is not counted: its end goes nowhere. */
  gateFor(attemptEnd: AbortSignal): WorkGate {
    let entered = 0;
    attemptEnd.addEventListener('abort', () => this.count(-entered), { once: true });
    return {
      enter: () => {
        // The attempt ends with this worker, and the next worker does the work.
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
    this.inProgress += change;
    this.checkDrained();
  }

  private checkDrained(): void {
    if (this.draining && this.inProgress === 0) this.drained.resolve();
  }
}
