import { describe, expect, test } from '@jest/globals';
import { emptyReport } from '../../src/engine/state.ts';
import { usageText } from '../../src/report/run-lines.ts';
import { events, failure, reportOf, runEnded, runStarted, START, stepEnded, stepStarted, triage } from '../report/support.ts';

const usage = (total: number, cost: number | null) =>
  ({
    type: 'usage',
    step: 'a',
    usage: { prompt_tokens: total, completion_tokens: 0, total_tokens: total, cost_usd: cost },
  }) as const;

describe('the report of a run', () => {
  test('holds the run, its steps in order of start, outputs, usage and error', () => {
    const report = reportOf(triage());

    expect(report.run).toEqual({
      id: 'run_1',
      workflow: 'alert-triage',
      status: 'failed',
      started_at: START,
      duration_ms: 4200,
      offline: false,
    });
    expect(Object.keys(report.steps)).toEqual(['triage', 'hosts', 'page', 'notify']);
    expect(report.steps.triage).toEqual({
      status: 'succeeded',
      results: { verdict: 'rollback' },
      error: null,
      attempts: 2,
      duration_ms: 1234,
    });
    expect(report.steps.hosts?.items?.[1]?.error?.code).toBe('timeout');
    expect(report.steps.page?.status).toBe('skipped');
    expect(report.outputs).toEqual({ verdict: 'rollback' });
    expect(report.error?.code).toBe('items_failed');
  });

  test('keeps the order of start when steps end in another', () => {
    const list = events(runStarted(), stepStarted('a'), stepStarted('b'), stepEnded('b'), stepEnded('a'), runEnded());

    expect(Object.keys(reportOf(list).steps)).toEqual(['a', 'b']);
  });

  test('of no events is a run cut short that cost nothing', () => {
    expect(emptyReport()).toMatchObject({ run: { status: 'cancelled' }, steps: {}, usage: { total_tokens: 0, cost_usd: 0 } });
  });

  test('sums usage without float noise', () => {
    expect(reportOf(events(runStarted(), usage(3, 0.1), usage(4, 0.2), runEnded())).usage).toEqual({
      prompt_tokens: 7,
      completion_tokens: 0,
      total_tokens: 7,
      cost_usd: 0.3,
    });
  });

  test('has no cost once one price is unknown, whatever came before or after', () => {
    const list = events(runStarted(), usage(3, 0.1), usage(4, null), usage(5, 0.2), runEnded());

    expect(reportOf(list).usage).toMatchObject({ total_tokens: 12, cost_usd: null });
  });

  test('has no number of tokens once one answer told none, whatever came before or after', () => {
    const unknown = { prompt_tokens: null, completion_tokens: null, total_tokens: null, cost_usd: null };
    const list = events(runStarted(), usage(3, 0.1), { ...usage(4, 0.1), usage: unknown }, usage(5, 0.2), runEnded());

    expect(reportOf(list).usage).toEqual(unknown);
    expect(usageText(reportOf(list))).toBe('tokens unknown  cost unknown');
  });

  test('fails the steps that a cancelled run left unfinished, with their items so far', () => {
    const { steps } = reportOf(
      events(
        runStarted(['a', 'b', 'never']),
        stepStarted('a'),
        { type: 'attempt-failed', step: 'a', attempt: 1, error: failure('timeout', 'late'), delay_ms: 0 },
        stepStarted('b'),
        { type: 'item-ended', step: 'b', item: 1, status: 'succeeded', results: 'up', error: null, duration_ms: 5 },
        runEnded({ status: 'cancelled' }),
      ),
    );

    expect(steps.a).toEqual({
      status: 'failed',
      results: null,
      error: failure('cancelled', 'Step `a` was stopped before it ended.'),
      attempts: 2,
      duration_ms: 400,
    });
    expect(steps.b?.results).toEqual([null, 'up']);
    expect(steps.b?.items?.map((item) => item.error?.code)).toEqual(['cancelled', undefined]);
    expect(Object.keys(steps)).toEqual(['a', 'b']);
  });

  test('leaves out the step that a waiting run waits in', () => {
    const list = events(runStarted(), stepStarted('a'), stepEnded('a'), stepStarted('ask'), runEnded({ status: 'waiting' }));

    expect(Object.keys(reportOf(list).steps)).toEqual(['a']);
  });

  test('of a run that was interrupted and went on has the first start and the last end', () => {
    const report = reportOf(
      events(
        runStarted(),
        stepStarted('a'),
        stepEnded('a'),
        stepStarted('ask'),
        runEnded({ status: 'waiting' }),
        runStarted(),
        stepStarted('ask'),
        stepEnded('ask', { results: 'approved' }),
        runEnded(),
      ),
    );

    expect(report.run).toMatchObject({ status: 'succeeded', started_at: START });
    expect(Object.entries(report.steps).map(([name, step]) => [name, step.results])).toEqual([
      ['a', null],
      ['ask', 'approved'],
    ]);
  });

  test('takes a step named like a prototype key for a step', () => {
    const list = events(runStarted(), stepStarted('__proto__'), stepStarted('constructor'), runEnded({ status: 'cancelled' }));

    expect(Object.keys(reportOf(list).steps)).toEqual(['__proto__', 'constructor']);
  });

  test('of 10,000 steps and items takes no quadratic work', () => {
    const many = Array.from({ length: 10_000 }, (_, index) => index);
    const list = events(
      runStarted(),
      ...many.flatMap((index) => [stepStarted(`s${index}`), stepEnded(`s${index}`)]),
      ...many.map(
        (item) =>
          ({ type: 'item-ended', step: 'each', item, status: 'succeeded', results: item, error: null, duration_ms: 1 }) as const,
      ),
      runEnded({ status: 'cancelled' }),
    );
    const startedAt = performance.now();

    expect(reportOf(list).steps.each?.items).toHaveLength(10_000);
    expect(performance.now() - startedAt).toBeLessThan(1000);
  });
});
