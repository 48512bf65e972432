import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { cli, folderWith } from '../support/cli.ts';
import { beginRun, withStore } from '../support/history.ts';

const WORKFLOW = (id: string, step: string) => `workflow:\n  id: ${id}\n  steps:\n    - name: a\n      provider: ${step}\n`;
const FILES = {
  'good.yml': WORKFLOW('good', '{ type: mock, with: { output: fine } }'),
  'bad.yml': WORKFLOW('bad', '{ type: mock, with: { error: { message: "it broke\\e[2J\\nbadly", code: rate_limit } } }'),
};

const listed = async (folder: string, ...args: string[]) => {
  const { code, stdout, stderr } = await cli(['runs', 'list', '--format', 'json', ...args], { folder });
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as { runs: Record<string, unknown>[]; next: string | null };
};
const idsOf = async (folder: string, ...args: string[]) => (await listed(folder, ...args)).runs.map(({ id }) => id);

describe('T25: runs list', () => {
  const folder = folderWith(FILES);
  beforeAll(async () => {
    for (const [file, id] of [
      ['good', 'run_a1'],
      ['bad', 'run_a2'],
      ['good', 'run_b1'],
    ])
      await cli(['run', `${file}.yml`, '--run-id', `${id}`], { folder });
    await withStore(folder, (store) => {
      beginRun(store, 'run_dead');
      const waiting = beginRun(store, 'run_waiting');
      waiting.suspend({
        names: ['approve'],
        wakeAtMs: Date.parse('2100-01-01'),
        usage: { prompt_tokens: 0, completion_tokens: 0, total_tokens: 7, cost_usd: 0.5 },
      });
    });
  });

  test('shows the latest first, with what failed and what is waited for', async () => {
    const { code, stdout, stderr } = await cli(['runs', 'list'], { folder });
    expect([code, stderr]).toEqual([0, '']);
    const lines = stdout.trim().split('\n');
    expect(lines.map((line) => line.split(/\s+/).slice(0, 3))).toEqual([
      ['run_waiting', 'waiting', 'w'],
      ['run_dead', 'interrupted', 'w'],
      ['run_b1', 'succeeded', 'good'],
      ['run_a2', 'failed', 'bad'],
      ['run_a1', 'succeeded', 'good'],
    ]);
    expect(lines[0]).toMatch(/\$0\.5000 +waits for approve until 2100-01-01/);
    expect(lines[1]).toContain('`runs resume` goes on with it');
    expect(lines[3]).toContain('rate_limit: Step `a` failed: it broke␛[2J↵badly');
  });

  test('as one document, with how to go on reading', async () => {
    const { runs, next } = await listed(folder, '--limit', '2');
    expect(next).toBe('run_dead');
    expect(runs[0]).toMatchObject({
      id: 'run_waiting',
      status: 'waiting',
      waits_for: ['approve'],
      wake_at: '2100-01-01T00:00:00.000Z',
      duration_ms: null,
    });
    expect(await listed(folder, '--limit', '3', '--before', 'run_d')).toMatchObject({
      next: null,
      runs: [{ id: 'run_b1' }, { id: 'run_a2' }, { id: 'run_a1' }],
    });
  });

  test('as one run a line', async () => {
    const { stdout } = await cli(['runs', 'list', '--format', 'jsonl', '--limit', '4'], { folder });
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).id),
    ).toEqual(['run_waiting', 'run_dead', 'run_b1', 'run_a2']);
  });

  test.each([
    [
      ['--workflow', 'good'],
      ['run_b1', 'run_a1'],
    ],
    [['--status', 'failed'], ['run_a2']],
    [['--status', 'interrupted'], ['run_dead']],
    [['--status', 'waiting'], ['run_waiting']],
    [['--status', 'running'], []],
    [['--workflow', 'good', '--status', 'failed'], []],
    [['--since', '1h', '--limit', '1'], ['run_waiting']],
    [['--since', '1ms'], []],
  ])('%j', async (args, ids) => {
    expect(await idsOf(folder, ...args)).toEqual(ids);
  });

  test('a run that is under way is running, and no other', async () => {
    await withStore(folder, async (store) => {
      const held = beginRun(store, 'run_now');
      expect(await idsOf(folder, '--status', 'running')).toEqual(['run_now']);
      expect(await idsOf(folder, '--status', 'interrupted')).toEqual(['run_dead']);
      await held.end({
        status: 'succeeded',
        atMs: Date.now(),
        error: null,
        outputs: {},
        usage: { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0, cost_usd: 0 },
      });
    });
  });

  test.each([
    [['--status', 'done'], '`--status` takes running'],
    [['--since', 'yesterday'], '`--since yesterday` is not a valid duration'],
    [['--limit', '0'], '`--limit 0` is not a valid number'],
    [['--before', 'run_zz'], 'There is no run `run_zz`'],
  ])('%j is bad usage', async (args, message) => {
    const { code, stdout, stderr } = await cli(['runs', 'list', ...args], { folder });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });

  test('a folder without a history has no runs, and gets none', async () => {
    const empty = folderWith({});
    expect(await cli(['runs', 'list'], { folder: empty })).toMatchObject({ code: 0, stdout: '', stderr: 'no runs\n' });
    expect(existsSync(join(empty, '.threadline'))).toBe(false);
  });
});

test('ages and lengths are told as people tell them, and times where they are', async () => {
  const folder = folderWith({});
  await withStore(folder, async (store) => {
    const now = Date.now();
    for (const [id, agoMs] of [
      ['run_1', 40 * 86_400_000],
      ['run_2', 3 * 3_600_000],
      ['run_3', 5 * 60_000],
    ] as const) {
      const held = beginRun(store, id, now - agoMs - 500);
      const usage = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 1234, cost_usd: null };
      await held.end({ status: 'succeeded', atMs: now - agoMs + 1000, error: null, outputs: {}, usage });
    }
  });
  const { stdout } = await cli(['runs', 'list'], { folder, env: { TZ: 'Asia/Tokyo' } });
  const [young, today, old] = stdout.trim().split('\n');
  expect(young).toMatch(/5m ago +1\.5s +1,234 tokens$/);
  expect(today).toContain('3h ago');
  const local = new Date(Date.now() - 40 * 86_400_000 - 500).toLocaleString('sv-SE', { timeZone: 'Asia/Tokyo' });
  expect(old).toContain(local.slice(0, 13));
});
