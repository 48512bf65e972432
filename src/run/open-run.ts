import type { RunRequest } from '../engine/ports.ts';
import { emptyReport, reduce } from '../engine/state.ts';
import { eventsOfRun } from '../journal/events-of-run.ts';
import type { OwnedRun, RunRecord, RunStore, StoredRun } from '../journal/run-store.ts';
import type { RunEvent, RunReport } from '../plan/event.ts';
import { type Plan, withCalledPlans } from '../plan/plan.ts';
import { ThreadlineError } from '../shared/errors/errors.ts';
import type { Json, JsonObject } from '../shared/json/json.ts';
import type { Mask } from '../shared/text/mask.ts';
import type { EngineRunOptions } from './run-options.ts';
import { newRunId, startOf } from './run-start.ts';
import { changesBetween } from './source-changes.ts';

/** A new or resumed run, or the report of an ended one. */
export type OpenedRun = { start: RunRequest; owned: OwnedRun } | { report: RunReport };

/** Finds the run with this id in the store, or creates one. Throws if the run cannot start. */
export function openRun(plan: Plan, options: EngineRunOptions, store: RunStore, mask: Mask): OpenedRun {
  const known = options.runId === undefined ? undefined : store.get(options.runId);
  if (!known) return { ...newRun(plan, options, store, mask) };
  refuseOther(known, plan, options);
  if (known.endedAtMs !== null) return { report: reportOfRun(known, store) };
  refuseChanges(known, plan, store, options.allowChanged === true);
  const start = startOf(plan, { ...options, ...known.request }, mask, undefined);
  const owned = store.take(known.id, sourcesOf(plan));
  const whole = mask.unseal({ inputs: start.inputs, alert: start.alert ?? null, incident: start.incident ?? null }, known.seal);
  const { inputs, alert, incident } = whole as { inputs: JsonObject; alert: JsonObject | null; incident: JsonObject | null };
  const payload = { inputs, ...(alert ? { alert } : {}), ...(incident ? { incident } : {}) };
  return { start: { ...start, ...payload, startedAtMs: known.startedAtMs }, owned };
}

function newRun(plan: Plan, options: EngineRunOptions, store: RunStore, mask: Mask): { start: RunRequest; owned: OwnedRun } {
  const start = startOf(plan, { ...options, runId: options.runId ?? newRunId() }, mask, undefined);
  const seal = crypto.randomUUID();
  const { id, alert, incident, offline } = start;
  const record = { inputs: options.inputs ?? {}, ...(alert ? { alert } : {}), ...(incident ? { incident } : {}) };
  const request = mask.seal(record, seal) as unknown as RunRecord;
  const owned = store.create(
    { id, workflow: plan.id, file: plan.file, offline, request, seal, sources: sourcesOf(plan), rerunOf: options.rerunOf },
    Date.now(),
  );
  return { start: { ...start, startedAtMs: owned.run.startedAtMs }, owned };
}

/** The texts of a workflow and of those that it calls, and of the actions that they take over. */
const sourcesOf = (plan: Plan): Record<string, string> =>
  Object.assign({}, ...[...withCalledPlans(plan)].map(({ file, source, actions }) => ({ [file]: source, ...actions })));

/** The report of a run as the history has it. */
function reportOfRun(run: StoredRun, store: RunStore): RunReport {
  return eventsOfRun(run, store.entries(run.id)).reduce<RunReport>(
    (report, event: RunEvent) => reduce(report, event),
    emptyReport(),
  );
}

/** Refuses an id that belongs to a run of another workflow or with another payload. */
function refuseOther(known: StoredRun, plan: Plan, { inputs = {}, alert, incident }: EngineRunOptions): void {
  const other = (what: string) =>
    new ThreadlineError('invalid_usage', `Run \`${known.id}\` is known, and it was started with another ${what}.`, {
      hint: 'Give a run of its own an id of its own.',
    });
  if (known.workflow !== plan.id) throw other('workflow');
  const given = { inputs, alert, incident };
  for (const name of ['inputs', 'alert', 'incident'] as const) {
    const value = given[name] as Json | undefined;
    const isGiven = value !== undefined && Object.keys(value as object).length > 0;
    if (isGiven && !isSame(value, known.request[name], known.seal)) throw other(name === 'inputs' ? 'input' : name);
  }
}

/** Compares with the stored text, in which each masked secret matches any text. */
function isSame(given: Json, kept: unknown, seal: string): boolean {
  const [text, keptText] = [JSON.stringify(given), JSON.stringify(kept) ?? ''];
  const parts = keptText.split(new RegExp(`<${seal}:[^>]*>`));
  const pattern = parts.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.*');
  return parts.length === 1 ? text === keptText : new RegExp(`^${pattern}$`, 's').test(text);
}

function refuseChanges(known: StoredRun, plan: Plan, store: RunStore, isAllowed: boolean): void {
  const entries = store.entries(known.id);
  const changes = entries.length === 0 ? undefined : changesBetween(known.sources, sourcesOf(plan), plan.file, entries);
  if (!changes || (isAllowed && changes.isBehind)) return;
  const message = isAllowed
    ? `What run \`${known.id}\` has done already was edited since: it cannot go on.`
    : `The workflow was edited since run \`${known.id}\` began.`;
  throw new ThreadlineError('workflow_changed', `${message}\n${changes.diff}`, {
    hint: changes.isBehind
      ? '`--allow-changed` goes on with the new text: what has run is the same.'
      : 'Undo the edit, or start a new run.',
  });
}
