import type { EndedStep, StepMemory } from '../engine/ports.ts';
import { Activity, type Wait } from '../journal/activity.ts';
import { decodeOutcome, encodeOutcome, type KeptOutcome, KeptPlaces } from '../journal/encoding.ts';
import { eventsOf } from '../journal/history.ts';
import type { Journal } from '../journal/journal.ts';
import type { JournalStorage } from '../journal/journal-storage.ts';
import type { HeldRun } from '../journal/run-store.ts';
import { StoredJournal } from '../journal/stored-journal.ts';
import type { HoldKey } from '../locks/lock.ts';
import type { RunEvent, Usage } from '../plan/event.ts';
import type { Outcome } from '../plan/plan.ts';
import { ThreadlineError } from '../shared/errors/errors.ts';
import type { Json } from '../shared/json/json.ts';
import type { Mask } from '../shared/text/mask.ts';

/** What a run, or one that it calls, remembers: its journal, how its steps ended, what it said. */
export interface RunMemory {
  journal: Journal;
  steps: StepMemory;
  /** What this run says; not what those say that it calls. */
  note(event: RunEvent): void;
  /** Resolves when nothing of the run goes on in this process. */
  parked: Promise<'waiting' | 'interrupted'>;
  /** Aborts when it has parked, with `waiting`, and when somebody elsewhere wants it to end. */
  signal: AbortSignal;
  within(path: string, journal: Journal): RunMemory;
  /** Holds `concurrency` keys, where this is kept with the run. */
  holdKey?: HoldKey | undefined;
}

/** Of steps of which nothing is known but what the journal has. */
export const NO_STEPS: StepMemory = {
  ended: () => undefined,
  began: () => undefined,
  noteBegin: () => undefined,
  noteEnd: () => undefined,
};

/** Of a run that nobody keeps: gone with the process. It ends as waiting when nothing can end what it waits for. */
export function forgetfulMemory(isVain: (wait: Wait) => boolean): RunMemory {
  const activity = new Activity();
  const parking = new Parking(activity, (waits) => waits.every(isVain));
  const memory = (journal: Journal): RunMemory => ({
    journal,
    steps: NO_STEPS,
    note: () => undefined,
    parked: parking.parked,
    signal: parking.signal,
    within: (_, inner) => ({ ...memory(inner), parked: new Promise(() => undefined) }),
  });
  return memory(new StoredJournal(undefined, activity));
}

/** Ends what still runs of a run that has parked, so that it lets go of threads and servers. */
class Parking {
  readonly parked: Promise<'waiting' | 'interrupted'>;
  private readonly controller = new AbortController();

  constructor(activity: Activity, park: (waits: Wait[]) => boolean, drain?: { signal: AbortSignal; onLeft(): void }) {
    this.parked = new Promise((resolve) => {
      const reason = new ThreadlineError('waiting', 'The run leaves this process, and goes on later.');
      const endAs = (status: 'waiting' | 'interrupted') => {
        resolve(status);
        // After the run has said so.
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
        if (!park(waits)) return false;
        endAs('waiting');
        return true;
      });
    });
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }
}

/** What is said while it happens, or read from the steps: no part of the history. */
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

/** The memory of a run that is kept in a store. */
export class HeldMemory {
  /** What was said before, in order, when the run goes on. */
  readonly past: readonly RunEvent[];
  private readonly held: HeldRun;
  private readonly mask: Mask;
  private readonly broken = new AbortController();
  private readonly kept = new Map<string, Json>();
  private readonly places = new KeptPlaces();
  private readonly began = new Map<string, number>();
  private readonly ended = new Map<string, KeptOutcome>();

  constructor(held: HeldRun, mask: Mask) {
    this.held = held;
    this.mask = mask;
    for (const { kind, path, atMs, data } of held.entries) {
      if (kind === 'kept') this.kept.set(path, data);
      else if (kind === 'step-started' && !this.began.has(path)) this.began.set(path, atMs);
      else if (kind === 'step-ended') this.ended.set(path, data as unknown as KeptOutcome);
    }
    this.past = held.entries.length === 0 ? [] : eventsOf(held.run, held.entries);
  }

  /** `usage` is asked when the run leaves this process before its end; it does so when `drain` aborts. */
  whole(usage: () => Usage, drain?: AbortSignal): RunMemory {
    const activity = new Activity();
    const parking = new Parking(
      activity,
      (waits) => {
        const times = waits.flatMap(({ untilMs }) => (untilMs === undefined ? [] : [untilMs]));
        const names = waits.flatMap(({ name }) => (name === undefined ? [] : [name]));
        return this.held.park({ names, wakeAtMs: times.length === 0 ? undefined : Math.min(...times), usage: usage() });
      },
      drain && { signal: drain, onLeft: () => this.held.release(usage()) },
    );
    const signal = AbortSignal.any([parking.signal, this.held.cancelled, this.broken.signal]);
    return this.memory('', new StoredJournal(this.storage, activity), { parked: parking.parked, signal });
  }

  private memory(prefix: string, journal: Journal, end: Pick<RunMemory, 'parked' | 'signal'>): RunMemory {
    return {
      ...end,
      journal,
      steps: this.stepsAt(prefix),
      note: (event) => {
        if (UNKEPT.has(event.type)) return;
        // What an item gave is kept with the call that gave it.
        const data = event.type === 'item-ended' ? { ...event, results: this.places.of(event.results) } : event;
        this.held.note({ kind: 'event', path: prefix, atMs: Date.parse(event.at), data: data as unknown as Json });
      },
      // One that is called parks with the run that calls it.
      within: (path, inner) => this.memory(`${prefix}${path}/`, inner, { ...end, parked: new Promise(() => undefined) }),
    };
  }

  private stepsAt(prefix: string): StepMemory {
    return {
      began: (path) => this.began.get(prefix + path),
      ended: (path) => this.endOf(prefix + path),
      noteBegin: (path, provider) =>
        this.held.note({ kind: 'step-started', path: prefix + path, atMs: Date.now(), data: provider }),
      noteEnd: (path, outcome, facts) => this.noteEnd(prefix + path, outcome, facts),
    };
  }

  private endOf(path: string): EndedStep | undefined {
    const kept = this.ended.get(path);
    if (!kept) return undefined;
    const opened = this.opened(kept as unknown as Json) as unknown as KeptOutcome;
    return { outcome: decodeOutcome(opened, (at) => this.recall(at)), durationMs: kept.durationMs };
  }

  private noteEnd(path: string, outcome: Outcome, facts: { durationMs: number; tolerated: boolean }): void {
    const data = encodeOutcome(outcome, facts, this.places) as unknown as Json;
    this.held.note({ kind: 'step-ended', path, atMs: Date.now(), data: this.sealed(data) });
  }

  private readonly storage: JournalStorage = {
    recall: (path) => this.recall(path),
    perform: async (work) => {
      await this.orStop(this.held.noted());
      return work();
    },
    resultOf: (record) => record,
    keep: async (path, value) => {
      const data = this.sealed(value);
      await this.orStop(this.held.append({ kind: 'kept', path, atMs: Date.now(), data }));
      this.kept.set(path, data);
      this.places.add(path, value);
    },
    signal: (name, path) => this.held.signal(name, path),
  };

  private recall(path: string): Json | undefined {
    const kept = this.kept.get(path);
    if (kept === undefined) return undefined;
    const opened = this.opened(kept);
    this.places.add(path, opened);
    return opened;
  }

  /** A run that can keep nothing any more does nothing any more: it goes on once the disk has room again. */
  private async orStop(written: Promise<void>): Promise<void> {
    try {
      await written;
    } catch (thrown) {
      this.broken.abort(thrown);
      throw thrown;
    }
  }

  private sealed(data: Json): Json {
    return this.mask.seal(data, this.held.run.seal);
  }

  private opened(data: Json): Json {
    return this.mask.unseal(data, this.held.run.seal);
  }
}
