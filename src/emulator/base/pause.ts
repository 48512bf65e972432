import { setImmediate, setTimeout } from 'node:timers/promises';

/** Waits, and at least lets the sockets have their turn, so that a client that went away is noticed. Rejects on abort. */
export const pause = async (milliseconds: number, signal: AbortSignal): Promise<void> => {
  if (milliseconds > 0) await setTimeout(milliseconds, undefined, { signal });
  else await setImmediate(undefined, { signal });
};
