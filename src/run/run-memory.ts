import type { EndedStep, StepMemory } from '../engine/ports.ts';
import { Activity, type Wait } from '../journal/activity.ts';
import { decodeOutcome, encodeOutcome, ResultPaths, type StoredOutcome } from '../journal/encode-outcome.ts';
import { eventsOfRun } from '../journal/events-of-run.ts';
import type { Journal } from '../journal/journal.ts';
import type { JournalStorage } from '../journal/journal-storage.ts';
import type { OwnedRun } from '../journal/run-store.ts';
import { StoredJournal } from '../journal/stored-journal.ts';
import type { HoldKey } from '../locks/lock.ts';
import type { RunEvent, Usage } from '../plan/event.ts';
import type { Outcome } from '../plan/plan.ts';
import { ThreadlineError } from '../shared/errors/errors.ts';
import type { Json } from '../shared/json/json.ts';
import type { Mask } from '../shared/text/mask.ts';

/** The memory of a run, or of a workflow that it calls: its journal, the ends of its steps, its events. */
export interface RunMemory {
  journal: Journal;
  steps: StepMemory;
  /** Records an event of this run, masked; called workflows record their own. `event` is the unmasked one. */
  note(masked: RunEvent, event: RunEvent): void;
  /** Resolves once nothing of the run goes on in this process. */
  suspended: Promise<'waiting' | 'interrupted'>;
  /** Aborts with `waiting` once the run is suspended, and when another process wants it to end. */
  signal: AbortSignal;
  within(path: string, journal: Journal): RunMemory;
  /** Holds `concurrency` keys, if the run's engine can. */
  holdKey?: HoldKey | undefined;
}

/** For runs whose steps leave nothing but journal entries. */
export const NO_STEPS: StepMemory = {
  ended: () => undefined,
  began: () => undefined,
  noteBegin: () => undefined,
  noteEnd: () => undefined,
};

/** The memory of a run that no store keeps. The run ends as `waiting` when all its waits are ones that nothing can end. */
export function inMemoryRunMemory(isEndless: (wait: Wait) => boolean): RunMemory {
  const activity = new Activity();
  const suspension = new Suspension(activity, (waits) => waits.every(isEndless));
  const memory = (journal: Journal): RunMemory => ({
    journal,
    steps: NO_STEPS,
    note: () => undefined,
    suspended: suspension.suspended,
    signal: suspension.signal,
    within: (_, inner) => ({ ...memory(inner), suspended: new Promise(() => undefined) }),
  });
  return memory(new StoredJournal(undefined, activity));
}

/** Aborts the remaining work of a suspended run, so that it releases threads and servers. */
class Suspension {
  readonly suspended: Promise<'waiting' | 'interrupted'>;
  private readonly controller = new AbortController();

  constructor(activity: Activity, suspend: (waits: Wait[]) => boolean, drain?: { signal: AbortSignal; onLeft(): void }) {
    this.suspended = new Promise((resolve) => {
      const reason = new ThreadlineError('waiting', 'The run leaves this process and resumes later.');
      const endAs = (status: 'waiting' | 'interrupted') => {
        resolve(status);
        // The run reports its end first.
        setImmediate(() => this.controller.abort(reason));
      };
      const leave = () =>
        activity.drain(() => {
          drain?.onLeft();
          endAs('interrupted');
        });
      if (drain?.signal.aborted) leave();
      drain?.signal.addEventListener('abort', leave, { once: true });
      activity.onIdle((waits) => {
        if (!suspend(waits)) return false;
        endAs('waiting');
        return true;
      });
    });
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }
}

/** Events that matter only while they happen, or that follow from the records of the steps: not part of the history. */
const UNKEPT: ReadonlySet<RunEvent['type']> = new Set([
  'run-started',
  'run-waiting',
  'run-ended',
  'step-started',
  'step-ended',
  'text-delta',
  'wait-started',
  'wait-ended',
  'progress',
  'log',
]);

/** The memory of a run in a run store. */
export class StoredRunMemory {
  /** The events of earlier processes, in order, in a run that resumes. */
  readonly past: readonly RunEvent[];
  private readonly owned: OwnedRun;
  private readonly mask: Mask;
  private readonly broken = new AbortController();
  private readonly records = new Map<string, Json>();
  private readonly resultPaths = new ResultPaths();
  private readonly began = new Map<string, number>();
  private readonly ended = new Map<string, StoredOutcome>();

  constructor(owned: OwnedRun, mask: Mask) {
    this.owned = owned;
    this.mask = mask;
    for (const { kind, path, atMs, data } of owned.entries) {
      if (kind === 'kept') this.records.set(path, data);
      else if (kind === 'step-started' && !this.began.has(path)) this.began.set(path, atMs);
      else if (kind === 'step-ended') this.ended.set(path, data as unknown as StoredOutcome);
    }
    this.past = owned.entries.length === 0 ? [] : eventsOfRun(owned.run, owned.entries);
  }

  /** `usage` is called when the run leaves this process before its end, as it does when `drain` aborts. */
  memoryOfRun(usage: () => Usage, drain?: AbortSignal): RunMemory {
    const activity = new Activity();
    const suspension = new Suspension(
      activity,
      (waits) => {
        const times = waits.flatMap(({ untilMs }) => (untilMs === undefined ? [] : [untilMs]));
        const names = waits.flatMap(({ name }) => (name === undefined ? [] : [name]));
        return this.owned.suspend({ names, wakeAtMs: times.length === 0 ? undefined : Math.min(...times), usage: usage() });
      },
      drain && { signal: drain, onLeft: () => this.owned.release(usage()) },
    );
    const signal = AbortSignal.any([suspension.signal, this.owned.cancelled, this.broken.signal]);
    return this.memory('', new StoredJournal(this.storage, activity), { suspended: suspension.suspended, signal });
  }

  private memory(prefix: string, journal: Journal, end: Pick<RunMemory, 'suspended' | 'signal'>): RunMemory {
    return {
      ...end,
      journal,
      steps: this.stepsAt(prefix),
      note: (masked, event) => {
        if (UNKEPT.has(event.type)) return;
        // The results of an item are stored with its call, where they are found by what they are: unmasked.
        const data =
          event.type === 'item-ended' ? { ...masked, results: this.mask.apply(this.resultPaths.encode(event.results)) } : masked;
        this.owned.note({ kind: 'event', path: prefix, atMs: Date.parse(event.at), data: data as unknown as Json });
      },
      // A called workflow is suspended with the run that calls it.
      within: (path, inner) => this.memory(`${prefix}${path}/`, inner, { ...end, suspended: new Promise(() => undefined) }),
    };
  }

  private stepsAt(prefix: string): StepMemory {
    return {
      began: (path) => this.began.get(prefix + path),
      ended: (path) => this.endOf(prefix + path),
      noteBegin: (path, provider) =>
        this.owned.note({ kind: 'step-started', path: prefix + path, atMs: Date.now(), data: provider }),
      noteEnd: (path, outcome, facts) => this.noteEnd(prefix + path, outcome, facts),
    };
  }

  private endOf(path: string): EndedStep | undefined {
    const stored = this.ended.get(path);
    if (!stored) return undefined;
    const opened = this.opened(stored as unknown as Json) as unknown as StoredOutcome;
    return { outcome: decodeOutcome(opened, (at) => this.recall(at)), durationMs: stored.durationMs };
  }

  private noteEnd(path: string, outcome: Outcome, facts: { durationMs: number; tolerated: boolean }): void {
    const data = encodeOutcome(outcome, facts, this.resultPaths) as unknown as Json;
    this.owned.note({ kind: 'step-ended', path, atMs: Date.now(), data: this.sealed(data) });
  }

  private readonly storage: JournalStorage = {
    recall: (path) => this.recall(path),
    perform: async (work) => {
      await this.orStop(this.owned.noted());
      return work();
    },
    resultOf: (record) => record,
    keep: async (path, value) => {
      const data = this.sealed(value);
      await this.orStop(this.owned.append({ kind: 'kept', path, atMs: Date.now(), data }));
      this.records.set(path, data);
      this.resultPaths.add(path, value);
    },
    signal: (name, path) => this.owned.signal(name, path),
  };

  private recall(path: string): Json | undefined {
    const record = this.records.get(path);
    if (record === undefined) return undefined;
    const opened = this.opened(record);
    this.resultPaths.add(path, opened);
    return opened;
  }

  /** A run whose records cannot be stored stops. It resumes once the disk has room again. */
  private async orStop(written: Promise<void>): Promise<void> {
    try {
      await written;
    } catch (thrown) {
      this.broken.abort(thrown);
      throw thrown;
    }
  }

  private sealed(data: Json): Json {
    return this.mask.seal(data, this.owned.run.seal);
  }

  private opened(data: Json): Json {
    return this.mask.unseal(data, this.owned.run.seal);
  }
}
