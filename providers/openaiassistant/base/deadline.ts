import { LONGEST_TIMER_MS, ThreadlineError } from 'threadline/provider';

/** Works under a signal that aborts with `outer`, or with `late` when the time is over. Leaves no listener on `outer`. */
export async function withDeadline<Result>(
  limitMs: number,
  late: ThreadlineError,
  outer: AbortSignal,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  const stop = () => controller.abort(reasonOf(outer));
  if (outer.aborted) stop();
  outer.addEventListener('abort', stop, { once: true });
  const timer = setTimeout(() => controller.abort(late), Math.min(limitMs, LONGEST_TIMER_MS));
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
    outer.removeEventListener('abort', stop);
  }
}

const reasonOf = ({ reason }: AbortSignal): ThreadlineError =>
  reason instanceof ThreadlineError ? reason : new ThreadlineError('cancelled', 'The step was cancelled.', { cause: reason });

/** Ends when the signal aborts, even where the work does not listen to it. */
export function orAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
