/** The transport's source of time; tests replace it. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Rejects with the signal's reason when that aborts, and leaves nothing on the signal. */
  sleep(delayMs: number, signal?: AbortSignal | null): Promise<void>;
}

export const systemClock: Clock = {
  // Never goes back, whatever happens to the machine's time.
  now: () => performance.timeOrigin + performance.now(),
  sleep: (delayMs, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const stop = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', stop);
        resolve();
      }, delayMs);
      // The caller's own deadline keeps the process alive.
      timer.unref();
      signal?.addEventListener('abort', stop, { once: true });
    }),
};
