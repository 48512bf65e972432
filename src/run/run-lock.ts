import type { Leases } from '../locks/lease-table.ts';
import type { HoldKey, Lock, LockRequest } from '../locks/lock.ts';
import type { RunEvent } from '../plan/event.ts';
import type { Plan, Scope } from '../plan/plan.ts';
import { ThreadlineError } from '../shared/errors/errors.ts';
import { type Json, toText } from '../shared/json/json.ts';

export interface RunLock {
  key: string;
  /** Aborts when another run takes the key over. */
  signal: AbortSignal;
  release(): void;
}

export interface RunLockOptions {
  runId: string;
  /** If undefined, the key is held against the runs of this process only. */
  leases: Leases | undefined;
  /** Holds the key instead of leases, if the engine of the run's journal can. */
  hold: HoldKey | undefined;
  /** Keys that the calling runs hold. */
  held: ReadonlySet<string>;
  signal: AbortSignal | undefined;
  emit(event: RunEvent): void;
}

/** Returns undefined if the workflow or the alert has no key. Rejects with `run_busy`, or with the reason of `signal`. */
export async function holdRunLock(plan: Plan, scope: Scope, options: RunLockOptions): Promise<RunLock | undefined> {
  const key = keyOf(plan.concurrency?.key(scope) ?? null);
  if (!plan.concurrency || key === undefined) return undefined;
  if (options.held.has(key)) {
    const message = `Workflow \`${plan.id}\` would wait for the run that calls it: both have the \`concurrency\` key \`${key}\`.`;
    throw new ThreadlineError('run_busy', message, { hint: 'Give one of the two another key.', retryable: false });
  }
  const waiting = { type: 'run-waiting', run_id: options.runId, workflow: plan.id, key } as const;
  const request: LockRequest = {
    key,
    runId: options.runId,
    onBusy: plan.concurrency.onBusy,
    signal: options.signal ?? new AbortController().signal,
    onWait: (holder) => options.emit({ at: new Date().toISOString(), ...waiting, holder }),
  };
  return { key, ...(await (options.hold ? options.hold(request) : holdLease(request, options.leases))) };
}

async function holdLease(request: LockRequest, leases: Leases | undefined): Promise<Lock> {
  const [{ openLeases }, { holdLock }] = await Promise.all([import('../locks/sqlite.ts'), import('../locks/lock.ts')]);
  const { table, close } = openLeases(leases);
  try {
    const { signal, release } = await holdLock(table, request);
    const letGo = () => {
      release();
      close();
    };
    return { signal, release: letGo };
  } catch (thrown) {
    close();
    throw thrown;
  }
}

const keyOf = (value: Json): string | undefined => (value === null || value === '' ? undefined : toText(value));
