import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { openAlertStore } from '../../src/alerts/store/sqlite.ts';
import type { AlertStore } from '../../src/alerts/store/store.ts';
import { ThreadlineError } from '../../src/index.ts';
import { folderWith } from '../support/cli.ts';
import { probe, run } from './support.ts';

const newFile = () => join(folderWith({}), 'alerts.db');
const stores: AlertStore[] = [];
afterEach(() => {
  for (const store of stores.splice(0)) store.close();
});
const open = (file: string): AlertStore => {
  const store = openAlertStore(file);
  stores.push(store);
  return store;
};
const alert = { fingerprint: 'f1', name: 'disk', status: 'firing' };
const enriching = (fields: object[], params: object = {}, key = 'enrich_alert') => ({ ...params, [key]: fields }) as never;

describe('enrich_alert', () => {
  test('what cannot be computed before the provider is called fails before it is called', async () => {
    const fields = [{ key: 'team', value: '{{ alert.annotations.team }}' }];
    const ran = await run(`steps:\n${probe('a', '', enriching(fields))}`, { alert: { ...alert } });
    expect(ran.report.steps.a?.error).toMatchObject({
      code: 'missing_value',
      message: expect.stringMatching(/^`alert.annotations.team`/),
    });
    expect(ran.calls).toEqual([]);
  });

  test("writes the step's own results, templates and plain data; later steps and the store see them", async () => {
    const alertStore = newFile();
    const fields = [
      { key: 'ticket', value: 'results.id' },
      { key: 'first', value: 'results.list[0].x' },
      { key: 'about', value: '{{ alert.name }} {{ results.id }}' },
      { key: 'whole', value: 'results' },
      { key: 'ratio', value: 0.25 },
      { key: 'none', value: null },
      { key: 'text', value: 'resultsof' },
    ];
    const ran = await run(
      `steps:\n${probe('a', '', enriching(fields, { output: { id: 7, list: [{ x: "it's" }] } }))}\n${probe('b', '', { output: '{{ alert.ticket }} {{ alert.first }}' })}`,
      { alert: { ...alert }, alertStore },
    );
    const written = { ticket: 7, first: "it's", about: 'disk 7', ratio: 0.25, none: null, text: 'resultsof' };
    expect(ran.report.steps.b?.results).toBe("7 it's");
    expect(open(alertStore).get('f1', Date.now())).toMatchObject({ ...written, whole: { id: 7 } });
    expect(ran.events).toContainEqual(
      expect.objectContaining({
        type: 'enriched',
        step: 'a',
        target: 'alert',
        id: 'f1',
        fields: expect.objectContaining(written),
      }),
    );
    expect(ran.calls[0]?.params).toEqual({ output: { id: 7, list: [{ x: "it's" }] } });
  });

  test('of data that looks like a template writes the data', async () => {
    const evil = '{{ secrets.KEY }} keep.len(1)';
    const ran = await run(
      `steps:\n${probe('a', '', enriching([{ key: 'x', value: 'results.x' }]))}\n${probe('b', '', { output: '{{ alert.x }}' })}`,
      {
        alert: { ...alert },
        environment: { KEY: 'secret-value' },
        probe: ({ output }) => output ?? { x: evil },
      },
    );
    expect(ran.report.steps.b?.results).toBe(evil);
  });

  test('a value that is not there fails the step and keeps what it gave', async () => {
    const ran = await run(
      `steps:\n${probe('a', '', enriching([{ key: 'x', value: 'results.nope.x' }], { output: { id: 1 } }))}`,
      {
        alert: { ...alert },
      },
    );
    expect(ran.report.steps.a).toMatchObject({ status: 'failed', results: { id: 1 }, error: { code: 'missing_value' } });
  });

  test('a step that fails or is skipped writes nothing', async () => {
    const alertStore = newFile();
    const ran = await run(
      `actions:\n${probe('a', '', enriching([{ key: 'x', value: 1 }]))}\n${probe('b', 'if: false', enriching([{ key: 'y', value: 1 }]))}`,
      {
        alert: { ...alert },
        alertStore,
        probe: () => {
          throw new ThreadlineError('bad_request', 'no');
        },
      },
    );
    expect(ran.events.some(({ type }) => type === 'enriched')).toBe(false);
    expect(open(alertStore).get('f1', Date.now())).not.toHaveProperty('x');
  });

  test('without an alert fails and says so; with an incident, writes on that', async () => {
    const body = `steps:\n${probe('a', '', enriching([{ key: 'x', value: 1 }]))}`;
    const without = await run(body);
    expect(without.report.steps.a?.error).toMatchObject({
      code: 'missing_value',
      message: expect.stringMatching(/has done its work.*There is no alert to enrich: nothing here has a `fingerprint`/),
    });
    expect((await run(body, { alert: { name: 'no fingerprint' } })).report.run.status).toBe('failed');
    const alertStore = newFile();
    await run(body, { incident: { id: 5 }, alertStore });
    expect(open(alertStore).incidentEnrichments('5')).toEqual({ x: 1 });
  });

  test('under foreach writes on the alert that the item is, also inside of a group', async () => {
    const alertStore = newFile();
    const list = [{ fingerprint: 'a' }, { fingerprint: 'b' }, { name: 'no alert' }];
    const enrich = probe('e', '', enriching([{ key: 'n', value: '{{ foreach.index }}' }]));
    await run(`steps:\n- name: g\n  foreach: "{{ alert.list }}"\n  concurrency: 3\n  steps:\n    ${enrich}`, {
      alert: { ...alert, list },
      alertStore,
    });
    await run(`steps:\n${enrich.replace('name: e,', 'name: e, foreach: "{{ alert.list }} && {{ alert.list }}",')}`, {
      alert: { fingerprint: 'f2', list: list.slice(0, 1) },
      alertStore,
    });
    const audits = ['a', 'b', 'f1'].map((fingerprint) => open(alertStore).audit(fingerprint));
    expect(audits.map((audit) => audit.map(({ fields, by }) => ({ fields, by })))).toEqual([
      [
        { fields: { n: 0 }, by: 'test/e[0]' },
        { fields: { n: 0 }, by: 'test/g[0]/e' },
      ],
      [{ fields: { n: 1 }, by: 'test/g[1]/e' }],
      [{ fields: { n: 2 }, by: 'test/g[2]/e' }],
    ]);
  });

  test('disposable fields go with the next event, the others stay; audit_enabled: false leaves no trace', async () => {
    const alertStore = newFile();
    const fields = [
      { key: 'stays', value: 1 },
      { key: 'goes', value: 2, disposable: true },
    ];
    await run(`steps:\n${probe('a', '', { ...(enriching(fields) as object), audit_enabled: false } as never)}`, {
      alert: { ...alert },
      alertStore,
    });
    const store = open(alertStore);
    expect(store.get('f1', Date.now())).toMatchObject({ stays: 1, goes: 2 });
    expect(store.audit('f1')).toEqual([]);
    store.receive(alert, Date.now());
    expect(store.get('f1', Date.now())).toMatchObject({ stays: 1 });
    expect(store.get('f1', Date.now())).not.toHaveProperty('goes');
  });
});

test('enrich_incident writes on the incident, and without one fails', async () => {
  const body = `actions:\n${probe('a', '', enriching([{ key: 'tier', value: 1 }], {}, 'enrich_incident'))}\n${probe('b', 'if: "true"', { output: 1 })}`;
  const alertStore = newFile();
  await run(body, { incident: { id: 'i1' }, alertStore });
  expect(open(alertStore).incidentEnrichments('i1')).toEqual({ tier: 1 });
  expect((await run(body, { alert: { ...alert } })).report.steps.a?.error?.message).toBe('There is no incident to enrich.');
});

describe('a workflow that is called', () => {
  const child = (step: string) => ({ 'child.yml': `workflow: { id: child, steps: [${step.slice(2)}] }` });
  const body = `steps:
${probe('a', '', enriching([{ key: 'mine', value: 1, disposable: true }]))}
- { name: c, provider: { type: workflow, with: { file: child.yml } } }
${probe('d', '', enriching([{ key: 'late', value: 2 }]))}`;

  test('enriches in the store of its caller, and is no new event of the alert', async () => {
    const alertStore = newFile();
    const files = child(probe('x', '', enriching([{ key: 'seen', value: '{{ alert.mine }}' }])));
    const { report } = await run(body, { alert: { ...alert }, alertStore, files });
    expect(report.run.status).toBe('succeeded');
    const store = open(alertStore);
    expect(store.history('f1')).toHaveLength(1);
    expect(store.get('f1', Date.now())).toMatchObject({ mine: 1, seen: 1, late: 2 });
  });

  test('is throttled among the calls of one run', async () => {
    const files = child(probe('x', 'throttle: { type: one_until_resolved }'));
    const twice = `steps:\n- { name: c, foreach: [1, 2], provider: { type: workflow, with: { file: child.yml } } }`;
    const { calls } = await run(twice, { alert: { ...alert }, files });
    expect(calls).toHaveLength(1);
  });
});

describe('throttle: one_until_resolved', () => {
  const body = `actions:\n${probe('notify', 'throttle: { type: one_until_resolved }')}`;

  test('runs once for each alert, and again when it fires anew', async () => {
    const alertStore = newFile();
    const ask = async (fields: object) => (await run(body, { alert: { ...alert, ...fields } as never, alertStore })).calls.length;
    expect(await ask({})).toBe(1);
    expect(await ask({})).toBe(0);
    expect(await ask({ fingerprint: 'f2' })).toBe(1);
    await ask({ status: 'resolved' });
    expect(await ask({})).toBe(1);
    expect(await ask({})).toBe(0);
  });

  test('a run that failed does not count, and a skip says why', async () => {
    const alertStore = newFile();
    await run(body, {
      alert: { ...alert },
      alertStore,
      probe: () => {
        throw new ThreadlineError('server_error', 'no');
      },
    });
    expect((await run(body, { alert: { ...alert }, alertStore })).calls).toHaveLength(1);
    const { events } = await run(body, { alert: { ...alert }, alertStore });
    expect(events).toContainEqual(
      expect.objectContaining({ status: 'skipped', reason: 'throttle: it has run for this alert since the alert began to fire' }),
    );
  });

  test('without an alert it always runs', async () => {
    expect((await run(body)).calls).toHaveLength(1);
  });

  test('in a group that runs over alerts it is the alert that counts, wherever it stands in the list', async () => {
    const alertStore = newFile();
    const store = open(alertStore);
    for (const fingerprint of ['a', 'b']) store.receive({ fingerprint, status: 'firing' }, Date.now());
    const grouped = `steps:\n- name: g\n  foreach: "{{ alert.list }}"\n  steps:\n    ${probe('notify', 'throttle: { type: one_until_resolved }', { step: '{{ foreach.value.fingerprint }}' })}`;
    const ask = async (...names: string[]) => {
      const list = names.map((fingerprint) => ({ fingerprint }));
      return (await run(grouped, { alert: { ...alert, list }, alertStore })).calls.map(({ params }) => params.step);
    };
    expect(await ask('a', 'b')).toEqual(['a', 'b']);
    expect(await ask('b', 'a')).toEqual([]);
  });
});

describe('last_workflow_results', () => {
  const body = (fail = false) => `steps:
${probe('n', '', { previous: { key: '{{ last_workflow_results.n.0.count }}', default: 0 }, fail })}
- name: g
  steps:
    ${probe('inner', '', { previous: { key: '{{ last_workflow_results.inner.0.count }}', default: 10 } })}
    ${probe('each', 'foreach: [1, 2]', { previous: { key: '{{ last_workflow_results.each.1.count }}', default: 100 } })}`;
  const counted = async (alertStore: string, fail = false) => {
    const { report } = await run(body(fail), {
      alertStore,
      probe({ previous, fail: fails }) {
        if (fails) throw new ThreadlineError('server_error', 'no');
        return { count: Number(previous) + 1 };
      },
    });
    return ['n', 'g/inner', 'g/each'].map((name) => report.steps[name]?.results ?? null);
  };

  test('are of the last run that succeeded, by step, those in groups too', async () => {
    const alertStore = newFile();
    expect(await counted(alertStore)).toEqual([{ count: 1 }, { count: 11 }, [{ count: 101 }, { count: 101 }]]);
    expect(await counted(alertStore, true)).toEqual([null, null, null]);
    expect(await counted(alertStore)).toEqual([{ count: 2 }, { count: 12 }, [{ count: 102 }, { count: 102 }]]);
  });

  test('that are not there are an error that names them, not an empty text', async () => {
    const { report } = await run(`steps:\n${probe('n', '', { output: '{{ last_workflow_results.n.0 }}' })}`);
    expect(report.steps.n?.error?.code).toBe('missing_value');
  });
});
