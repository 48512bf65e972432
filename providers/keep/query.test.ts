import { beforeEach, describe, expect, test } from '@jest/globals';
import { Keep } from './test-keep.ts';

let keep: Keep;
beforeEach(() => {
  keep = new Keep();
});

const HOUR_MS = 3_600_000;
const query = (params: string) => `steps:\n  - name: found\n    provider: { type: keep, with: { ${params} } }`;
const names = async (params: string) => (await keep.results(query(params))).map(({ name }) => name);

describe('filters', () => {
  beforeEach(() =>
    keep.receive(
      { fingerprint: 'a', name: 'disk', status: 'firing', source: ['prometheus'], labels: { team: 'db', 'app.kind': 'x' }, n: 5 },
      { fingerprint: 'b', name: 'cpu', status: 'firing', source: ['grafana'], labels: { team: 'web' }, ticket: 'T-1' },
      { fingerprint: 'c', name: 'net', status: 'resolved', source: ['grafana'], labels: { team: 'web' } },
    ),
  );

  test.each([
    ['a field', '{ key: status, value: firing }', ['cpu', 'disk']],
    ['all of several', '{ key: status, value: firing }, { key: labels.team, value: web }', ['cpu']],
    ['a list that holds it', '{ key: source, value: grafana }', ['net', 'cpu']],
    ['a number as its text', '{ key: n, value: "5" }', ['disk']],
    ['a key with dots in it', '{ key: labels.app.kind, value: x }', ['disk']],
    ['true for a field that is there', '{ key: ticket, value: true }', ['cpu']],
    ['nothing for a field that nobody has', '{ key: toString, value: true }', []],
    ['nothing of a prototype', '{ key: constructor.name, value: Object }', []],
  ])('take %s', async (_, filters, wanted) => {
    expect(await names(`version: 1, filters: [${filters}]`)).toEqual(wanted);
  });

  test('see what an alert was enriched with', async () => {
    keep.with((store) => store.enrich('a', { ticket_type: 'servicenow' }, { atMs: Date.now() }));
    const found = await keep.results(query('filters: [{ key: ticket_type, value: servicenow }]'));
    expect(found).toMatchObject([{ name: 'disk', ticket_type: 'servicenow' }]);
  });

  test('with distinct: false give every event, the latest as it stands', async () => {
    keep.receive({ fingerprint: 'a', name: 'disk', status: 'resolved' });
    keep.with((store) => store.enrich('a', { note: 'mine' }, { atMs: Date.now() }));
    const found = await keep.results(query('filters: [{ key: name, value: disk }], distinct: false'));
    expect(found.map(({ status, note }) => [status, note])).toEqual([
      ['resolved', 'mine'],
      ['firing', undefined],
    ]);
  });
});

describe('a filter', () => {
  test('reads the fields of the alert by their names, and leaves out an alert that lacks one', async () => {
    keep.receive(
      { fingerprint: 'a', name: 'disk', severity: 'critical', labels: { team: 'db' } },
      { fingerprint: 'b', name: 'cpu', severity: 'info' },
    );
    expect(await names(`version: 2, filter: "severity > 'warning'"`)).toEqual(['disk']);
    expect(await names(`version: 2, filter: "labels.team == 'db'"`)).toEqual(['disk']);
    expect(await names(`filter: "labels == null"`)).toEqual(['cpu']);
    expect(await names(`filter: "ticket.state == null && name.startsWith('c')"`)).toEqual(['cpu']);
  });

  test('reads what the workflow has as well', async () => {
    keep.receive({ fingerprint: 'a', name: 'disk', id: '7' }, { fingerprint: 'b', name: 'cpu', id: '8' });
    const body = `steps:
  - name: each
    foreach: ["8", "9"]
    provider: { type: keep, with: { version: 2, filter: 'id=="{{ foreach.value }}"' } }`;
    const [first, second] = (await keep.results(body)) as unknown as [object[], object[]];
    expect(first).toMatchObject([{ name: 'cpu' }]);
    expect(second).toEqual([]);
  });

  test('on a field that some alerts lack leaves those out', async () => {
    keep.receive({ fingerprint: 'a', name: 'disk', errors: 12 }, { fingerprint: 'b', name: 'cpu' });
    expect(await names('filter: "errors > 10"')).toEqual(['disk']);
    expect(await names('filter: "errors != 3"')).toEqual(['disk']);
    expect(await names('filter: "errors > 10 || name == \'cpu\'"')).toEqual(['cpu', 'disk']);
  });

  test('that cannot be computed fails the step', async () => {
    keep.receive({ fingerprint: 'a', name: 'disk', errors: 'many' });
    for (const filter of ['errors > 10', 'name == {{ steps.rows.results.nope }}', 'name == alert.source && errors < 3']) {
      const rows = '  - { name: rows, provider: { type: mock, with: { output: {} } } }';
      const body = `triggers: [{ type: alert }]\nsteps:\n${rows}\n  - { name: found, provider: { type: keep, with: { filter: ${JSON.stringify(filter)} } } }`;
      const { run, steps } = await keep.run(body, { alert: { fingerprint: 'c', source: 'disk' } });
      expect([filter, run.status, steps.found?.status]).toEqual([filter, 'failed', 'failed']);
    }
  });

  test('asks a value the same, whether a sign or a word joins it', async () => {
    keep.receive({ fingerprint: 'a', name: 'disk', ticket: 'T-1' }, { fingerprint: 'b', name: 'cpu', ticket: '' });
    for (const join of ['&&', 'and']) expect(await names(`filter: "ticket ${join} name != 'x'"`)).toEqual(['disk']);
    expect(await names(`filter: "'{{ run.id }}' && not ticket"`)).toEqual(['cpu']);
  });

  test('is never what an alert says', async () => {
    keep.receive({ fingerprint: 'a', name: "' || true || '", id: 'x' });
    expect(await names(`filter: "name == 'x'"`)).toEqual([]);
    const body = `triggers: [{ type: alert }]\n${query(`filter: 'id == "{{ alert.id }}"'`)}`;
    expect(await keep.results(body, { alert: { id: '1" || "1" == "1', fingerprint: 'b' } })).toEqual([]);
  });

  test('gives the newest 100, or as many as it is told', async () => {
    keep.receive(
      ...Array.from({ length: 120 }, (_, index) => ({ fingerprint: `f${index}`, name: `n${index}`, status: 'firing' })),
    );
    expect(await names(`filter: "status == 'firing'"`)).toHaveLength(100);
    expect(await names(`filter: "status == 'firing'", limit: 2`)).toEqual(['n119', 'n118']);
    expect(await names('filters: [{ key: status, value: firing }]')).toHaveLength(120);
  });
});

test('a query is of the last day, of so many days, or of a time that is written', async () => {
  keep.with((store) => {
    const now = Date.now();
    for (const [name, hours] of Object.entries({ new: 1, old: 30, ancient: 24 * 40 }))
      store.receive({ fingerprint: name, name, status: 'firing' }, now - hours * HOUR_MS);
  });
  const at = (hours: number) => new Date(Date.now() - hours * HOUR_MS).toISOString();
  const all = 'filters: [{ key: status, value: firing }]';
  expect(await names(all)).toEqual(['new']);
  expect(await names(`${all}, time_delta: 2`)).toEqual(['old', 'new']);
  expect(await names(`${all}, time_delta: 0`)).toEqual(['ancient', 'old', 'new']);
  expect(await names(`${all}, timerange: { from: "${at(48)}", to: "${at(24)}" }`)).toEqual(['old']);
  expect(await names(`${all}, timerange: { from: "${at(48)}", to: now }`)).toEqual(['old', 'new']);
  const asHttp = (hours: number) => new Date(Date.now() - hours * HOUR_MS).toUTCString();
  expect(await names(`${all}, timerange: { from: "${asHttp(48)}", to: "${asHttp(24)}" }`)).toEqual(['old']);
  for (const from of ['yesterday', '2027-02-30']) {
    const { error } = await keep.run(query(`${all}, timerange: { from: ${from} }`));
    const message = expect.stringContaining(`\`timerange.from\` is not a valid time: ${from}.`);
    expect(error).toMatchObject({ code: 'invalid_params', message, hint: expect.stringContaining('2026-01-31T09:00:00Z') });
  }
});
