import type { CallReport, ItemReport, RunEvent, RunReport, StepReport, WaitReport } from '../plan/event.ts';
import { addUsage, noUsage } from '../plan/usage.ts';
import type { ErrorReport } from '../shared/errors/errors.ts';

type EventOf<Type extends RunEvent['type']> = Extract<RunEvent, { type: Type }>;

/** Data of a started step that the report does not contain. */
interface StartedStep {
  readonly startedAt: string;
  readonly items: Map<number, ItemReport>;
  failedAttempts: number;
}

/** Steps of each report in starting order; weak, so that they are freed with the report. */
const startedSteps = new WeakMap<RunReport, Map<string, StartedStep>>();

/** The report before the first event. A run without an end event counts as `cancelled`. */
export function emptyReport(): RunReport {
  return {
    run: { id: '', workflow: '', status: 'cancelled', started_at: '', duration_ms: 0, offline: false },
    // Without a prototype, a step named __proto__ is a step like any other.
    steps: Object.create(null),
    outputs: {},
    usage: noUsage(),
    error: null,
  };
}

/**
 * Adds an event in constant time by changing the given report, which is also returned. All times come from events, so equal
 * events give an equal report.
 *
 * A step enters the report when it ends. A step that has not ended when the run ends is reported as failed with `cancelled`;
 * in a waiting run it stays out of the report, like steps that never started.
 */
export function reduce(report: RunReport, event: RunEvent): RunReport {
  switch (event.type) {
    case 'run-started':
      startRun(report, event);
      break;
    case 'step-started':
      startStep(report, event);
      break;
    case 'attempt-failed':
      if (event.item === undefined) startedStepOf(report, event).failedAttempts++;
      break;
    case 'enriched':
      report.enrichments ??= [];
      report.enrichments.push(withoutHead(event));
      break;
    case 'item-ended':
      endWaits(report, (wait) => wait.step === event.step && wait.item === event.item);
      startedStepOf(report, event).items.set(event.item, { status: event.status, results: event.results, error: event.error });
      break;
    case 'step-ended':
      startedStepOf(report, event);
      endWaits(report, (wait) => wait.step === event.step);
      report.steps[event.step] = endStep(event);
      break;
    case 'provider-called':
      report.calls ??= [];
      report.calls.push(callOf(event));
      break;
    case 'wait-started':
      report.waits = [...(report.waits ?? []), withoutHead(event)];
      break;
    case 'wait-ended':
      endWaits(report, (wait) => wait.step === event.step && wait.item === event.item && wait.signal === event.signal);
      break;
    case 'usage':
      report.usage = addUsage(report.usage, event.usage);
      break;
    case 'run-ended':
      endRun(report, event);
      break;
  }
  return report;
}

function withoutHead<Event extends RunEvent>({ at: _, type: __, ...rest }: Event): Omit<Event, 'at' | 'type'> {
  return rest;
}

/** A resumed run emits a second start event; the first start time counts. */
function startRun({ run }: RunReport, event: EventOf<'run-started'>): void {
  run.id = event.run_id;
  run.workflow = event.workflow;
  run.offline = event.offline;
  run.started_at ||= event.at;
}

/** A resumed run starts the step again, so its earlier report no longer counts. */
function startStep(report: RunReport, { step, at }: EventOf<'step-started'>): void {
  delete report.steps[step];
  startedOf(report).set(step, startedStep(at));
}

/** A wait ends by an answer, at its time, or with its step. */
function endWaits(report: RunReport, isOver: (wait: WaitReport) => boolean): void {
  const left = report.waits?.filter((wait) => !isOver(wait)) ?? [];
  if (left.length > 0) report.waits = left;
  else delete report.waits;
}

function endRun(report: RunReport, event: EventOf<'run-ended'>): void {
  if (event.status !== 'waiting') delete report.waits;
  report.run.id = event.run_id;
  report.run.status = event.status;
  report.run.duration_ms = event.duration_ms;
  report.outputs = event.outputs;
  report.error = event.error;
  const steps: [string, StepReport][] = [];
  for (const [name, started] of startedOf(report)) {
    const known = Object.hasOwn(report.steps, name) ? report.steps[name] : undefined;
    const ended =
      known ??
      (event.status === 'waiting' || event.status === 'interrupted' ? undefined : cancelledStep(name, started, event.at));
    if (ended) steps.push([name, ended]);
  }
  report.steps = Object.fromEntries(steps);
}

function startedOf(report: RunReport): Map<string, StartedStep> {
  const known = startedSteps.get(report) ?? new Map<string, StartedStep>();
  startedSteps.set(report, known);
  return known;
}

/** Adds the step if it is missing: skipped steps end without having started. */
function startedStepOf(report: RunReport, { step, at }: { step: string; at: string }): StartedStep {
  const known = startedOf(report).get(step) ?? startedStep(at);
  startedOf(report).set(step, known);
  return known;
}

const startedStep = (startedAt: string): StartedStep => ({ startedAt, items: new Map(), failedAttempts: 0 });

function callOf({ type: _, at: __, step, tool, ...call }: EventOf<'provider-called'>): CallReport {
  return { step: tool === undefined ? step : `${step}/${tool}`, ...call };
}

function endStep({ status, results, error, attempts, duration_ms, items }: EventOf<'step-ended'>): StepReport {
  return { status, results, error, attempts, duration_ms, ...(items ? { items } : {}) };
}

function cancelledStep(name: string, step: StartedStep, endedAt: string): StepReport {
  const items = itemsSoFar(name, step.items);
  return {
    status: 'failed',
    results: items ? items.map((item) => item.results) : null,
    error: cancelled(`Step \`${name}\` was stopped before it ended.`),
    attempts: step.failedAttempts + 1,
    duration_ms: elapsedMs(step.startedAt, endedAt),
    ...(items ? { items } : {}),
  };
}

/** Items start in order, so an item that is missing before the last ended item was running. */
function itemsSoFar(step: string, items: Map<number, ItemReport>): ItemReport[] | undefined {
  if (items.size === 0) return undefined;
  const last = Array.from(items.keys()).reduce((highest, index) => Math.max(highest, index), 0);
  return Array.from({ length: last + 1 }, (_, index) => {
    const error = cancelled(`Item ${index} of step \`${step}\` was stopped before it ended.`);
    return items.get(index) ?? { status: 'failed', results: null, error };
  });
}

const cancelled = (message: string): ErrorReport => ({ code: 'cancelled', message, hint: null });

const elapsedMs = (from: string, to: string): number => Math.max(0, Date.parse(to) - Date.parse(from)) || 0;
