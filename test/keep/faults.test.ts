import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type Diagnostic, type JsonObject, loadWorkflow, openRegistry, type RunReport, runWorkflow } from '../../src/index.ts';
import { folderWith } from '../support/cli.ts';

/** What goes wrong in Keep without a word: each is right here, or an error that says so. */

const registry = openRegistry();
const file = (text: string) => join(folderWith({ 'w.yml': text }), 'w.yml');

async function run(text: string, alert: JsonObject = {}, environment: Record<string, string> = {}): Promise<RunReport> {
  const { plan, diagnostics } = await loadWorkflow(file(text), registry);
  if (!plan) throw new Error(JSON.stringify(diagnostics));
  return runWorkflow(plan, { registry, environment, alert });
}

const mistakes = async (text: string): Promise<Diagnostic[]> => (await loadWorkflow(file(text), registry)).diagnostics;

const action = (lines: string, parameters = 'x: 1') =>
  `workflow:\n  id: w\n  actions:\n    - name: a\n${lines === '' ? '' : `      ${lines}\n`}      provider: { type: mock, with: { ${parameters} } }\n`;

const runsIf = async (condition: string, alert: JsonObject) =>
  (await run(action(`if: ${JSON.stringify(condition)}`), alert)).steps.a?.status;

const NASTY = [
  "it's",
  'say "hi"',
  'two\nlines',
  'escalate\n',
  "critical' == 'critical' or '1",
  '{{ secrets.TOKEN }}',
  "keep.uppercase('pwn')",
  '{{ alert.name }}',
  '{% if x %}',
  'a :) b',
  '\\',
  '🚨 ünïcode',
  '}}',
];

describe('text of an alert', () => {
  test.each(NASTY)('%j is compared as it is', async (text) => {
    expect(await runsIf("{{ alert.message }} == 'quiet'", { message: text })).toBe('skipped');
    expect(await runsIf("'{{ alert.message }}' != 'quiet'", { message: text })).toBe('succeeded');
    expect(await runsIf('alert.message == alert.copy', { message: text, copy: text })).toBe('succeeded');
  });

  test.each(NASTY)('%j goes into parameters, constants and vars as it is, and is never rendered again', async (text) => {
    const report = await run(
      action(
        'vars: { v: "<{{ alert.message }}>" }',
        'output: ["{{ alert.message }}", "{{ vars.v }}", "{{ consts.c }}", "x {{ consts.c }}"]',
      ).replace('  actions:', '  consts: { c: "({{ alert.message }})" }\n  actions:'),
      { message: text },
      { TOKEN: 'hunter22' },
    );
    expect(report.steps.a?.results).toEqual([text, `<${text}>`, `(${text})`, `x (${text})`]);
  });

  test.each(NASTY)('%j in a function is an argument, and nothing else', async (text) => {
    const report = await run(
      action('', `output: "keep.join(['{{ alert.message }}', 'b'], '-') keep.dictget('{{ alert.d }}', 'k', 'none')"`),
      { message: text, d: { k: text } },
    );
    expect(report.steps.a?.results).toBe(`${text}-b ${text}`);
  });

  test.each(NASTY)('%j that a step gave is data, too', async (text) => {
    const steps = `workflow:\n  id: w\n  steps:\n    - name: ask\n      provider: { type: mock, with: { output: { verdict: "{{ alert.message }}" } } }\n    - name: use\n      if: "'{{ steps.ask.results.verdict }}' == alert.message"\n      provider: { type: mock, with: { output: "{{ steps.ask.results.verdict }}" } }\n`;
    expect((await run(steps, { message: text })).steps.use).toMatchObject({ status: 'succeeded', results: text });
  });
});

describe('conditions', () => {
  test.each([
    ['{{ alert.n }} == 70', { n: 70 }],
    ['{{ alert.n }} == 70', { n: '70' }],
    ["{{ alert.n }} == '70'", { n: 70 }],
    ["{{ alert.severity == 'critical' }}", { severity: 'critical' }],
    ["'grafana' in {{ alert.source }}", { source: ['grafana'] }],
    ['{{ alert.ratio }} > 0.5', { ratio: 0.75 }],
    ["{{ alert.source }} == 'grafana'", { source: ['grafana'] }],
    ["'{{ alert.ticket_id }}' == ''", {}],
    ["'{{ alert.ticket_id }}' == ''", { ticket_id: null }],
    ["{{ alert.is_backup }} == 'True'", { is_backup: true }],
    ["{{ alert.is_backup }} == 'False'", { is_backup: false }],
    ['{{ alert.n }} && {{ alert.severity }} == "high"', { n: 5, severity: 'high' }],
    ['{{ alert.n }} and {{ alert.severity }} == "high"', { n: 5, severity: 'high' }],
  ])('%s holds for %j', async (condition, alert) => {
    expect(await runsIf(condition, alert)).toBe('succeeded');
  });

  test.each([
    ["'{{ alert.ticket_id }}' != ''", {}],
    ["'{{ alert.ticket_id }}' != ''", { ticket_id: null }],
    ["{{ alert.is_backup }} == 'False'", { is_backup: true }],
    ["{{ alert.source }} == 'grafana'", { source: ['zabbix'] }],
  ])('%s does not hold for %j', async (condition, alert) => {
    expect(await runsIf(condition, alert)).toBe('skipped');
  });

  test('values that are never equal are an error, not a skipped step', async () => {
    const { steps, run: ended } = await run(action('if: "{{ alert.source }} == 5"'), { source: ['grafana'] });
    expect(ended.status).toBe('failed');
    expect(steps.a?.error).toMatchObject({ code: 'expression_failed', hint: expect.stringContaining('x in list') });
  });

  test('a name that does not exist, and a malformed condition, are found before anything runs', async () => {
    expect(await mistakes(action('if: aler.severity == 1'))).toMatchObject([
      { code: 'unknown-root', hint: 'Did you mean `alert`?' },
    ]);
    expect(await mistakes(action('if: "{{ alert.x }} =="'))).toMatchObject([{ code: 'expression' }]);
  });
});

describe('values', () => {
  test('numbers with a point, nulls, booleans, lists and maps reach a step as what they are', async () => {
    const step = action(
      '',
      'output: { f: 0.2, n: null, b: false, l: [1, null], m: { key: a, value: b }, r: "{{ alert.r }}" }',
    ).replace('actions', 'steps');
    const expected = { f: 0.2, n: null, b: false, l: [1, null], m: { key: 'a', value: 'b' }, r: { x: [1.5] } };
    expect((await run(step, { r: { x: [1.5] } })).steps.a?.results).toEqual(expected);
  });

  test('a map in text is JSON, and a missing field is an error that names the nearest one', async () => {
    expect((await run(action('', 'output: "got {{ alert.d }}"'), { d: { a: 1, c: null } })).steps.a?.results).toBe(
      'got {"a":1,"c":null}',
    );
    const { error } = await run(action('', 'output: "{{ alert.serverity }}"'), { severity: 'high' });
    expect(error).toMatchObject({ code: 'missing_value', hint: 'Did you mean `alert.severity`?' });
  });
});

describe('failures', () => {
  test('an item that fails fails the step, and what the others gave is kept', async () => {
    const text = action(
      'foreach: "{{ alert.hosts }}"\n      on-error: stop\n      concurrency: 3',
      'output: "{{ foreach.value.name }}"',
    );
    const report = await run(text, { hosts: [{ name: 'a' }, {}, { name: 'c' }] });
    expect(report.run.status).toBe('failed');
    expect(report.steps.a).toMatchObject({ status: 'failed', results: ['a', null, 'c'], error: { code: 'items_failed' } });
    expect(report.steps.a?.items?.[1]).toMatchObject({ status: 'failed', error: { code: 'missing_value' } });
  });

  test('a failed run keeps what its steps gave', async () => {
    const text = `workflow:\n  id: w\n  steps:\n    - name: paid\n      provider: { type: mock, with: { output: answer } }\n    - name: broken\n      provider: { type: mock, with: { output: "{{ alert.nope }}" } }\n  outputs: { answer: "{{ steps.paid.results }}" }\n`;
    const report = await run(text);
    expect(report).toMatchObject({ run: { status: 'failed' }, outputs: { answer: 'answer' } });
    expect(report.steps.paid?.results).toBe('answer');
  });

  test.each([
    ['iff: alert.x', 'unknown-key', 'Did you mean `if`?'],
    ['retries: 3', 'unknown-key', 'Did you mean `retry`?'],
    ['enrich_alert: []', 'unknown-key', '`enrich_alert` belongs into `with:` of the provider.'],
  ])('a key that Keep passes over is an error: %s', async (line, code, hint) => {
    expect(await mistakes(action(line))).toMatchObject([{ code, hint }]);
  });

  test('triggers that never fire are errors', async () => {
    const text = (trigger: string) => action('').replace('  actions:', `  triggers: [${trigger}]\n  actions:`);
    expect(await mistakes(text('{ type: interval, value: 5x }'))).toHaveLength(1);
    expect(await mistakes(text('{ type: incident, "on": [create] }'))).toMatchObject([
      { code: 'unknown-key', hint: expect.stringContaining('events') },
    ]);
    expect(await mistakes(text('{ type: alert, cel: "severity = 1" }'))).toMatchObject([{ code: 'expression' }]);
    expect(await mistakes(text('{ type: alert, filters: [{ key: name, value: r"(" }] }'))).toHaveLength(1);
  });
});
