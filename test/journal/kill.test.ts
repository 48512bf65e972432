import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { openRunStore } from '../../src/journal/sqlite.ts';
import { folderWith } from '../support/cli.ts';

const RUNS = Number(process.env.KILL_RUNS ?? 60);
const KILLS = Number(process.env.KILL_TIMES ?? 8);

/** Each call writes a line with its idempotency key, so that calls can be counted. */
const PROVIDER = `import { appendFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
export default {
  description: 'Leaves a line.',
  config: { type: 'object', properties: {}, additionalProperties: false },
  params: { type: 'object', additionalProperties: true },
  async run({ folder, says }, { idempotencyKey }) {
    await setTimeout(Math.random() * 8);
    appendFileSync(folder + '/lines', idempotencyKey + '\\n');
    return { says, key: idempotencyKey };
  },
};
`;

const step = (name: string, says: string, more = '') =>
  `    - name: ${name}\n${more}      provider: { type: line, with: { folder: "{{ inputs.folder }}", says: "${says}" } }\n`;

const WORKFLOW = `workflow:
  id: killed
  inputs:
    - { name: folder, type: string, required: true }
  steps:
${step('first', 'a')}${step('second', '{{ steps.first.results.says }}b')}    - name: both
      parallel:
${step('left', 'l').replaceAll(/^/gm, '    ').trimEnd()}
${step('right', 'r').replaceAll(/^/gm, '    ').trimEnd()}
${step('each', '{{ steps.second.results.says }}{{ foreach.value }}', '      foreach: [1, 2, 3]\n      concurrency: 2\n')}${step('last', '{{ steps.each.results.2.says }}!')}  outputs:
    text: "{{ steps.last.results.says }}"
`;

/** The number of calls of a run. */
const CALLS = 8;

function start(folder: string): ChildProcess {
  const script = join(import.meta.dirname, 'many-runs.ts');
  const args = ['--disable-warning=ExperimentalWarning', '--conditions=threadline-source', script, folder, String(RUNS), '20'];
  return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], env: { PATH: process.env.PATH } });
}

const ended = (child: ChildProcess) => new Promise<number | null>((resolve) => child.once('exit', resolve));

function linesOf(folder: string): Map<string, number> {
  const counts = new Map<string, number>();
  // The first process may die before any call.
  const file = join(folder, 'lines');
  const lines = (existsSync(file) ? readFileSync(file, 'utf8') : '').split('\n').filter(Boolean);
  for (const key of lines) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

/** The keys of the calls whose end is on disk. */
function finishedKeys(folder: string): string[] {
  const store = openRunStore(join(folder, 'runs.db'));
  const keys = store.list({ limit: RUNS }).flatMap(({ id }) =>
    store
      .entries(id)
      .filter(({ kind }) => kind === 'kept')
      .map(({ path }) => `${id}/${path}`),
  );
  store.close();
  return keys;
}

test('runs whose process is killed at random moments all end, and finished calls are not repeated', async () => {
  const folder = folderWith({ 'workflow.yml': WORKFLOW, 'providers/line/index.mjs': PROVIDER });
  const once = new Map<string, number>();
  for (let kill = 0; kill < KILLS; kill++) {
    const child = start(folder);
    const exit = ended(child);
    await Promise.race([exit, new Promise((resolve) => child.stdout?.once('data', resolve))]);
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 150));
    child.kill('SIGKILL');
    await exit;
    const counts = linesOf(folder);
    for (const key of finishedKeys(folder)) if (!once.has(key)) once.set(key, counts.get(key) ?? 0);
  }
  expect(await ended(start(folder))).toBe(0);

  const counts = linesOf(folder);
  expect(counts.size).toBe(RUNS * CALLS);
  const repeated = [...once].filter(([key, count]) => counts.get(key) !== count);
  expect(repeated).toEqual([]);
  // Each kill repeats the calls in progress, with the same keys.
  const doubled = [...counts.values()].filter((count) => count > 1).length;
  expect(doubled).toBeLessThanOrEqual(KILLS * 60);
  const store = openRunStore(join(folder, 'runs.db'));
  const runs = store.list({ limit: RUNS + 1 });
  expect(runs.map(({ status }) => status)).toEqual(Array(RUNS).fill('succeeded'));
  expect(new Set(runs.map(({ id }) => store.get(id)?.outputs.text))).toEqual(new Set(['ab3!']));
  store.close();
}, 600_000);
