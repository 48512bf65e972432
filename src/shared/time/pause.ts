import { LONGEST_TIMER_MS } from './duration.ts';

/** Resolves when the time is over, however long, or when the signal aborts: the caller looks at the signal. */
export async function pause(delayMs: number, signal?: AbortSignal): Promise<void> {
  for (let leftMs = delayMs; !signal?.aborted; leftMs -= LONGEST_TIMER_MS) {
    await oneTimer(Math.min(Math.max(0, leftMs), LONGEST_TIMER_MS), signal);
    if (leftMs <= LONGEST_TIMER_MS) return;
  }
}

const oneTimer = (delayMs: number, signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, delayMs);
    signal?.addEventListener('abort', end, { once: true });
  });
