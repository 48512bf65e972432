import type { LeaseTable } from './lease-table.ts';
import { holdLock, type Lock, type LockRequest } from './lock.ts';

export type PlaceRequest = Omit<LockRequest, 'onBusy' | 'onFree'> & { places: number };

/** Those of this process that want a place: the first of them stands in line among the processes, the others behind it. */
interface Line {
  last: Promise<void>;
  /** What the first one listens to. */
  readonly listeners: Set<() => void>;
}

/** By table and key: there are as many as there are limits. */
const lines = new Map<string, Line>();

/**
 * Holds one of the places of a key, over all processes that share the table, in turn. However many of a process wait, only one
 * of them looks whether a place is free, and at once when this process gives one back. Rejects with the reason of `signal`.
 */
export async function holdPlace(table: LeaseTable, file: string, request: PlaceRequest): Promise<Lock> {
  const line = lineOf(`${file}\0${request.key}`);
  const before = line.last;
  const { promise: left, resolve: leave } = Promise.withResolvers<void>();
  line.last = before.then(() => left);
  try {
    await orAborted(before, request.signal);
    const lock = await holdLock(table, { ...request, onBusy: 'queue', onFree: (listener) => listen(line, listener) });
    return {
      signal: lock.signal,
      release() {
        lock.release();
        for (const listener of line.listeners) listener();
      },
    };
  } finally {
    leave();
  }
}

function lineOf(name: string): Line {
  const line = lines.get(name) ?? { last: Promise.resolve(), listeners: new Set() };
  lines.set(name, line);
  return line;
}

function listen({ listeners }: Line, listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function orAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
