import { expect, test } from '@jest/globals';
import { cli } from '../support/cli.ts';

/** Providers of somebody's own, which do what providers should not. */
const provider = (body: string) =>
  `import { Closed, defineProvider } from 'threadline/provider';
export default defineProvider({ description: 'x', config: Closed({}), params: Closed({}), async run() { ${body} } });
`;

const files = (body: string) => ({
  'threadline.config.yml': 'providers: [./mine]\n',
  'mine/odd/index.mjs': provider(body),
  'w.yml': `workflow:
  id: w
  steps: [{ name: a, provider: { type: odd } }]
  on-failure: { provider: { type: console, with: { message: "HANDLED {{ run.error.message }}" } } }
`,
});

test('what a provider prints does not reach stdout', async () => {
  const { stdout, stderr, code } = await cli(['run', 'w.yml', '--format', 'json'], {
    files: files("console.log('noise'); return 1;"),
  });
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ run: { status: 'succeeded' } });
  expect(stderr).toContain('noise');
});

test('an exception that a provider lets escape fails the run, with its handler and its report', async () => {
  const body =
    "setImmediate(() => { throw new Error('escaped'); }); await new Promise((resolve) => setTimeout(resolve, 50)); return 1;";
  const { stdout, code } = await cli(['run', 'w.yml', '--format', 'json'], { files: files(body) });
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({
    run: { status: 'failed' },
    steps: { 'on-failure': { results: expect.stringContaining('HANDLED') } },
    error: { code: 'step_failed', message: expect.stringContaining('escaped') },
  });
});

test('a folder without a whole provider says what it lacks', async () => {
  const { stderr, code } = await cli(['run', 'w.yml'], {
    files: { ...files(''), 'mine/odd/index.mjs': 'export default { description: "x", run() {} };\n' },
  });
  expect(code).toBe(3);
  expect(stderr).toContain('it has no config, params');
});

test("a mistake in the emulator's rules is said before a step has done anything", async () => {
  const all = { ...files("console.log('did something'); return 1;"), 'w.rules.yml': 'rules: [{ text: a, json: {} }]\n' };
  const { stderr, code } = await cli(['run', 'w.yml', '--offline'], { files: all });
  expect(code).toBe(3);
  expect(stderr).toContain('rules[0]');
  expect(stderr).not.toContain('did something');
});

const ITEMS = `workflow:
  id: items
  steps:
    - { name: x, foreach: [1, 2], on-error: continue, provider: { type: mock, with: { error: { message: "boom {{ foreach.value }}" } } } }
`;

test('items that may fail are shown as failed in every report, and count as failures in none', async () => {
  const { folder, code } = await cli(['run', 'w.yml', '-o', 'r.md', '-o', 'r.xml'], { files: { 'w.yml': ITEMS } });
  expect(code).toBe(0);
  const { readFileSync } = await import('node:fs');
  const markdown = readFileSync(`${folder}/r.md`, 'utf8');
  expect(markdown).toContain('2 of 2 items failed');
  expect(markdown).toContain('boom 2');
  const junit = readFileSync(`${folder}/r.xml`, 'utf8');
  expect(junit).toContain('failures="0"');
  expect(junit).toContain('boom 2');
});

test('an incident for a workflow of alerts is remarked on', async () => {
  const workflow =
    'workflow:\n  id: w\n  triggers: [{ type: alert }]\n  steps: [{ name: a, provider: { type: mock, with: { output: 1 } } }]\n';
  const { stderr, code } = await cli(['run', 'w.yml', '--incident', 'i.json'], { files: { 'w.yml': workflow, 'i.json': '{}' } });
  expect(code).toBe(0);
  expect(stderr).toContain('warning: the workflow has no incident trigger');
});
