import { describe, expect, test } from '@jest/globals';
import { ThreadlineError } from '../../src/index.ts';
import { type Probe, probe, run, signpost, statuses } from './support.ts';

const each = (list: string, more = '', output = '{{ foreach.value }}') =>
  `steps:\n${probe('s', `foreach: ${list}${more}`, { output })}`;

const failOn =
  (...values: unknown[]): Probe =>
  ({ output }) => {
    if (values.includes(output)) throw new ThreadlineError('bad_request', `no ${output}`);
    return output;
  };

describe('foreach', () => {
  test('gives a result for each item, in the order of the list', async () => {
    const { report } = await run(
      each('"{{ alert.list }}"', '', '{{ foreach.index }} of {{ length foreach.items }}: {{ foreach.value.n }}'),
      { alert: { list: [{ n: 'a' }, { n: 'b' }] } },
    );
    expect(report.steps.s?.results).toEqual(['0 of 2: a', '1 of 2: b']);
    expect(report.steps.s?.items?.map((item) => item.status)).toEqual(['succeeded', 'succeeded']);
  });

  test('of a map gives key and value', async () => {
    const { report } = await run(each('"{{ alert.labels }}"', '', '{{ foreach.value.key }}={{ foreach.value.value }}'), {
      alert: { labels: { app: 'web', tier: 1 } },
    });
    expect(report.steps.s?.results).toEqual(['app=web', 'tier=1']);
  });

  test('of a list in the file', async () => {
    expect((await run(each('[1, "{{ alert.x }}"]'), { alert: { x: [2] } })).report.steps.s?.results).toEqual([1, [2]]);
  });

  test('of an empty list succeeds with an empty list', async () => {
    const { report } = await run(each('"{{ alert.list }}"'), { alert: { list: [] } });
    expect(report.steps.s).toMatchObject({ status: 'succeeded', results: [], items: [] });
  });

  test.each<[string | number, string]>([
    ['a,b', 'text'],
    [5, 'a number'],
  ])('of %j fails and says that it got %s', async (list, got) => {
    const { report } = await run(each('"{{ alert.list }}"'), { alert: { list } });
    expect(report.steps.s).toMatchObject({
      status: 'failed',
      error: { code: 'expression_failed', message: `\`foreach\` needs a list and got ${got}.` },
    });
  });

  test('of null, which a skipped step gives, is skipped and says so', async () => {
    const { report } = await run(each('"{{ alert.list }}"'), { alert: { list: null } });
    expect(report.steps.s).toMatchObject({ status: 'skipped', results: null, error: null });
  });

  test('items that come out of order keep their place', async () => {
    const first = signpost();
    const { report, events } = await run(each('[a, b, c]', ', concurrency: 3'), {
      async probe({ output }) {
        if (output === 'a') await first.reached;
        if (output === 'c') setImmediate(first.reach);
        return output;
      },
    });
    expect(report.steps.s?.results).toEqual(['a', 'b', 'c']);
    expect(events.flatMap((event) => (event.type === 'item-ended' ? [event.item] : []))).toEqual([1, 2, 0]);
  });

  test.each([1, 2, 5])('runs %i at the same time, and no more', async (concurrency) => {
    let now = 0;
    let most = 0;
    const full = signpost();
    await run(each('[1,2,3,4,5,6,7,8,9,10]', `, concurrency: ${concurrency}`), {
      async probe() {
        most = Math.max(most, ++now);
        if (now === concurrency) full.reach();
        await full.reached;
        await new Promise(setImmediate);
        now--;
        return null;
      },
    });
    expect(most).toBe(concurrency);
  });

  test('on-error: stop starts no further item, keeps what there is, and fails the step', async () => {
    const { report, calls } = await run(each('[a, b, c, d]'), { probe: failOn('b') });
    expect(calls).toHaveLength(2);
    expect(report.steps.s).toMatchObject({
      status: 'failed',
      error: { code: 'items_failed', message: 'Item 1 of 4 failed: no b', details: { failed: 1, items: 4 } },
      results: ['a', null, null, null],
    });
    expect(report.steps.s?.items?.map((item) => item.status)).toEqual(['succeeded', 'failed', 'skipped', 'skipped']);
  });

  test('on-error: continue runs them all, keeps every error, and the step succeeds', async () => {
    const { report } = await run(each('[a, b, c]', ', on-error: continue'), { probe: failOn('a', 'c') });
    expect(report.run.status).toBe('succeeded');
    expect(report.steps.s?.items).toEqual([
      { status: 'failed', results: null, error: { code: 'bad_request', message: 'no a', hint: null } },
      { status: 'succeeded', results: 'b', error: null },
      { status: 'failed', results: null, error: { code: 'bad_request', message: 'no c', hint: null } },
    ]);
  });

  test('if is asked for each item', async () => {
    const { report } = await run(each('[1, 2, 3]', ', if: "foreach.value != 2"'));
    expect(report.steps.s?.items?.map((item) => item.status)).toEqual(['succeeded', 'skipped', 'succeeded']);
    const none = await run(each('[1, 2]', ', if: "foreach.value > 2"'));
    expect(statuses(none)).toEqual({ s: 'skipped' });
  });

  test("a template that fails for one item is that item's failure", async () => {
    const { report } = await run(each('"{{ alert.list }}"', ', on-error: continue', '{{ foreach.value.name }}'), {
      alert: { list: [{ name: 'a' }, {}] },
    });
    expect(report.steps.s?.items?.map((item) => item.error?.code ?? null)).toEqual([null, 'missing_value']);
  });

  test('each item has a key of its own, the same for each of its tries', async () => {
    let tries = 0;
    const { calls, report } = await run(each('[a, b]', ', retry: { attempts: 3, delay: 0, on: [any] }'), {
      runId: 'run_1',
      probe({ output }) {
        if (output === 'b' && ++tries < 3) throw new ThreadlineError('server_error', 'again');
        return output;
      },
    });
    expect(calls.map((call) => call.key)).toEqual(['run_1/s[0]', 'run_1/s[1]', 'run_1/s[1]', 'run_1/s[1]']);
    expect(report.steps.s).toMatchObject({ status: 'succeeded', attempts: 3 });
  });

  test('10,000 items are no trouble', async () => {
    const list = Array.from({ length: 10_000 }, (_, index) => index);
    const { report } = await run(each('"{{ alert.list }}"', ', concurrency: 100'), { alert: { list } });
    expect(report.steps.s?.results).toEqual(list);
  });
});
