import type { RunEvent } from '../plan/event.ts';
import { nameOfPath } from '../plan/step-path.ts';
import { reportOf } from '../shared/errors/errors.ts';
import type { Json } from '../shared/json/json.ts';
import { Mask } from '../shared/text/mask.ts';
import { decodeOutcome, decodeResults, type StoredOutcome, type StoredResults } from './encode-outcome.ts';
import type { Entry, StoredRun } from './run-store.ts';

/** The events of a stored run, as its reporters received them, with secrets hidden; with its end where it has ended. */
export function eventsOfRun(run: StoredRun, entries: readonly Entry[]): RunEvent[] {
  const reader = new EventReader(run, entries);
  const events = entries.flatMap((entry) => reader.read(entry));
  const at = (atMs: number) => new Date(atMs).toISOString();
  const { id, workflow, file, offline, startedAtMs, endedAtMs, status, error, outputs } = run;
  const first: RunEvent = { type: 'run-started', at: at(startedAtMs), run_id: id, workflow, file, offline, steps: [] };
  if (status === 'running' || endedAtMs === null) return [first, ...events];
  const duration_ms = endedAtMs - startedAtMs;
  return [first, ...events, { type: 'run-ended', at: at(endedAtMs), run_id: id, status, outputs, error, duration_ms }];
}

class EventReader {
  private readonly records: ReadonlyMap<string, Json>;
  private readonly seal: string;
  private readonly started = new Set<string>();

  constructor(run: StoredRun, entries: readonly Entry[]) {
    this.seal = run.seal;
    this.records = new Map(entries.filter(({ kind }) => kind === 'kept').map(({ path, data }) => [path, data]));
  }

  read({ kind, path, atMs, data }: Entry): RunEvent[] {
    if (kind === 'kept') return [];
    const at = new Date(atMs).toISOString();
    const step = nameOfPath(path);
    // A step that was in progress when a process died has started again: it is the same step.
    if (kind === 'step-started' && this.started.has(path)) return [];
    if (kind === 'step-started') this.started.add(path);
    if (kind === 'step-started') return [{ type: 'step-started', at, step, provider: String(data) }];
    if (kind === 'step-ended') return [this.ended(at, step, data)];
    // Events of a called workflow are about steps within the step that calls it.
    const event = this.whole(data as unknown as RunEvent);
    return 'step' in event && path !== '' ? [{ ...event, step: `${step}${event.step}` }] : [event];
  }

  private whole(event: RunEvent): RunEvent {
    if (event.type !== 'item-ended') return event;
    return { ...event, results: decodeResults(event.results as unknown as StoredResults, (path) => this.call(path)) };
  }

  /** The record of a call, with its secrets hidden. */
  private call(path: string): Json | undefined {
    const call = this.records.get(path);
    return call === undefined ? undefined : this.hidden(call);
  }

  private ended(at: string, step: string, data: Json): RunEvent {
    const stored = this.hidden(data) as unknown as StoredOutcome;
    const { status, results, error, attempts, reason, items } = decodeOutcome(stored, (path) => this.call(path));
    return {
      type: 'step-ended',
      at,
      step,
      status,
      results,
      error: error ? reportOf(error) : null,
      tolerated: stored.tolerated,
      reason: reason ?? null,
      attempts,
      duration_ms: stored.durationMs,
      ...(items ? { items } : {}),
    };
  }

  /** A mask that knows no secrets leaves each of them hidden. */
  private hidden(data: Json): Json {
    return new Mask().unseal(data, this.seal);
  }
}
