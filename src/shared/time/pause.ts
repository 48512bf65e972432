import { startTimer } from './timer.ts';

/** Resolves when the time is over, however long, or when the signal aborts: the caller looks at the signal. */
export const pause = (delayMs: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const end = () => {
      stop();
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const stop = startTimer(delayMs, end);
    signal?.addEventListener('abort', end, { once: true });
  });
