import type { Question } from '../plan/event.ts';
import { nameOfPath } from '../plan/step-path.ts';
import { isObject, type Json } from '../shared/json/json.ts';
import { Mask } from '../shared/text/mask.ts';
import type { Entry, StoredRun } from './run-store.ts';

/** A wait as the journal stores it, at its path. */
export interface StoredWait {
  state: 'waiting' | 'ended' | 'given-up';
  /** The signal's name within the run. */
  name?: string;
  untilMs?: number;
  question?: Question;
  sent?: Json;
}

/** A wait of a run that has not ended, with its secrets hidden. */
export interface PendingWait {
  step: string;
  /** The name of the signal that ends it; undefined for a time only. */
  name: string | undefined;
  /** Milliseconds since 1970. */
  untilMs: number | undefined;
  /** The question, where a person ends the wait by an answer. */
  question: Question | undefined;
}

/** The waits of the entries that have not ended, in the order in which they began. */
export function pendingWaits({ seal }: Pick<StoredRun, 'seal'>, entries: readonly Entry[]): PendingWait[] {
  const waits = new Map<string, StoredWait>();
  for (const { kind, path, data } of entries) {
    if (kind !== 'kept' || !isWait(path, data)) continue;
    if (data.state === 'waiting') waits.set(path, data);
    else waits.delete(path);
  }
  return [...waits].map(([path, wait]) => {
    const { name, untilMs, question } = new Mask().unseal(wait as unknown as Json, seal) as unknown as StoredWait;
    return { step: nameOfPath(path.slice(0, path.indexOf('.wait'))), name, untilMs, question };
  });
}

/** Step names contain no dot: whatever follows one was added by the engine. */
const isWait = (path: string, data: unknown): data is StoredWait =>
  path.includes('.wait') && isObject(data as Json) && ['waiting', 'ended', 'given-up'].includes((data as StoredWait).state);
