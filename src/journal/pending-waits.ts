import type { Question } from '../plan/event.ts';
import { nameOfPath } from '../plan/step-path.ts';
import { isObject, type Json } from '../shared/json/json.ts';
import { Mask } from '../shared/text/mask.ts';
import type { Entry, StoredRun } from './run-store.ts';

/** What is kept of a wait, at its path. */
export interface KeptWait {
  state: 'waiting' | 'ended' | 'given-up';
  /** The signal's name within the run. */
  name?: string;
  untilMs?: number;
  question?: Question;
  sent?: Json;
}

/** What a run waits for; secrets in it stay hidden. */
export interface PendingWait {
  step: string;
  /** The signal that ends it; undefined for a time only. */
  name: string | undefined;
  /** Milliseconds since 1970. */
  untilMs: number | undefined;
  /** For a wait that a person ends by an answer. */
  question: Question | undefined;
}

/** In the order in which they were begun. */
export function pendingWaits({ seal }: Pick<StoredRun, 'seal'>, entries: readonly Entry[]): PendingWait[] {
  const waits = new Map<string, KeptWait>();
  for (const { kind, path, data } of entries) {
    if (kind !== 'kept' || !isWait(path, data)) continue;
    if (data.state === 'waiting') waits.set(path, data);
    else waits.delete(path);
  }
  return [...waits].map(([path, wait]) => {
    const { name, untilMs, question } = new Mask().unseal(wait as unknown as Json, seal) as unknown as KeptWait;
    return { step: nameOfPath(path.slice(0, path.indexOf('.wait'))), name, untilMs, question };
  });
}

/** No step's name has a dot in it, so that what stands behind one is ours. */
const isWait = (path: string, data: unknown): data is KeptWait =>
  path.includes('.wait') && isObject(data as Json) && ['waiting', 'ended', 'given-up'].includes((data as KeptWait).state);
