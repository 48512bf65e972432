import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { cli, folderWith } from '../support/cli.ts';

const WORKFLOW = `workflow:
  id: compared
  inputs: [{ name: severity, default: low }, { name: text, default: same }]
  steps:
    - name: judge
      provider: { type: mock, with: { output: { severity: "{{ inputs.severity }}", text: "{{ inputs.text }}", run_id: "{{ run.id }}", seen_at: "keep.utcnowtimestamp()" } } }
    - name: page
      if: "inputs.severity == 'high'"
      provider: { type: mock, with: { output: ["paged for {{ run.id }}"] } }
  outputs: { verdict: "{{ steps.judge.results.severity }}" }
`;
const folder = folderWith({ 'w.yml': WORKFLOW });
const long = 'the same beginning of a long text that both runs have in common, and then ';

beforeAll(async () => {
  const run = (id: string, ...args: string[]) => cli(['run', 'w.yml', '--run-id', id, ...args], { folder });
  await run('low_1');
  await run('low_2');
  await run('high', '-i', 'severity=high');
  await run('long_1', '-i', `text=${long}one end`);
  await run('long_2', '-i', `text=${long}another\u001b[2J`);
  writeFileSync(join(folder, 'w.yml'), WORKFLOW.replace("== 'high'", "== 'highest'"));
  await run('edited');
});

const diff = (...args: string[]) => cli(['runs', 'diff', ...args], { folder });

describe('T25: runs diff', () => {
  test('what only ids and times tell apart is the same: exit code 0', async () => {
    const { code, stdout, stderr } = await diff('low_1', 'low_2');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('the same, but for ids and times');
  });

  test('inputs, statuses, results and outputs that differ are told with their places: exit code 1', async () => {
    const { code, stdout, stderr } = await diff('low_1', 'high');
    expect([code, stderr]).toEqual([1, '']);
    const lines = stdout.split('\n').filter((line) => /^[-+~]/.test(line));
    expect(lines).toEqual([
      '+ inputs.severity: "high"',
      '~ steps.judge.results.severity: "low" → "high"',
      '~ steps.page.status: "skipped" → "succeeded"',
      expect.stringContaining('~ steps.page.reason: "if: inputs.severity'),
      '~ steps.page.results: null → ["paged for high"]',
      '~ outputs.verdict: "low" → "high"',
    ]);
  });

  test('as a document', async () => {
    const { code, stdout } = await diff('low_1', 'hi', '--format', 'json');
    expect(code).toBe(1);
    const comparison = JSON.parse(stdout);
    expect(comparison).toMatchObject({ isSame: false, sources: null, before: { id: 'low_1' }, after: { id: 'high' } });
    expect(comparison.differences).toContainEqual({ path: 'outputs.verdict', before: 'low', after: 'high' });
    expect(comparison.differences).toContainEqual({ path: 'inputs.severity', after: 'high' });
  });

  test('of long texts the part that differs is shown, and nothing of it steers the terminal', async () => {
    const { stdout } = await diff('long_1', 'long_2');
    expect(stdout).toMatch(/~ steps\.judge\.results\.text\n {2}- ….*one end"\n {2}\+ ….*another\\u001b\[2J"/);
    expect(stdout).not.toContain('the same beginning');
  });

  test('a workflow that was edited in between is shown as lines', async () => {
    const { code, stdout } = await diff('low_1', 'edited');
    expect(code).toBe(1);
    expect(stdout).toContain('-      if: "inputs.severity == \'high\'"');
    expect(stdout).toContain('+      if: "inputs.severity == \'highest\'"');
  });

  test.each([[['low_1']], [['low_1', 'low_2', 'high']], [['low_1', 'nope']], [['low_', 'high']]])(
    '%j is bad usage',
    async (ids) => {
      expect(await diff(...ids)).toMatchObject({ code: 2, stdout: '' });
    },
  );
});
