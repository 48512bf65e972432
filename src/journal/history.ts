import type { RunEvent } from '../plan/event.ts';
import { nameOfPath } from '../plan/step-path.ts';
import { reportOf } from '../shared/errors/errors.ts';
import type { Json } from '../shared/json/json.ts';
import { Mask } from '../shared/text/mask.ts';
import { decodeOutcome, type KeptOutcome, type KeptResults, resultsOf } from './encoding.ts';
import type { Entry, StoredRun } from './run-store.ts';

/** What the run has said, as its reporters heard it: secrets stay hidden. Of a run that has ended, its end too. */
export function eventsOf(run: StoredRun, entries: readonly Entry[]): RunEvent[] {
  const shown = new Shown(run, entries);
  const said = entries.flatMap((entry) => shown.event(entry));
  const at = (atMs: number) => new Date(atMs).toISOString();
  const { id, workflow, file, offline, startedAtMs, endedAtMs, status, error, outputs } = run;
  const first: RunEvent = { type: 'run-started', at: at(startedAtMs), run_id: id, workflow, file, offline, steps: [] };
  if (status === 'running' || endedAtMs === null) return [first, ...said];
  const duration_ms = endedAtMs - startedAtMs;
  return [first, ...said, { type: 'run-ended', at: at(endedAtMs), run_id: id, status, outputs, error, duration_ms }];
}

class Shown {
  private readonly kept: ReadonlyMap<string, Json>;
  private readonly seal: string;
  private readonly started = new Set<string>();

  constructor(run: StoredRun, entries: readonly Entry[]) {
    this.seal = run.seal;
    this.kept = new Map(entries.filter(({ kind }) => kind === 'kept').map(({ path, data }) => [path, data]));
  }

  event({ kind, path, atMs, data }: Entry): RunEvent[] {
    if (kind === 'kept') return [];
    const at = new Date(atMs).toISOString();
    const step = nameOfPath(path);
    // A step that was under way when a process died has started again: it is the same step.
    if (kind === 'step-started' && this.started.has(path)) return [];
    if (kind === 'step-started') this.started.add(path);
    if (kind === 'step-started') return [{ type: 'step-started', at, step, provider: String(data) }];
    if (kind === 'step-ended') return [this.ended(at, step, data)];
    // What a called workflow says is about steps within the step that calls it.
    const event = this.whole(data as unknown as RunEvent);
    return 'step' in event && path !== '' ? [{ ...event, step: `${step}${event.step}` }] : [event];
  }

  private whole(event: RunEvent): RunEvent {
    if (event.type !== 'item-ended') return event;
    return { ...event, results: resultsOf(event.results as unknown as KeptResults, (path) => this.call(path)) };
  }

  /** What a call has left, without its secrets. */
  private call(path: string): Json | undefined {
    const call = this.kept.get(path);
    return call === undefined ? undefined : this.hidden(call);
  }

  private ended(at: string, step: string, data: Json): RunEvent {
    const kept = this.hidden(data) as unknown as KeptOutcome;
    const { status, results, error, attempts, reason, items } = decodeOutcome(kept, (path) => this.call(path));
    return {
      type: 'step-ended',
      at,
      step,
      status,
      results,
      error: error ? reportOf(error) : null,
      tolerated: kept.tolerated,
      reason: reason ?? null,
      attempts,
      duration_ms: kept.durationMs,
      ...(items ? { items } : {}),
    };
  }

  /** Nobody here knows a secret: each stays hidden. */
  private hidden(data: Json): Json {
    return new Mask().unseal(data, this.seal);
  }
}
