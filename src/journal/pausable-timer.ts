import type { Timer } from '../plan/plan.ts';
import { pause } from '../shared/time/pause.ts';

/** The clock that a timer goes by: this process's, or a server's. */
interface TimerClock {
  /** Milliseconds, from any beginning. */
  now(): number;
  /** Resolves when the time is over or the signal aborts. */
  pause(delayMs: number, signal: AbortSignal): Promise<unknown>;
}

const PROCESS_CLOCK: TimerClock = { now: () => performance.now(), pause };

/** A time limit that stands still while anybody has stopped it. */
export class PausableTimer implements Timer {
  private readonly onEnd: () => void;
  private readonly clock: TimerClock;
  private leftMs: number;
  private startedAtMs = 0;
  private stops = 0;
  private running = new AbortController();

  constructor(limitMs: number, onEnd: () => void, clock: TimerClock = PROCESS_CLOCK) {
    this.leftMs = limitMs;
    this.onEnd = onEnd;
    this.clock = clock;
    this.start();
  }

  /** The function that it returns lets the time run again, and may be called once. */
  stop(): () => void {
    if (this.stops++ === 0) {
      this.leftMs -= this.clock.now() - this.startedAtMs;
      this.running.abort();
    }
    return () => {
      if (--this.stops === 0) this.start();
    };
  }

  end(): void {
    this.stops++;
    this.running.abort();
  }

  private start(): void {
    this.startedAtMs = this.clock.now();
    this.running = new AbortController();
    const { signal } = this.running;
    const callOnEnd = () => {
      if (!signal.aborted) this.onEnd();
    };
    // A pause that fails has ended with its run, and so has the limit.
    this.clock.pause(Math.max(0, this.leftMs), signal).then(callOnEnd, () => undefined);
  }
}
