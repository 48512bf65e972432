import type { Timer } from '../plan/plan.ts';
import { LONGEST_TIMER_MS } from '../shared/time/duration.ts';

/** A timer that stands still while anybody has stopped it. */
export class Clock implements Timer {
  private leftMs: number;
  private readonly onEnd: () => void;
  private startedAt = 0;
  private stops = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(limitMs: number, onEnd: () => void) {
    this.leftMs = limitMs;
    this.onEnd = onEnd;
    this.start();
  }

  /** Goes on when what it returns is called; that may be called once. */
  stop(): () => void {
    if (this.stops++ === 0) {
      clearTimeout(this.timer);
      this.leftMs -= performance.now() - this.startedAt;
    }
    return () => {
      if (--this.stops === 0) this.start();
    };
  }

  end(): void {
    this.stops++;
    clearTimeout(this.timer);
  }

  private start(): void {
    this.startedAt = performance.now();
    this.timer = setTimeout(this.onEnd, Math.min(Math.max(0, this.leftMs), LONGEST_TIMER_MS));
  }
}
