import { AsyncLocalStorage } from 'node:async_hooks';
import type { RunEvent } from '../plan/event.ts';
import type { Json } from '../shared/json/json.ts';

/** What work gave and what it said meanwhile: usage, above all. Kept together, so that nothing is missing on replay. */
export interface SaidWork {
  data: Json;
  events: RunEvent[];
}

interface Listener {
  events: RunEvent[];
  /** The work that this is done within. */
  around: Listener | undefined;
}

const listening = new AsyncLocalStorage<Listener>();

/** Streams and progress are for those who watch. */
const UNKEPT: ReadonlySet<RunEvent['type']> = new Set(['text-delta', 'progress', 'log']);

export async function listenTo(work: () => Promise<Json>): Promise<SaidWork> {
  const listener: Listener = { events: [], around: listening.getStore() };
  const data = await listening.run(listener, work);
  return { data, events: listener.events };
}

/** Keeps an event with the work that says it; what the interpreter says between, it says again on replay. */
export function keepWithWork(event: RunEvent): void {
  if (UNKEPT.has(event.type)) return;
  for (let listener = listening.getStore(); listener; listener = listener.around) listener.events.push(event);
}

/** Whether this is done for a call that is work, and not by the interpreter. */
export const isWithinWork = (): boolean => listening.getStore() !== undefined;
