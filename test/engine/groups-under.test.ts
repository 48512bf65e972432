import { describe, expect, test } from '@jest/globals';
import { ThreadlineError } from '../../src/index.ts';
import { failOn, group, untilStopped } from './groups-support.ts';
import { probe, run, signpost, statuses } from './support.ts';

describe('foreach around a group', () => {
  test('items do not see the steps of each other, and steps around them are seen by all', async () => {
    const gate = signpost();
    const ran = await run(
      `steps:
${probe('before', '', { output: 'b' })}
${group(
  'g',
  ['foreach: [x, y]', 'concurrency: 2'],
  probe('a', '', { output: '{{ foreach.value }}' }),
  probe('b', '', { output: '{{ steps.before.results }} {{ foreach.value }} {{ steps.a.results }}' }),
)}`,
      {
        async probe({ output }) {
          if (output === 'x') await gate.reached;
          if (output === 'b y y') gate.reach();
          return output ?? null;
        },
      },
    );
    expect(ran.report.steps.g?.results).toEqual([
      { a: 'x', b: 'b x x' },
      { a: 'y', b: 'b y y' },
    ]);
    expect(ran.calls.map((call) => call.step)).toEqual(['before', 'g[0]/a', 'g[1]/a', 'g[1]/b', 'g[0]/b']);
  });

  test('an item that fails keeps its partial results, fails the step, and starts no further item', async () => {
    const ran = await run(
      `steps:\n${group('g', ['foreach: [x, y, z]'], probe('a', '', { output: 1 }), probe('b', '', { step: '{{ foreach.value }}' }))}\n${probe('after')}`,
      { probe: failOn('y') },
    );
    expect(ran.report.run.status).toBe('failed');
    expect(ran.report.steps.g?.error?.message).toBe('Item 1 of 3 failed: Step `b` failed: no y');
    expect(ran.report.steps.g?.results).toEqual([{ a: 1, b: 'x' }, { a: 1, b: null }, null]);
    expect(statuses(ran)).toMatchObject({ 'g[1]/b': 'failed', after: 'skipped' });
    expect(Object.keys(ran.report.steps)).not.toContain('g[2]/a');
  });

  test('with concurrency, items under way end, and every error is kept', async () => {
    const ran = await run(
      `steps:\n${group('g', ['foreach: [v, w, x, y, z]', 'concurrency: 2', 'on-error: continue'], probe('b', '', { step: '{{ foreach.value }}' }))}`,
      { probe: failOn('w', 'z') },
    );
    expect(ran.report.run.status).toBe('succeeded');
    expect(ran.report.steps.g?.items?.map((item) => item.error?.message ?? null)).toEqual([
      null,
      'Step `b` failed: no w',
      null,
      null,
      'Step `b` failed: no z',
    ]);
  });

  test('loops nest, and the inner one is read where it stands', async () => {
    const ran = await run(
      `steps:
${group(
  'rows',
  ['foreach: [[1, 2], [3]]'],
  probe('cells', 'foreach: "{{ foreach.value }}"', { output: '{{ foreach.value }}' }),
  probe('sum', '', { output: ['{{ foreach.index }}', '{{ steps.cells.results }}'] }),
)}`,
    );
    expect(ran.report.steps.rows?.results).toEqual([
      { cells: [1, 2], sum: [0, [1, 2]] },
      { cells: [3], sum: [1, [3]] },
    ]);
    expect(ran.calls.map((call) => call.step)).toEqual([
      'rows[0]/cells',
      'rows[0]/cells',
      'rows[0]/sum',
      'rows[1]/cells',
      'rows[1]/sum',
    ]);
    expect(ran.calls.map((call) => call.key.replace(/^\w+\//, ''))).toEqual([
      'rows[0]/cells[0]',
      'rows[0]/cells[1]',
      'rows[0]/sum',
      'rows[1]/cells[0]',
      'rows[1]/sum',
    ]);
  });
});

describe('retry around a group', () => {
  const twice = (...steps: string[]) => group('g', ['retry: { attempts: 2, delay: 0, on: [any] }'], ...steps);

  test('runs all of its steps again, each call at a path of its own', async () => {
    let tries = 0;
    const ran = await run(`steps:\n${twice(probe('a'), probe('b'))}`, {
      runId: 'r',
      probe({ step }) {
        if (step === 'b' && tries++ === 0) throw new ThreadlineError('rate_limit', 'wait');
        return tries;
      },
    });
    expect(ran.report.steps.g).toMatchObject({ status: 'succeeded', attempts: 2, results: { a: 1, b: 2 } });
    expect(ran.calls.map((call) => call.key)).toEqual(['r/g/a', 'r/g/b', 'r/g.try-2/a', 'r/g.try-2/b']);
    expect(Object.keys(ran.report.steps)).toEqual(['g', 'g/a', 'g/b']);
  });

  test('nothing of an earlier try is left: a step that does not run this time reads as skipped', async () => {
    let tries = 0;
    const ran = await run(
      `steps:
- name: g
  retry: { attempts: 2, delay: 0, on: [any] }
  steps:
    ${probe('which', '', { step: 'which' })}
    - name: s
      switch: "{{ steps.which.results }}"
      cases: { "1": [${probe('one').slice(2)}], "2": [${probe('two').slice(2)}] }
${probe('after', '', { output: ['{{ steps.one.status }}', '{{ steps.two.status }}', '{{ steps.s.results }}'] })}`,
      {
        probe({ step, output }) {
          if (step === 'which') return ++tries;
          if (step === 'one') throw new ThreadlineError('server_error', 'again');
          return output ?? step ?? null;
        },
      },
    );
    expect(ran.report.steps.after?.results).toEqual(['skipped', 'succeeded', { one: null, two: 'two' }]);
  });

  test('a mistake that does not pass is not tried again', async () => {
    const ran = await run(`steps:\n${group('g', ['retry: { attempts: 5, delay: 0 }'], probe('a'))}`, {
      probe: () => {
        throw new ThreadlineError('bad_request', 'no');
      },
    });
    expect(ran.calls).toHaveLength(1);
  });
});

describe('timeout and cancellation', () => {
  test('of a group stop the step that runs, and the rest does not start', async () => {
    const ran = await run(
      `steps:\n${group('g', ['timeout: 0.02', 'continue-on-error: true'], probe('a'), probe('b'))}\n${probe('c')}`,
      {
        probe: (params, context) => (params.step === 'a' ? untilStopped(params, context) : (params.step ?? null)),
      },
    );
    expect(ran.calls.map((call) => call.step)).toEqual(['g/a', 'c']);
    expect(ran.report.steps.g?.error).toMatchObject({ code: 'timeout' });
  });

  test('a timeout fails the group even where the step that it stopped is tolerated', async () => {
    const ran = await run(`steps:\n${group('g', ['timeout: 0.02'], probe('a', 'continue-on-error: true'), probe('b'))}`, {
      probe: untilStopped,
    });
    expect(ran.calls.map((call) => call.step)).toEqual(['g/a']);
    expect(ran.report.steps.g).toMatchObject({ status: 'failed', error: { code: 'timeout' } });
    expect(ran.report.run.status).toBe('failed');
  });

  test('the timeout counts for each item and each try', async () => {
    let calls = 0;
    const ran = await run(
      `steps:\n${group('g', ['foreach: [x, y]', 'timeout: 0.02', 'retry: { attempts: 2, delay: 0 }', 'on-error: continue'], probe('a'))}`,
      { probe: (params, context) => (++calls % 2 === 1 ? untilStopped(params, context) : 'done') },
    );
    expect(ran.report.steps.g).toMatchObject({ status: 'succeeded', attempts: 2, results: [{ a: 'done' }, { a: 'done' }] });
  });

  test('Ctrl-C reaches a step deep inside; on-failure and finally run, and say that the run was cancelled', async () => {
    const controller = new AbortController();
    const ran = await run(
      `steps:
${group('g', ['foreach: [1, 2]', 'concurrency: 2'], group('h', [], probe('a'), probe('b')))}
${probe('c')}
on-failure: { provider: { type: probe, with: { output: "{{ run.status }} {{ run.error.code }}" } } }
finally:
${probe('clean', '', { output: '{{ steps.c.status }} {{ run.status }}' })}`,
      {
        signal: controller.signal,
        probe(params, context) {
          if (params.output) return params.output;
          setImmediate(() => controller.abort(new ThreadlineError('cancelled', 'The run was cancelled.')));
          return untilStopped(params, context);
        },
      },
    );
    expect(ran.report.run.status).toBe('cancelled');
    expect(ran.report.steps['on-failure']?.results).toBe('cancelled cancelled');
    expect(ran.report.steps.clean?.results).toBe('skipped cancelled');
    expect(ran.calls.map((call) => call.step)).toEqual(['g[0]/h/a', 'g[1]/h/a', 'on-failure', 'clean']);
    expect(ran.report.steps['g[0]/h/a']?.error?.code).toBe('cancelled');
  });

  test('the timeout of the workflow stops a retry that waits, and finally runs', async () => {
    const ran = await run(
      `timeout: 0.05\nsteps:\n${group('g', ['retry: { attempts: 9, delay: 60s, on: [any] }'], probe('a'))}\nfinally:\n${probe('clean')}`,
      { probe: failOn('a') },
    );
    expect(ran.calls.map((call) => call.step)).toEqual(['g/a', 'clean']);
    expect(ran.report.error?.code).toBe('timeout');
  });
});
