import type { LeaseTable } from './lease-table.ts';
import { holdLock, type Lock, type LockRequest } from './lock.ts';

type PermitRequest = Omit<LockRequest, 'onBusy' | 'onFree'> & { capacity: number };

/** The requests of this process for a key: the first waits in line among the processes, the others wait behind it. */
interface Line {
  last: Promise<void>;
  /** Called when this process releases a permit. */
  readonly listeners: Set<() => void>;
}

/** The lines by table and key: at most one for each limit. */
const lines = new Map<string, Line>();

/**
 * Holds one of the permits of a key, in turn with all processes that share the table: a semaphore. However many requests of a
 * process wait, only one polls the table; it does so at once when this process releases a permit. `tableName` tells tables
 * apart. Rejects with the reason of `signal`.
 */
export async function holdPermit(table: LeaseTable, tableName: string, request: PermitRequest): Promise<Lock> {
  const line = lineNamed(`${tableName}\0${request.key}`);
  const before = line.last;
  const { promise: left, resolve: leave } = Promise.withResolvers<void>();
  line.last = before.then(() => left);
  try {
    await untilSettled(before, request.signal);
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

function lineNamed(name: string): Line {
  const line = lines.get(name) ?? { last: Promise.resolve(), listeners: new Set() };
  lines.set(name, line);
  return line;
}

function listen({ listeners }: Line, listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function untilSettled(work: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
