import { durationMs, LONGEST_TIMER_MS, ThreadlineError } from 'threadline/provider';

export interface Deadline {
  /** Aborts when time is up or when the step ends. */
  signal: AbortSignal;
  clear(): void;
}

export function startDeadline(
  limit: string | number,
  outer: AbortSignal,
  failure: { method: string; url: string; retryable: boolean },
): Deadline {
  const own = new AbortController();
  const timeUp = () => {
    const written = typeof limit === 'number' ? `${limit}s` : limit;
    const message = `${failure.method} ${failure.url} was not answered in full within ${written}.`;
    own.abort(
      new ThreadlineError('timeout', message, {
        hint: 'Raise `timeout`.',
        details: { url: failure.url },
        retryable: failure.retryable,
      }),
    );
  };
  const timer = setTimeout(timeUp, Math.min(durationMs(limit) ?? 0, LONGEST_TIMER_MS));
  return { signal: AbortSignal.any([outer, own.signal]), clear: () => clearTimeout(timer) };
}

/** Why a signal was aborted, as a failure of the step. */
export function reasonOf({ reason }: AbortSignal): ThreadlineError {
  if (reason instanceof ThreadlineError) return reason;
  if (reason?.name === 'TimeoutError') return new ThreadlineError('timeout', 'The step took longer than it may.');
  return new ThreadlineError('cancelled', 'The request was cancelled.');
}
