import { ThreadlineError } from '../shared/errors/errors.ts';
import { pause } from '../shared/time/pause.ts';
import type { Holder, LeaseTable } from './lease-table.ts';

/** A key that is held. */
export interface Lock {
  /** Aborts when the key was lost, or when another run wants this one to end. */
  signal: AbortSignal;
  /** Throws nothing: a key that cannot be given back is free when its lease has run out. */
  release(): void;
}

export interface LockRequest {
  key: string;
  runId: string;
  onBusy: 'queue' | 'skip' | 'cancel';
  signal: AbortSignal;
  /** Called once, when the key is not free, and this run stands in line. */
  onWait(by: string): void;
  /** How many may hold the key at the same time; 1 by default. */
  places?: number;
  /** Calls the listener when it is worth to look whether the key is free, before the next look; returns what ends that. */
  onFree?(listener: () => void): () => void;
  /** How long a lease lasts that nobody renews. */
  leaseMs?: number;
}

/** Holds a key as `holdLock` does, and rejects as that does. */
export type HoldKey = (request: LockRequest) => Promise<Lock>;

const LEASE_MS = 8000;
const LONGEST_RENEWAL_MS = 1000;
const SOONEST_LOOK_MS = 50;
const LATEST_LOOK_MS = 500;

/**
 * Holds a key until it is released. Rejects with `run_busy` when another run holds it and `onBusy` is `skip`, with
 * `cancelled` when another one takes this one's place in line, and with the reason of `signal` when that aborts before.
 * A holder that died is replaced when its lease has run out.
 */
export async function holdLock(table: LeaseTable, request: LockRequest): Promise<Lock> {
  const { key, runId, onBusy, leaseMs = LEASE_MS, places } = request;
  const holder: Holder = { runId, token: crypto.randomUUID() };
  const first = await table.take(key, holder, Date.now(), Date.now() + leaseMs, places);
  if (!first.taken) {
    if (onBusy === 'skip') throw busy(key, first.by);
    await standInLine(table, holder, request, { by: first.by, leaseMs });
  }
  return keep(table, key, holder, leaseMs);
}

export const busy = (key: string, by: string) =>
  new ThreadlineError('run_busy', `Run ${by} holds \`${key}\`, and this workflow does not wait.`, {
    hint: '`concurrency: { on_busy: queue }` waits, `cancel` ends the other run.',
  });

export const replaced = (key: string, by: string) =>
  new ThreadlineError('cancelled', `Run ${by} took the place of this one (\`${key}\`).`);

async function standInLine(
  table: LeaseTable,
  holder: Holder,
  { key, onBusy, signal, onWait, onFree, places }: LockRequest,
  { by, leaseMs }: { by: string; leaseMs: number },
): Promise<void> {
  await table.enqueue(key, holder, Date.now() + leaseMs);
  try {
    onWait(by);
    for (let pauseMs = SOONEST_LOOK_MS; ; pauseMs = Math.min(pauseMs * 1.5, LATEST_LOOK_MS)) {
      if (onBusy === 'cancel') await table.askToEnd(key, holder);
      await untilFree(pauseMs * (0.75 + Math.random() / 2), signal, onFree);
      signal.throwIfAborted();
      const { isThere, endFor } = await table.renew(key, holder, Date.now() + leaseMs);
      if (endFor !== undefined) throw replaced(key, endFor);
      // A ticket that has run out while this process slept: again at the end of the line.
      if (!isThere) await table.enqueue(key, holder, Date.now() + leaseMs);
      if ((await table.take(key, holder, Date.now(), Date.now() + leaseMs, places)).taken) return;
    }
  } catch (thrown) {
    void letGo(table, key, holder);
    throw thrown;
  }
}

/** Over when the time is, when the signal aborts, or when the key may be free. */
async function untilFree(delayMs: number, signal: AbortSignal, onFree: LockRequest['onFree']): Promise<void> {
  const woken = new AbortController();
  const stop = onFree?.(() => woken.abort());
  await pause(delayMs, AbortSignal.any([signal, woken.signal]));
  stop?.();
}

function keep(table: LeaseTable, key: string, holder: Holder, leaseMs: number): Lock {
  const controller = new AbortController();
  let untilMs = Date.now() + leaseMs;
  let isReleased = false;
  const renew = async () => {
    const nextMs = Date.now() + leaseMs;
    try {
      const { isThere, endFor } = await table.renew(key, holder, nextMs);
      if (isReleased) return;
      untilMs = nextMs;
      if (!isThere) controller.abort(lost(`Another run has taken \`${key}\`: this one was not heard of for too long.`));
      else if (endFor !== undefined) controller.abort(replaced(key, endFor));
    } catch (cause) {
      // A file that cannot be used for a moment hurts nobody; once the lease has run out, another run may have the key.
      const message = `\`${key}\` could not be kept for this run: ${(cause as Error).message}`;
      if (Date.now() >= untilMs) controller.abort(lost(message, cause));
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

const lost = (message: string, cause?: unknown) =>
  new ThreadlineError('lock_lost', message, {
    hint: 'What it did until now may overlap with the other run: look, then start it again.',
    cause,
  });

async function letGo(table: LeaseTable, key: string, holder: Holder): Promise<void> {
  try {
    await table.release(key, holder);
  } catch {
    // Its lease runs out by itself, and how the run ended matters more.
  }
}
