import { isDeepStrictEqual } from 'node:util';
import { emptyReport, reduce } from '../engine/state.ts';
import type { StoredOutcome } from '../journal/encode-outcome.ts';
import { eventsOfRun } from '../journal/events-of-run.ts';
import { type PendingWait, pendingWaits } from '../journal/pending-waits.ts';
import type { Entry, RunLine, RunRecord, StoredRun } from '../journal/run-store.ts';
import type { RunEvent, RunReport, StepReport, WaitReport } from '../plan/event.ts';
import { nameOfPath } from '../plan/step-path.ts';
import { addUsage, noUsage } from '../plan/usage.ts';
import type { Json } from '../shared/json/json.ts';
import { Mask } from '../shared/text/mask.ts';
import type { HistoryStatus, RunDocument, RunSummary, StepDocument, StepRecord } from './run-document.ts';

type KnownRun = StoredRun & { isInterrupted: boolean };
type EventOf<Type extends RunEvent['type']> = Extract<RunEvent, { type: Type }>;

const isoTime = (ms: number): string => new Date(ms).toISOString();
const statusOf = ({ status, isInterrupted }: RunLine): HistoryStatus => (isInterrupted ? 'interrupted' : status);

export function summaryOf(run: RunLine): RunSummary {
  const { id, workflow, file, startedAtMs, endedAtMs, offline, usage, error, rerunOf, waitsFor, wakeAtMs } = run;
  return {
    id,
    workflow,
    file,
    status: statusOf(run),
    started_at: isoTime(startedAtMs),
    duration_ms: endedAtMs === null ? null : endedAtMs - startedAtMs,
    offline,
    usage,
    error,
    rerun_of: rerunOf,
    waits_for: run.status === 'waiting' ? waitsFor : [],
    wake_at: wakeAtMs === null ? null : isoTime(wakeAtMs),
  };
}

/** All that the history knows of a run; secrets stay hidden. `nowMs` tells how long one that runs has run. */
export function documentOf(run: KnownRun, entries: readonly Entry[], nowMs: number): RunDocument {
  const lastMs = statusOf(run) === 'running' ? nowMs : (entries.at(-1)?.atMs ?? run.startedAtMs);
  return documentFrom({
    summary: summaryOf(run),
    events: eventsOfRun(run, entries),
    inputs: inputsOf(run, entries),
    waits: run.endedAtMs === null ? waitsOf(pendingWaits(run, entries)) : [],
    request: hidden(run.request as unknown as Json, run.seal) as unknown as RunRecord,
    lastMs,
  });
}

/** Records of a run, from any storage. */
export interface RunFacts {
  summary: RunSummary;
  events: readonly RunEvent[];
  /** What providers were called with, by the names of the steps. */
  inputs: ReadonlyMap<string, Json>;
  waits: WaitReport[];
  request: RunRecord;
  /** Time of the last record of an unfinished run. */
  lastMs: number;
}

export function documentFrom({ summary, events, inputs, waits, request, lastMs }: RunFacts): RunDocument {
  const report = events.reduce<RunReport>((so, event) => reduce(so, event), emptyReport());
  const { status, file, rerun_of, waits_for, wake_at } = summary;
  const details = new StepDetails(events);
  const names = [...new Set([...details.names(), ...Object.keys(report.steps)])];
  const steps = names.flatMap((name): [string, StepDocument][] => {
    const step = Object.hasOwn(report.steps, name) ? report.steps[name] : undefined;
    return step ? [[name, details.ended(name, step, inputs.get(name) ?? null)]] : [];
  });
  const underWay = names.filter((name) => !Object.hasOwn(report.steps, name)).map((name) => [name, details.of(name)]);
  return {
    ...report,
    ...(waits.length > 0 ? { waits } : {}),
    run: {
      ...report.run,
      status,
      duration_ms: summary.duration_ms === null ? lastMs - Date.parse(summary.started_at) : report.run.duration_ms,
      file,
    },
    // A run that never reached its steps has its error only in the store.
    error: report.error ?? summary.error,
    steps: Object.fromEntries(steps),
    under_way: Object.fromEntries(underWay),
    request,
    rerun_of,
    waits_for,
    wake_at,
  };
}

/** Waits come from the journal, because the history does not store their events. */
export const waitsOf = (waits: readonly PendingWait[]): WaitReport[] =>
  waits.map(({ step, name = null, untilMs, question }) => ({
    step,
    signal: name,
    until: untilMs === undefined ? null : isoTime(untilMs),
    ...(question ? { question } : {}),
  }));

/** What providers were called with, by the names of the steps. */
function inputsOf(run: StoredRun, entries: readonly Entry[]): Map<string, Json> {
  const inputs = new Map<string, Json>();
  for (const { kind, path, data } of entries) {
    const params = kind === 'step-ended' ? (data as unknown as StoredOutcome).facts?.provider_parameters : undefined;
    if (params !== undefined) inputs.set(nameOfPath(path), hidden(params, run.seal));
  }
  return inputs;
}

/** Nobody here knows a secret: each stays hidden. */
const hidden = (data: Json, seal: string): Json => new Mask().unseal(data, seal);

/** Facts about steps that only their events have, in the order in which the steps began. */
class StepDetails {
  private readonly facts = new Map<string, StepRecord>();
  private readonly ends = new Map<string, EventOf<'step-ended'>>();
  private readonly itemDurations = new Map<string, number>();

  constructor(events: readonly RunEvent[]) {
    for (const event of events) this.note(event);
  }

  names(): string[] {
    return [...this.facts.keys()];
  }

  of(name: string): StepRecord {
    const known = this.facts.get(name) ?? {
      provider: null,
      started_at: null,
      tool_calls: [],
      attempts_failed: [],
      usage: null,
    };
    this.facts.set(name, known);
    return known;
  }

  ended(name: string, { items, ...step }: StepReport, inputs: Json): StepDocument {
    const end = this.ends.get(name);
    const timed = items?.map((item, index) => ({ ...item, duration_ms: this.itemDurations.get(`${name}[${index}]`) ?? null }));
    const { tolerated = false, reason = null } = end ?? {};
    return { ...step, ...this.of(name), inputs, tolerated, reason, ...(timed ? { items: timed } : {}) };
  }

  private note(event: RunEvent): void {
    if (!('step' in event)) return;
    const facts = this.of(event.step);
    switch (event.type) {
      case 'step-started':
        facts.provider = event.provider === '' ? null : event.provider;
        facts.started_at ??= event.at;
        break;
      case 'step-ended':
        this.ends.set(event.step, event);
        break;
      case 'item-ended':
        this.itemDurations.set(`${event.step}[${event.item}]`, event.duration_ms);
        break;
      case 'attempt-failed': {
        const { attempt, error, delay_ms } = event;
        facts.attempts_failed.push({ attempt, ...itemOf(event), error, delay_ms });
        break;
      }
      case 'tool-started':
        noteToolStart(facts, event);
        break;
      case 'tool-ended':
        noteToolEnd(facts, event);
        break;
      case 'usage':
        for (const name of withAncestors(event.step))
          this.of(name).usage = addUsage(this.of(name).usage ?? noUsage(), event.usage);
    }
  }
}

const itemOf = ({ item }: { item?: number }) => (item === undefined ? {} : { item });

/** A resumed run repeats an interrupted step; only the repetition is listed. */
function noteToolStart({ tool_calls }: StepRecord, event: EventOf<'tool-started'>): void {
  const { tool, call_id } = event;
  const call = { tool, call_id, ...itemOf(event), arguments: event.arguments, output: null, error: null, duration_ms: null };
  const known = tool_calls.findIndex((one) => isSame(one, event) && isDeepStrictEqual(one.arguments, event.arguments));
  if (known >= 0) tool_calls[known] = call;
  else tool_calls.push(call);
}

function noteToolEnd({ tool_calls }: StepRecord, event: EventOf<'tool-ended'>): void {
  const known = tool_calls.find((one) => isSame(one, event));
  if (known) Object.assign(known, { output: event.output, error: event.error, duration_ms: event.duration_ms });
}

const isSame = (
  one: StepRecord['tool_calls'][number],
  { tool, call_id, item }: { tool: string; call_id: string; item?: number },
) => one.tool === tool && one.call_id === call_id && one.item === item && one.duration_ms === null;

/** `hosts[2]/ping` ran within `hosts`. */
function withAncestors(name: string): string[] {
  const at = name.lastIndexOf('/');
  return at < 0 ? [name] : [name, ...withAncestors(name.slice(0, at).replace(/\[\d+\]$/, ''))];
}
