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
  const timer = setTimeout(() => controller.abort(limit), Math.min(limitMs, LONGEST_TIMER_MS));
  try {
    return await next({ ...frame, signal: controller.signal });
  } finally {
    clearTimeout(timer);
    frame.signal.removeEventListener('abort', stop);
  }
}
