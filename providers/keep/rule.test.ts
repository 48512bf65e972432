import { beforeEach, describe, expect, test } from '@jest/globals';
import { Keep } from './test-keep.ts';

let keep: Keep;
beforeEach(() => {
  keep = new Keep();
});

const MINUTE_MS = 60_000;

/** A rule over rows, as a query of metrics gives them. */
const rule = (rows: object[], keys = '') => `steps:
  - name: metrics
    provider: { type: mock, with: { output: ${JSON.stringify(rows)} } }
actions:
  - name: raise
    provider:
      type: keep
      with:
${keys.replace(/^(?=.)/gm, '        ')}
        alert:
          name: "queue of {{ metric.queue }}"
          severity: '{{ value.1 }} > 0.9 ? "critical" : {{ value.1 }} > 0.7 ? "warning" : "info"'
          labels: { queue: "{{ metric.queue }}", team: mail }
`;
const row = (queue: string, value: string) => ({ metric: { queue }, value: [1700000000, value] });
const one = (alert: string, more = '') =>
  `actions:\n  - name: raise\n    provider: { type: keep, with: { ${more} alert: { ${alert} } } }`;

describe('an alert', () => {
  test('is made of what the step writes, and is this workflow’s', async () => {
    const [alert] = await keep.results(one('name: Backup is late, description: since yesterday, labels: { env: prod }'));
    expect(alert).toMatchObject({
      ...{ name: 'Backup is late', description: 'since yesterday', labels: { env: 'prod' }, status: 'firing', severity: 'info' },
      ...{ source: ['keep'], providerType: 'keep', providerId: 'watch', workflowId: 'watch', pushed: true, firingCounter: 1 },
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(Date.parse(String(alert?.lastReceived))).toBeGreaterThan(Date.now() - MINUTE_MS);
    expect(keep.statuses()).toEqual({ 'Backup is late': 'firing' });
  });

  test('is the same one in the next run', async () => {
    const [first] = await keep.results(one('name: late, labels: { env: prod }'));
    const [second] = await keep.results(one('name: still late, labels: { env: prod }'));
    expect(second).toMatchObject({ fingerprint: first?.fingerprint, firingCounter: 2 });
    expect(keep.statuses()).toEqual({ 'still late': 'firing' });
  });

  test('of another workflow with the same labels is another one', async () => {
    await keep.results(one('name: a, labels: { env: prod }'));
    await keep.results(one('name: b, labels: { env: prod }'), {}, 'other');
    expect(keep.statuses()).toEqual({ a: 'firing', b: 'firing' });
  });

  test('without a name is refused', async () => {
    const { error } = await keep.run(one('severity: high'));
    expect(error).toMatchObject({ code: 'invalid_params', message: expect.stringContaining('no `name`') });
  });

  test('takes its fingerprint and source from the step', async () => {
    const [alert] = await keep.results(one('name: a', 'fingerprint: "db-{{ run.workflow }}", override_source_with: mysql,'));
    expect(alert).toMatchObject({ fingerprint: 'db-watch', source: ['mysql'] });
  });

  test('of one run leaves that of another run alone, where there is no list', async () => {
    const body = `triggers: [{ type: alert }]\n${one('name: "about {{ alert.name }}", labels: { of: "{{ alert.name }}" }')}`;
    for (const name of ['disk', 'cpu']) await keep.results(body, { alert: { name, fingerprint: name } });
    expect(keep.statuses()).toEqual({ 'about disk': 'firing', 'about cpu': 'firing' });
  });
});

describe('a list of the step before', () => {
  test('gives an alert for each item that fulfils the condition', async () => {
    const alerts = await keep.results(
      rule([row('in', '0.95'), row('out', '0.02'), row('dead', '0.8')], 'if: "{{ value.1 }} > 0.1"'),
    );
    expect(alerts.map(({ name, severity }) => [name, severity])).toEqual([
      ['queue of in', 'critical'],
      ['queue of dead', 'warning'],
    ]);
  });

  test('resolves what no item matches any more, and fires again', async () => {
    const condition = 'if: "{{ value.1 }} > 0.1"';
    await keep.results(rule([row('in', '0.95'), row('out', '0.5')], condition));
    const changed = await keep.results(rule([row('in', '0.01'), row('out', '0.5')], condition));
    expect(changed.map(({ name, status }) => [name, status])).toEqual([
      ['queue of in', 'resolved'],
      ['queue of out', 'firing'],
    ]);
    expect(await keep.results(rule([], condition))).toMatchObject([{ name: 'queue of out', status: 'resolved' }]);
    expect(await keep.results(rule([], condition))).toEqual([]);
    await keep.results(rule([row('in', '0.95')], condition));
    expect(keep.statuses()).toEqual({ 'queue of in': 'firing', 'queue of out': 'resolved' });
  });

  test('resolves nothing when it only reads', async () => {
    await keep.results(rule([row('in', '0.95')], 'read_only: true'));
    expect(await keep.results(rule([], 'read_only: true'))).toEqual([]);
    expect(keep.statuses()).toEqual({ 'queue of in': 'firing' });
  });

  test('leaves alerts of other steps, other workflows and other senders alone', async () => {
    keep.receive({ fingerprint: 'x', name: 'foreign', status: 'firing', providerId: 'watch', providerType: 'grafana' });
    await keep.results(rule([row('in', '0.95')]).replace('name: raise', 'name: raise-too'));
    await keep.results(rule([row('in', '0.95')]).replace('queue of', 'other'), {}, 'other');
    await keep.results(rule([]));
    expect(keep.statuses()).toEqual({ foreign: 'firing', 'queue of in': 'firing', 'other in': 'firing' });
  });

  test('lends an alert the fields that it does not set, but not what says which alert it is and how it stands', async () => {
    const body = `steps:
  - name: rows
    provider:
      type: mock
      with:
        output:
          - { id: 7, message: down, host: db1, fingerprint: taken, status: resolved, labels: { a: b }, providerId: me, source: [x] }
actions:
  - name: raise
    provider:
      type: keep
      with: { override_source_with: mysql, fingerprint_fields: [id], alert: { name: "{{ message }}", message: mine } }`;
    const [alert] = await keep.results(body);
    expect(alert).toMatchObject({
      name: 'down',
      message: 'mine',
      host: 'db1',
      status: 'firing',
      source: ['mysql'],
      providerId: 'watch',
    });
    expect(alert).not.toHaveProperty('labels');
    expect(alert?.fingerprint).not.toBe('taken');
  });

  test('with the same fingerprint for several items makes one alert, and says so', async () => {
    const { logs } = await keep.run(rule([row('in', '1'), row('in', '2')]));
    expect(logs).toEqual([expect.stringContaining('warning: 2 items share 1 fingerprint')]);
    expect(Object.keys(keep.statuses())).toHaveLength(1);
  });

  test('fails where no field of the fingerprint is there', async () => {
    const { error } = await keep.run(rule([row('in', '1')], 'fingerprint_fields: [labels.job, host]'));
    expect(error).toMatchObject({ code: 'invalid_params', message: expect.stringContaining('`labels.job`, `host`') });
    expect(keep.statuses()).toEqual({});
  });

  test('fails as a whole where one alert cannot be made', async () => {
    const { run, error } = await keep.run(rule([row('in', '1'), { metric: {}, value: [0, '1'] } as object]));
    expect({ status: run.status, code: error?.code }).toEqual({ status: 'failed', code: 'missing_value' });
    expect(keep.statuses()).toEqual({});
  });

  test('is not rendered again: what an item says is text', async () => {
    const body = `triggers: [{ type: alert }]\n${rule([], 'items: "{{ alert.rows }}"')}`;
    const rows = [row('{{ secrets.KEY }} ? keep.len(1) : 2', '1')];
    const [alert] = await keep.results(body, { alert: { rows }, environment: { KEY: 'hidden' } });
    expect(alert).toMatchObject({ name: 'queue of {{ secrets.KEY }} ? keep.len(1) : 2' });
  });

  test('reads a missing field as null in a condition', async () => {
    const rows = [{ ...row('in', '1'), muted: true }, row('out', '1')];
    const alerts = await keep.results(rule(rows, 'if: "{{ muted }} == null"'));
    expect(alerts).toMatchObject([{ name: 'queue of out' }]);
  });
});

describe('a condition that has to hold for a while', () => {
  const held = (rows: object[]) => rule(rows, 'if: "{{ value.1 }} > 0.1"\nfor: 10m');
  const [high, low] = [[row('in', '0.95')], [row('in', '0.01')]];

  test('is pending first, and fires when the time is over', async () => {
    const [first] = await keep.results(held(high));
    expect(first).toMatchObject({ status: 'pending' });
    const [second] = await keep.results(held(high));
    expect(second).toMatchObject({ status: 'pending', activeAt: first?.activeAt });
    keep.age('queue of in', 11 * MINUTE_MS);
    expect(await keep.results(held([row('in', '0.75')]))).toMatchObject([{ status: 'firing', severity: 'warning' }]);
    expect(await keep.results(held(high))).toMatchObject([{ status: 'firing', severity: 'critical' }]);
  });

  test('that ends before is resolved, and its time begins anew', async () => {
    await keep.results(held(high));
    keep.age('queue of in', 11 * MINUTE_MS);
    expect(await keep.results(held(low))).toMatchObject([{ status: 'resolved' }]);
    expect(await keep.results(held(low))).toEqual([]);
    expect(await keep.results(held(high))).toMatchObject([{ status: 'pending' }]);
    expect(await keep.results(held(high))).toMatchObject([{ status: 'pending' }]);
  });

  test('leaves an alert that a person has acknowledged as it is', async () => {
    const [alert] = await keep.results(held(high));
    keep.with((store) => store.enrich(String(alert?.fingerprint), { status: 'acknowledged' }, { atMs: Date.now() }));
    expect(await keep.results(held(high))).toEqual([]);
    expect(await keep.results(held(low))).toEqual([]);
    expect(keep.statuses()).toEqual({ 'queue of in': 'acknowledged' });
  });

  test('that is over is not resolved where the step only reads', async () => {
    await keep.results(held(high));
    expect(await keep.results(held(low).replace('for: 10m', 'for: 10m\n        read_only: true'))).toEqual([]);
    expect(keep.statuses()).toEqual({ 'queue of in': 'pending' });
  });

  test('of no time at all fires at once', async () => {
    expect(await keep.results(rule(high, 'for: 0s'))).toMatchObject([{ status: 'firing' }]);
  });
});

describe('under foreach', () => {
  const each = (rows: object[], keys: string) =>
    rule(rows, keys).replace('  - name: raise', '  - name: raise\n    foreach: "{{ steps.metrics.results }}"');

  test('each item is the one that the alert is of, and none resolves another’s', async () => {
    const condition = 'if: "{{ value.1 }} > 0.1"';
    await keep.results(each([row('in', '1'), row('out', '1')], condition));
    expect(keep.statuses()).toEqual({ 'queue of in': 'firing', 'queue of out': 'firing' });
    await keep.results(each([row('in', '1'), row('out', '0')], condition));
    expect(keep.statuses()).toEqual({ 'queue of in': 'firing', 'queue of out': 'resolved' });
  });

  test('alerts that a query found are enriched', async () => {
    const old = new Date(Date.now() - 2 * 60 * MINUTE_MS).toISOString();
    keep.receive(
      { fingerprint: 'a', name: 'stale', status: 'firing', lastReceived: old },
      { fingerprint: 'b', name: 'fresh', status: 'firing' },
    );
    const report = await keep.run(`steps:
  - name: firing
    provider: { type: keep, with: { version: 2, filter: "status == 'firing'" } }
actions:
  - name: resolve
    foreach: "{{ steps.firing.results }}"
    if: "{{ foreach.value.lastReceived }} < '${new Date(Date.now() - 60 * MINUTE_MS).toISOString()}'"
    provider:
      type: keep
      with: { enrich_alert: [{ key: status, value: resolved, disposable: true }] }`);
    expect(report.run.status).toBe('succeeded');
    expect(report.steps.resolve?.results).toMatchObject([null, { name: 'stale', status: 'firing' }]);
    expect(keep.statuses()).toEqual({ stale: 'resolved', fresh: 'firing' });
  });
});

test('items can be named, and none at all', async () => {
  const rows = JSON.stringify([row('in', '1')]);
  expect(await keep.results(rule([row('x', '1'), row('y', '1')], `items: ${rows}`))).toMatchObject([{ name: 'queue of in' }]);
  const single = rule([], 'items: null')
    .replace(/\{\{ .*? \}\} > .*$/m, "critical'")
    .replaceAll('{{ metric.queue }}', 'all');
  expect(await keep.results(single)).toMatchObject([{ name: 'queue of all' }]);
});
