import { setTimeout as delay } from 'node:timers/promises';
import { ThreadlineError } from '../errors.ts';
import type { Holder, LeaseTable } from './lease-table.ts';

/** A key that is held. */
export interface Lock {
  /** Aborts when the key was lost, or when another run wants this one to end. */
  signal: AbortSignal;
  release(): void;
}

export interface LockRequest {
  key: string;
  runId: string;
  onBusy: 'queue' | 'skip' | 'cancel';
  signal: AbortSignal;
  /** Called once, when the key is not free. */
  onWait(by: string): void;
  /** How long a lease lasts that nobody renews. */
  leaseMs?: number;
}

const LEASE_MS = 15_000;
const SOONEST_LOOK_MS = 25;
const LATEST_LOOK_MS = 400;

/**
 * Holds a key until it is released. Rejects with `run_busy` when another run holds it and `onBusy` is `skip`, and with the
 * reason of `signal` when that aborts before. A holder that died is replaced when its lease has run out.
 */
export async function holdLock(table: LeaseTable, request: LockRequest): Promise<Lock> {
  const { key, runId, onBusy, leaseMs = LEASE_MS } = request;
  const holder: Holder = { runId, token: crypto.randomUUID() };
  const until = () => Date.now() + leaseMs;
  const first = table.take(key, holder, Date.now(), until());
  if (!first.taken) {
    if (onBusy === 'skip') throw busy(key, first.by);
    request.onWait(first.by);
    await standInLine(table, holder, request, leaseMs);
  }
  return keep(table, key, holder, leaseMs);
}

const busy = (key: string, by: string) =>
  new ThreadlineError('run_busy', `Run ${by} holds \`${key}\`, and this workflow does not wait.`, {
    hint: '`concurrency: { on_busy: queue }` waits, `cancel` ends the other run.',
  });

async function standInLine(table: LeaseTable, holder: Holder, request: LockRequest, leaseMs: number): Promise<void> {
  const { key, runId, onBusy, signal } = request;
  table.enqueue(key, holder, Date.now() + leaseMs);
  try {
    for (let pauseMs = SOONEST_LOOK_MS; ; pauseMs = Math.min(pauseMs * 1.5, LATEST_LOOK_MS)) {
      if (onBusy === 'cancel') table.askToEnd(key, runId);
      await delay(pauseMs * (0.75 + Math.random() / 2), undefined, { signal }).catch(() => undefined);
      signal.throwIfAborted();
      // A ticket that has run out while this process slept: again at the end of the line.
      if (!table.renew(key, holder, Date.now() + leaseMs).isThere) table.enqueue(key, holder, Date.now() + leaseMs);
      if (table.take(key, holder, Date.now(), Date.now() + leaseMs).taken) return;
    }
  } catch (thrown) {
    table.release(key, holder);
    throw thrown;
  }
}

function keep(table: LeaseTable, key: string, holder: Holder, leaseMs: number): Lock {
  const controller = new AbortController();
  const renew = () => {
    const { isThere, endFor } = table.renew(key, holder, Date.now() + leaseMs);
    if (!isThere)
      controller.abort(
        new ThreadlineError('lock_lost', `Another run has taken \`${key}\`: this one was not heard of for too long.`),
      );
    else if (endFor !== undefined)
      controller.abort(new ThreadlineError('cancelled', `Run ${endFor} took the place of this one (\`${key}\`).`));
  };
  const timer = setInterval(renew, Math.max(20, Math.min(1000, leaseMs / 5)));
  timer.unref();
  return {
    signal: controller.signal,
    release() {
      clearInterval(timer);
      table.release(key, holder);
    },
  };
}
