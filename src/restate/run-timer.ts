import type { Timer } from '../plan/plan.ts';
import { isWithinWork } from './said-events.ts';

/** What a timer knows of its run. */
export interface TimerHost {
  /** True when the time is over, false when the signal aborts before. */
  pause(delayMs: number, signal: AbortSignal): Promise<boolean>;
  /** The run's own time, ms since 1970. */
  now(): number;
}

/** A limit that the server keeps the time of, and that stands still while anything between steps has stopped it. */
export class RunTimer implements Timer {
  private readonly host: TimerHost;
  private readonly onEnd: () => void;
  private untilMs = 0;
  private leftMs = 0;
  private stops = 0;
  private running = new AbortController();

  constructor(host: TimerHost, limitMs: number, onEnd: () => void) {
    this.host = host;
    this.onEnd = onEnd;
    this.start(limitMs);
  }

  /** Not from within a call: when that waits is no part of what is replayed. */
  stop(): () => void {
    if (isWithinWork()) return () => undefined;
    if (this.stops++ === 0) {
      this.leftMs = this.untilMs - this.host.now();
      this.running.abort();
    }
    return () => {
      if (--this.stops === 0) this.start(Math.max(0, this.leftMs));
    };
  }

  end(): void {
    this.stops++;
    this.running.abort();
  }

  private start(delayMs: number): void {
    this.untilMs = this.host.now() + delayMs;
    this.running = new AbortController();
    const isOver = this.host.pause(delayMs, this.running.signal);
    // What ends the run ends its limits, too.
    isOver.then((over) => (over ? this.onEnd() : undefined)).catch(() => undefined);
  }
}
