import { expect, test } from '@jest/globals';
import { cli, startCli } from '../support/cli.ts';

const STEPS = 'steps: [{ name: a, provider: { type: mock, with: { n: 1 } } }]';
const files = { 'all.yml': `workflows:\n  - { id: one, ${STEPS} }\n  - { id: two, ${STEPS} }\n` };

test('a file of several workflows does not run by itself, and says why', async () => {
  const { code, stdout, stderr } = await cli(['run', 'all.yml'], { files });
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain('Choose with `--workflow ID`: one, two.');
});

test('a file of several workflows is found in a folder, and validated', async () => {
  const { code, stdout, stderr } = await cli(['validate', '.'], { files: { ...files, 'alerts.yml': 'alerts: [{ name: x }]\n' } });
  expect(code).toBe(0);
  expect(stdout + stderr).toContain('1 workflow');
});

const KEEP = `workflow:\n  id: t\n  steps: [{ name: a, provider: { type: mock, with: { ratio: 0.5 } } }]\n`;

test('what Keep does otherwise is said with -v only', async () => {
  const quiet = await cli(['validate', 'w.yml'], { files: { 'w.yml': KEEP } });
  expect([quiet.code, quiet.stdout + quiet.stderr]).toEqual([0, expect.not.stringContaining('Keep does not hand')]);
  const told = await cli(['validate', '-v', 'w.yml'], { files: { 'w.yml': KEEP } });
  expect([told.code, told.stdout + told.stderr]).toEqual([
    0,
    expect.stringContaining('Keep does not hand `ratio` to the provider'),
  ]);
});

test('Ctrl-C reaches the steps of a workflow that is called; on-failure and finally run', async () => {
  const running = startCli(['run', 'w.yml', '--format', 'jsonl'], {
    files: {
      'w.yml': `workflow:
  id: t
  steps:
    - name: g
      foreach: [1]
      steps:
        - { name: c, provider: { type: workflow, with: { file: child.yml } } }
  on-failure: { provider: { type: mock, with: { output: "{{ run.status }}" } } }
  finally: [{ name: clean, provider: { type: mock, with: { output: done } } }]
`,
      'child.yml': 'workflow: { id: child, steps: [{ name: slow, provider: { type: mock, with: { delay: 60s } } }] }',
    },
  });
  await running.says('"g[0]/c/slow"');
  running.kill('SIGINT');
  const { code, stdout } = await running.ended;
  const events = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; step?: string; results?: unknown });
  const ended = events.filter(({ type }) => type === 'step-ended').map(({ step, results }) => [step, results]);
  expect(code).toBe(130);
  expect(ended).toEqual([
    ['g[0]/c/slow', null],
    ['g[0]/c', null],
    ['g', [{ c: null }]],
    ['on-failure', 'cancelled'],
    ['clean', 'done'],
  ]);
});
