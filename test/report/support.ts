import { emptyReport, reduce } from '../../src/engine/state.ts';
import type { RunEvent, RunReport } from '../../src/plan/event.ts';
import { createReporter, type ReporterStreams, type ReportFormat } from '../../src/report/index.ts';

type WithoutTime<Event> = Event extends RunEvent ? Omit<Event, 'at'> : never;

export const START = '2026-03-01T10:00:00.000Z';

/** Events a tenth of a second apart. */
export const events = (...list: WithoutTime<RunEvent>[]): RunEvent[] =>
  list.map((event, index) => ({ ...event, at: new Date(Date.parse(START) + index * 100).toISOString() }) as RunEvent);

export const reportOf = (list: RunEvent[]): RunReport => list.reduce((report, event) => reduce(report, event), emptyReport());

export const runStarted = (steps: string[] = [], offline = false) =>
  ({ type: 'run-started', run_id: 'run_1', workflow: 'alert-triage', file: 'workflows/triage.yml', offline, steps }) as const;

export const stepStarted = (step: string, provider = 'http') => ({ type: 'step-started', step, provider }) as const;

type StepEnded = Extract<WithoutTime<RunEvent>, { type: 'step-ended' }>;

export const stepEnded = (step: string, more: Partial<StepEnded> = {}): StepEnded => ({
  type: 'step-ended',
  step,
  status: more.error ? 'failed' : 'succeeded',
  results: null,
  error: null,
  tolerated: false,
  reason: null,
  attempts: 1,
  duration_ms: 1234,
  ...more,
});

export const runEnded = (more: Partial<Extract<WithoutTime<RunEvent>, { type: 'run-ended' }>> = {}) =>
  ({ type: 'run-ended', run_id: 'run_1', status: 'succeeded', outputs: {}, error: null, duration_ms: 4200, ...more }) as const;

export const text = (step: string, delta: string, item?: number) =>
  ({ type: 'text-delta', step, text: delta, ...(item === undefined ? {} : { item }) }) as const;

export const log = (step: string, level: 'debug' | 'info' | 'warning' | 'error', message: string) =>
  ({ type: 'log', step, level, message }) as const;

export const failure = (code: string, message: string, hint: string | null = null) => ({ code, message, hint });

export class Capture {
  text = '';
  columns = 60;

  write(text: string): void {
    this.text += text;
  }
}

/** What the reporter writes when it is given these events and the report that they make. */
export function show(format: ReportFormat, list: RunEvent[], options: Partial<ReporterStreams> = {}) {
  const stdout = new Capture();
  const stderr = new Capture();
  const reporter = createReporter(format, { stdout, stderr, color: false, verbosity: 0, live: false, ...options });
  for (const event of list) reporter.onEvent(event);
  reporter.end?.(reportOf(list));
  return { stdout: stdout.text, stderr: stderr.text };
}

/** A run with everything in it: stream, tools, retry, foreach with failures, skip. */
export const triage = (offline = false): RunEvent[] =>
  events(
    runStarted(['triage', 'hosts', 'page', 'notify'], offline),
    stepStarted('triage', 'openaiassistant'),
    { type: 'progress', step: 'triage', message: 'thread created' },
    {
      type: 'attempt-failed',
      step: 'triage',
      attempt: 1,
      error: failure('rate_limit', 'The server wants fewer requests.'),
      delay_ms: 2000,
    },
    { type: 'tool-started', step: 'triage', call_id: 'c1', tool: 'recent_deploys', arguments: { service: 'api' } },
    {
      type: 'tool-ended',
      step: 'triage',
      call_id: 'c1',
      tool: 'recent_deploys',
      output: ['9f2c1e7'],
      error: null,
      duration_ms: 12,
    },
    text('triage', 'The API fails '),
    text('triage', 'since the deploy.\nRoll '),
    text('triage', 'it back.'),
    {
      type: 'usage',
      step: 'triage',
      usage: { prompt_tokens: 1000, completion_tokens: 234, total_tokens: 1234, cost_usd: 0.0123 },
    },
    stepEnded('triage', { attempts: 2, results: { verdict: 'rollback' } }),
    stepStarted('hosts'),
    { type: 'item-ended', step: 'hosts', item: 0, status: 'succeeded', results: 'up', error: null, duration_ms: 100 },
    {
      type: 'item-ended',
      step: 'hosts',
      item: 1,
      status: 'failed',
      results: null,
      error: failure('timeout', 'web-2 did not answer.'),
      duration_ms: 500,
    },
    stepEnded('hosts', {
      error: failure('items_failed', '1 of 2 items of step `hosts` failed.', 'Allow it with `on-error: continue`.'),
      results: ['up', null],
      items: [
        { status: 'succeeded', results: 'up', error: null },
        { status: 'failed', results: null, error: failure('timeout', 'web-2 did not answer.') },
      ],
      duration_ms: 600,
    }),
    stepEnded('page', { status: 'skipped', reason: 'severity is low', attempts: 0, duration_ms: 0 }),
    stepStarted('notify', 'console'),
    log('notify', 'warning', 'Two hosts\nare down'),
    stepEnded('notify', { duration_ms: 3 }),
    runEnded({
      status: 'failed',
      outputs: { verdict: 'rollback' },
      error: failure(
        'items_failed',
        'Step `hosts` failed: 1 of 2 items of step `hosts` failed.',
        'Allow it with `on-error: continue`.',
      ),
    }),
  );
