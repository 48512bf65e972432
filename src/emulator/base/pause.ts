import { setImmediate, setTimeout } from 'node:timers/promises';

/** Waits, at least for the sockets' events, so that disconnected clients are noticed. Rejects on abort. */
export const pause = async (milliseconds: number, signal: AbortSignal): Promise<void> => {
  if (milliseconds > 0) await setTimeout(milliseconds, undefined, { signal });
  else await setImmediate(undefined, { signal });
};
