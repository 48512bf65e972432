import { expect, test } from '@jest/globals';
import { lineOf, mistakes, step } from '../../test/language/support.ts';
import { Keep } from './test-keep.ts';

const written = (params: string) => mistakes(step(`provider:\n  type: keep\n  with: { ${params} }`));

test.each([
  ['a query of version 1', 'filters: [{ key: a, value: b }]'],
  ['a query of version 2', 'version: 2, filter: "status == \'firing\'"'],
  ['a query that does not say its version', 'filter: "labels.x > 1"'],
  ['a rule', 'if: "{{ value.1 }} > 1", for: 1m, alert: { name: "{{ metric.job }}" }'],
  ['an enrichment alone', 'enrich_alert: [{ key: a, value: b }]'],
])('%s is understood', async (_, params) => {
  expect((await written(params)).filter(({ severity }) => severity !== 'note').map(lineOf)).toEqual([]);
});

test.each([
  ['version: 1', 'a query of version 1 needs `filters`'],
  ['version: 2, filters: [{ key: a, value: b }]', '`filters` is of `version: 1`'],
  ['version: 1, filter: "a == 1"', '`filter` is of `version: 2`'],
  ['time_delta: 3', 'the query does not say which alerts'],
  ['read_only: true', 'there is neither an `alert` to make'],
  ['alert: text', '`alert` must be a map'],
  ['filter: "a == 1", alert: { name: x }', '`alert` does nothing in a query'],
  ['filter: "a ==", limit: 3', 'The expression ends'],
  ['filtr: "a == 1"', 'Did you mean `filter`'],
  ['alert: { name: "{{ steps.nope.results }}" }', 'there is no step `nope`'],
])('%s is a mistake: %s', async (params, said) => {
  const found = (await written(params)).filter(({ severity }) => severity !== 'note');
  expect(found).toMatchObject([{ severity: 'error' }]);
  expect(found.map((one) => `${one.message} ${one.hint}`).join()).toContain(said);
});

test.each([
  ['filters: [{ key: a, value: b }]', 'enrichments only'],
  ['filter: "a == 1", timerange: { from: "2026-11-01" }', 'number of days'],
  ['alert: { name: x }, for: 1m, read_only: true', 'in spite of `read_only`'],
  ['alert: { name: x }, fingerprint_fields: [id]', 'in the new alert only'],
])('%s is noted to mean something else in Keep', async (params, said) => {
  expect(await written(params)).toMatchObject([
    { severity: 'note', code: 'provider-note', message: expect.stringContaining(said) },
  ]);
});

test.each(['.*', 'a|b', 'r"web"'])('a filter that was meant as a pattern is told: %s', async (value) => {
  const found = (await written(`filters: [{ key: name, value: '${value}' }]`)).filter(({ severity }) => severity !== 'note');
  expect(found).toMatchObject([{ severity: 'warning', hint: expect.stringContaining('matches') }]);
});

test('a condition beside a query is only told', async () => {
  const found = await written('if: "1 == 1", for: 1s, filter: "status == \'open\'"');
  expect(found.map(({ severity, message }) => [severity, message])).toEqual([
    ['warning', '`if` does nothing in a query'],
    ['warning', '`for` does nothing in a query'],
  ]);
});

test('managing the workflows of a server is told before, and refused', async () => {
  const found = await written('workflow_to_update_yaml: "raw_render_without_execution({{ run.id }})"');
  expect(found).toMatchObject([{ severity: 'warning', hint: expect.stringContaining('git') }]);
  const { error } = await new Keep().run(
    'actions:\n  - { name: sync, provider: { type: keep, with: { workflow_full_sync: true } } }',
  );
  expect(error).toMatchObject({ code: 'unsupported', hint: expect.stringContaining('git') });
});
