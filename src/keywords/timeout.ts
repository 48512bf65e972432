import type { Frame, Outcome, RunStep, StepPorts } from '../plan/plan.ts';
import { pathOfTry } from '../plan/step-path.ts';
import { ThreadlineError } from '../shared/errors/errors.ts';
import { Duration, durationMs } from '../shared/time/duration.ts';
import type { Keyword } from './keyword.ts';

/** `timeout: 2m`: each try of the step, and each item of a foreach, is cancelled after this long. */
export const timeoutKeyword: Keyword = {
  keys: { timeout: Duration('How long one try may take before it is cancelled.') },
  defaults: { timeout: Duration('How long one try of a step may take.') },
  otherNames: { 'timeout-minutes': 'timeout', max_time: 'timeout' },
  compile(step) {
    const limitMs = durationMs(step.timeout as string | number) ?? 0;
    return { wrap: (next, ports) => (frame) => runWithin({ limitMs, written: String(step.timeout) }, frame, next, ports) };
  },
};

async function runWithin(
  { limitMs, written }: { limitMs: number; written: string },
  frame: Frame,
  next: RunStep,
  ports: StepPorts,
): Promise<Outcome> {
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
  const timer = ports.timer(`${pathOfTry(frame.path, frame.attempt)}.timeout`, limitMs, () => controller.abort(limit));
  const stopClock = () => {
    const goOn = [timer.stop(), frame.stopClock?.()];
    return () => {
      for (const one of goOn) one?.();
    };
  };
  try {
    return await next({ ...frame, signal: controller.signal, stopClock });
  } finally {
    timer.end();
    frame.signal.removeEventListener('abort', stop);
  }
}
