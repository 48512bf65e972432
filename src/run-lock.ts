import { ThreadlineError } from './errors.ts';
import type { RunEvent } from './event.ts';
import { type Json, toText } from './json.ts';
import type { LeaseTable } from './locks/lease-table.ts';
import type { Lock } from './locks/lock.ts';
import type { Plan, Scope } from './plan.ts';

/** The `concurrency` of a workflow at work. */

export interface RunLock {
  key: string;
  /** Aborts when the run has to end for the sake of another one. */
  signal: AbortSignal;
  release(): void;
}

export interface RunLockOptions {
  runId: string;
  /** The file of leases; undefined: runs of this process only. */
  file: string | undefined;
  /** Keys of the runs that this one is called by. */
  held: ReadonlySet<string>;
  signal: AbortSignal | undefined;
  emit(event: RunEvent): void;
}

/** Undefined for a workflow, or an alert, that has no key. Rejects with `run_busy`, or with the reason of `signal`. */
export async function holdRunLock(plan: Plan, scope: Scope, options: RunLockOptions): Promise<RunLock | undefined> {
  const key = keyOf(plan.concurrency?.key(scope) ?? null);
  if (!plan.concurrency || key === undefined) return undefined;
  if (options.held.has(key)) {
    const message = `Workflow \`${plan.id}\` would wait for the run that calls it: both have the \`concurrency\` key \`${key}\`.`;
    throw new ThreadlineError('run_busy', message, { hint: 'Give one of the two another key.', retryable: false });
  }
  const [{ openLeaseTable }, { holdLock }] = await Promise.all([import('./locks/lease-table.ts'), import('./locks/lock.ts')]);
  const table = tableOf(options.file, openLeaseTable);
  const close = () => (options.file === undefined ? undefined : table.close());
  const waiting = { type: 'run-waiting', run_id: options.runId, workflow: plan.id, key } as const;
  try {
    const lock: Lock = await holdLock(table, {
      key,
      runId: options.runId,
      onBusy: plan.concurrency.onBusy,
      signal: options.signal ?? new AbortController().signal,
      onWait: (holder) => options.emit({ at: new Date().toISOString(), ...waiting, holder }),
    });
    return {
      key,
      signal: lock.signal,
      release() {
        lock.release();
        close();
      },
    };
  } catch (thrown) {
    close();
    throw thrown;
  }
}

const keyOf = (value: Json): string | undefined => (value === null || value === '' ? undefined : toText(value));

let ofThisProcess: LeaseTable | undefined;

function tableOf(file: string | undefined, open: (file: string) => LeaseTable): LeaseTable {
  if (file !== undefined) return open(file);
  ofThisProcess ??= open(':memory:');
  return ofThisProcess;
}
