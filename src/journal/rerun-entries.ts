import type { RunEvent } from '../plan/event.ts';
import { isObject } from '../shared/json/json.ts';
import type { KeptOutcome } from './encoding.ts';
import type { Entry } from './run-store.ts';

/** The step of the workflow that a path leads into. */
export const outermost = (path: string): string => path.split(/[/[.]/)[0] ?? '';

/** What a run that is done again takes over of the first one, when the steps of these names are to run again. */
export function entriesBefore(entries: readonly Entry[], again: ReadonlySet<string>): Entry[] {
  return startedOnce(entries.filter(({ kind, path }) => kind !== 'event' && !again.has(outermost(path))));
}

/** A step that was under way when a process died has started twice. */
function startedOnce(entries: Entry[]): Entry[] {
  const started = new Set<string>();
  return entries.filter(({ kind, path }) => kind !== 'step-started' || !(started.has(path) || !started.add(path)));
}

/** What it takes over when only that is to run again which has failed, or has not run. */
export function entriesOfSuccess(entries: readonly Entry[], always: ReadonlySet<string>): Entry[] {
  const done = new Done(entries);
  const taken = entries.filter((entry) => {
    if (entry.kind === 'event' || always.has(outermost(entry.path))) return false;
    if (entry.kind === 'step-ended') return hasSucceeded(entry);
    return done.covers(entry.path) || (entry.kind === 'kept' && isSuccess(entry)) || entry.path === '.history';
  });
  return startedOnce(taken);
}

/** Every item, too: a step may have put up with those that failed. */
function hasSucceeded({ data }: Entry): boolean {
  const { status, items } = data as unknown as KeptOutcome;
  return status === 'succeeded' && !items?.some((item) => item.status === 'failed');
}

const isSuccess = ({ data }: Entry): boolean => isObject(data) && 'results' in data;

/** The steps and items that have succeeded: whatever is within them, failed tries too, has led to that. */
class Done {
  private readonly units = new Set<string>();

  constructor(entries: readonly Entry[]) {
    for (const entry of entries) {
      if (entry.kind === 'step-ended' && hasSucceeded(entry)) this.units.add(entry.path);
      const event = entry.data as unknown as RunEvent;
      if (entry.kind === 'event' && event.type === 'item-ended' && event.status === 'succeeded')
        this.units.add(`${entry.path}${event.step}[${event.item}]`);
    }
  }

  covers(path: string): boolean {
    if (this.units.has(path)) return true;
    for (let at = 0; at < path.length; at++) {
      if ('/.['.includes(path.charAt(at)) && this.units.has(path.slice(0, at))) return true;
    }
    return false;
  }
}
