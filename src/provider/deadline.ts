import { ThreadlineError } from '../shared/errors/errors.ts';
import { startTimer } from '../shared/time/timer.ts';

/**
 * Works under a signal that aborts with `outer`, or with `late` when the time is over. Leaves no listener on `outer`.
 */
export async function withDeadline<Result>(
  limitMs: number,
  late: ThreadlineError,
  outer: AbortSignal,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  const stop = () => controller.abort(abortReason(outer));
  if (outer.aborted) stop();
  outer.addEventListener('abort', stop, { once: true });
  const stopTimer = startTimer(limitMs, () => controller.abort(late));
  try {
    return await work(controller.signal);
  } finally {
    stopTimer();
    outer.removeEventListener('abort', stop);
  }
}

/** Why a signal was aborted, as a failure of the step. */
export function abortReason({ reason }: AbortSignal): ThreadlineError {
  if (reason instanceof ThreadlineError) return reason;
  if (reason?.name === 'TimeoutError')
    return new ThreadlineError('timeout', 'The step took longer than it may.', { cause: reason });
  return new ThreadlineError('cancelled', 'The step was cancelled.', { cause: reason });
}
