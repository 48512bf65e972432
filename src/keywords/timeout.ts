import { Duration, durationMs, LONGEST_TIMER_MS } from '../duration.ts';
import { ThreadlineError } from '../errors.ts';
import type { Frame, Outcome, RunStep } from '../plan.ts';
import type { Keyword } from './keyword.ts';

/** `timeout: 2m`: each try of the step, and each item of a foreach, is cancelled after this long. */
export const timeoutKeyword: Keyword = {
  keys: { timeout: Duration('How long one try may take before it is cancelled.') },
  compile(step) {
    const limitMs = durationMs(step.timeout as string | number) ?? 0;
    return { wrap: (next) => (frame) => runWithin(limitMs, String(step.timeout), frame, next) };
  },
};

async function runWithin(limitMs: number, written: string, frame: Frame, next: RunStep): Promise<Outcome> {
  const controller = new AbortController();
  const stop = () => controller.abort(frame.signal.reason);
  if (frame.signal.aborted) stop();
  frame.signal.addEventListener('abort', stop, { once: true });
  const limit = new ThreadlineError(
    'timeout',
    `The step took longer than its timeout of ${written}${/^[\d.]+$/.test(written) ? 's' : ''}.`,
    {
      hint: 'Raise `timeout`, or add `retry`.',
    },
  );
  const clock = new Clock(limitMs, () => controller.abort(limit));
  const stopClock = () => {
    const goOn = [clock.stop(), frame.stopClock?.()];
    return () => {
      for (const one of goOn) one?.();
    };
  };
  try {
    return await next({ ...frame, signal: controller.signal, stopClock });
  } finally {
    clock.end();
    frame.signal.removeEventListener('abort', stop);
  }
}

/** A timer that stands still while anybody has stopped it. */
class Clock {
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
