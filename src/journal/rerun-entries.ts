import type { RunEvent } from '../plan/event.ts';
import { isObject } from '../shared/json/json.ts';
import type { StoredOutcome } from './encode-outcome.ts';
import type { Entry } from './run-store.ts';

/** The top-level step that a path leads into. */
const outermostStep = (path: string): string => path.split(/[/[.]/)[0] ?? '';

/** The entries that a rerun takes over when the steps of these names are to run again. */
export function entriesToReuse(entries: readonly Entry[], stepsToRerun: ReadonlySet<string>): Entry[] {
  return startedOnce(entries.filter(({ kind, path }) => kind !== 'event' && !stepsToRerun.has(outermostStep(path))));
}

/** A step that was in progress when a process died has started twice. */
function startedOnce(entries: Entry[]): Entry[] {
  const started = new Set<string>();
  return entries.filter(({ kind, path }) => kind !== 'step-started' || !(started.has(path) || !started.add(path)));
}

/** The entries that a rerun takes over when only failed work, and work that never ran, is to run again. */
export function entriesOfSuccess(entries: readonly Entry[], stepsAlwaysRun: ReadonlySet<string>): Entry[] {
  const succeeded = new SucceededWork(entries);
  const taken = entries.filter((entry) => {
    if (entry.kind === 'event' || stepsAlwaysRun.has(outermostStep(entry.path))) return false;
    if (entry.kind === 'step-ended') return hasSucceeded(entry);
    return succeeded.covers(entry.path) || (entry.kind === 'kept' && isSuccess(entry)) || entry.path === '.history';
  });
  return startedOnce(taken);
}

/** The items have succeeded, too: a step may tolerate items that fail. */
function hasSucceeded({ data }: Entry): boolean {
  const { status, items } = data as unknown as StoredOutcome;
  return status === 'succeeded' && !items?.some((item) => item.status === 'failed');
}

const isSuccess = ({ data }: Entry): boolean => isObject(data) && 'results' in data;

/** The steps and items that have succeeded. Everything within them, failed tries included, has led to their success. */
class SucceededWork {
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
