import { AsyncLocalStorage } from 'node:async_hooks';
import type { RunEvent } from '../plan/event.ts';
import type { Json } from '../shared/json/json.ts';

/** The result of work and its events, above all its usage: stored together, so that none is missing on replay. */
export interface WorkWithEvents {
  data: Json;
  events: RunEvent[];
}

interface Collector {
  events: RunEvent[];
  /** The collector of the enclosing work. */
  outer: Collector | undefined;
}

const collecting = new AsyncLocalStorage<Collector>();

/** Events that matter only while they happen. */
const TRANSIENT: ReadonlySet<RunEvent['type']> = new Set(['text-delta', 'progress', 'log']);

export async function collectEvents(work: () => Promise<Json>): Promise<WorkWithEvents> {
  const collector: Collector = { events: [], outer: collecting.getStore() };
  const data = await collecting.run(collector, work);
  return { data, events: collector.events };
}

/** Records an event with the work that emits it. The interpreter emits its own events again on replay. */
export function recordEvent(event: RunEvent): void {
  if (TRANSIENT.has(event.type)) return;
  for (let collector = collecting.getStore(); collector; collector = collector.outer) collector.events.push(event);
}

/** Whether the caller runs within work, not in the interpreter. */
export const isWithinWork = (): boolean => collecting.getStore() !== undefined;
