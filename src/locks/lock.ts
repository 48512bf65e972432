import { ThreadlineError } from '../shared/errors/errors.ts';
import { pause } from '../shared/time/pause.ts';
import type { Holder, LeaseTable } from './lease-table.ts';

/** A key that a run holds. */
export interface Lock {
  /** Aborts when the key is lost, or when another run wants this one to end. */
  signal: AbortSignal;
  /** Never throws: a key that cannot be released is free when its lease has run out. */
  release(): void;
}

export interface LockRequest {
  key: string;
  runId: string;
  onBusy: 'queue' | 'skip' | 'cancel';
  signal: AbortSignal;
  /** Called once, if the key is not free and this run waits in line. */
  onWait(by: string): void;
  /** How many runs may hold the key at once; 1 by default. */
  capacity?: number;
  /** Calls the listener when the key may be free, to try it before the next poll; returns a function that stops this. */
  onFree?(listener: () => void): () => void;
  /** How long a lease lasts without a renewal. */
  leaseMs?: number;
}

/** Holds a key, with the errors of `holdLock`. */
export type HoldKey = (request: LockRequest) => Promise<Lock>;

const LEASE_MS = 8000;
const LONGEST_RENEWAL_MS = 1000;
const SHORTEST_POLL_MS = 50;
const LONGEST_POLL_MS = 500;

/**
 * Holds a key until it is released. Rejects with `run_busy` when another run holds it and `onBusy` is `skip`, with
 * `cancelled` when another run replaces this one in line, and with the reason of `signal` when that aborts first.
 * The key of a dead holder is free when its lease has run out.
 */
export async function holdLock(table: LeaseTable, request: LockRequest): Promise<Lock> {
  const { key, runId, onBusy, leaseMs = LEASE_MS, capacity } = request;
  const holder: Holder = { runId, token: crypto.randomUUID() };
  const first = await table.take(key, holder, Date.now(), Date.now() + leaseMs, capacity);
  if (!first.taken) {
    if (onBusy === 'skip') throw busyError(key, first.by);
    await standInLine(table, holder, request, { by: first.by, leaseMs });
  }
  return keepRenewed(table, key, holder, leaseMs);
}

export const busyError = (key: string, by: string) =>
  new ThreadlineError('run_busy', `Run ${by} holds \`${key}\`, and this workflow does not wait.`, {
    hint: '`concurrency: { on_busy: queue }` waits, `cancel` ends the other run.',
  });

export const replacedError = (key: string, by: string) =>
  new ThreadlineError('cancelled', `Run ${by} took the place of this one (\`${key}\`).`);

async function standInLine(
  table: LeaseTable,
  holder: Holder,
  { key, onBusy, signal, onWait, onFree, capacity }: LockRequest,
  { by, leaseMs }: { by: string; leaseMs: number },
): Promise<void> {
  await table.enqueue(key, holder, Date.now() + leaseMs);
  try {
    onWait(by);
    for (let pauseMs = SHORTEST_POLL_MS; ; pauseMs = Math.min(pauseMs * 1.5, LONGEST_POLL_MS)) {
      if (onBusy === 'cancel') await table.askToEnd(key, holder);
      await untilFree(pauseMs * (0.75 + Math.random() / 2), signal, onFree);
      signal.throwIfAborted();
      const { isThere, endFor } = await table.renew(key, holder, Date.now() + leaseMs);
      if (endFor !== undefined) throw replacedError(key, endFor);
      // The ticket ran out while this process slept: back to the end of the line.
      if (!isThere) await table.enqueue(key, holder, Date.now() + leaseMs);
      if ((await table.take(key, holder, Date.now(), Date.now() + leaseMs, capacity)).taken) return;
    }
  } catch (thrown) {
    void letGo(table, key, holder);
    throw thrown;
  }
}

/** Resolves when the time is over, when the signal aborts, or when the key may be free. */
async function untilFree(delayMs: number, signal: AbortSignal, onFree: LockRequest['onFree']): Promise<void> {
  const woken = new AbortController();
  const stop = onFree?.(() => woken.abort());
  await pause(delayMs, AbortSignal.any([signal, woken.signal]));
  stop?.();
}

function keepRenewed(table: LeaseTable, key: string, holder: Holder, leaseMs: number): Lock {
  const controller = new AbortController();
  let untilMs = Date.now() + leaseMs;
  let isReleased = false;
  const renew = async () => {
    const nextMs = Date.now() + leaseMs;
    try {
      const { isThere, endFor } = await table.renew(key, holder, nextMs);
      if (isReleased) return;
      untilMs = nextMs;
      if (!isThere)
        controller.abort(lostError(`Another run has taken \`${key}\`: this one showed no sign of life for too long.`));
      else if (endFor !== undefined) controller.abort(replacedError(key, endFor));
    } catch (cause) {
      // A renewal may fail once in a while; after the lease has run out, another run may have the key.
      const message = `The lease of \`${key}\` could not be renewed for this run: ${(cause as Error).message}`;
      if (Date.now() >= untilMs) controller.abort(lostError(message, cause));
    }
  };
  const timer = setInterval(renew, Math.max(20, Math.min(LONGEST_RENEWAL_MS, leaseMs / 5)));
  timer.unref();
  return {
    signal: controller.signal,
    release() {
      isReleased = true;
      clearInterval(timer);
      void letGo(table, key, holder);
    },
  };
}

const lostError = (message: string, cause?: unknown) =>
  new ThreadlineError('lock_lost', message, {
    hint: 'Its work so far may overlap with the other run: check for that, then start it again.',
    cause,
  });

async function letGo(table: LeaseTable, key: string, holder: Holder): Promise<void> {
  try {
    await table.release(key, holder);
  } catch {
    // The lease runs out by itself, and the end of the run matters more.
  }
}
