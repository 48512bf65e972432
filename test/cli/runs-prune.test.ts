import { describe, expect, test } from '@jest/globals';
import { cli, folderWith } from '../support/cli.ts';
import { beginRun, withStore } from '../support/history.ts';

const DAY_MS = 86_400_000;
const FILES = { 'w.yml': 'workflow:\n  id: w\n  steps:\n    - name: a\n      provider: { type: mock, with: { output: 1 } }\n' };
const END = {
  status: 'succeeded',
  error: null,
  outputs: {},
  usage: { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0, cost_usd: 0 },
} as const;

/** A history with runs that ended 40 and 3 days ago, and one that never did. */
async function folderWithHistory(files: Record<string, string> = {}): Promise<string> {
  const folder = folderWith({ ...FILES, ...files });
  await withStore(folder, async (store) => {
    beginRun(store, 'run_dead', Date.now() - 50 * DAY_MS);
    for (const [id, days] of [
      ['run_old', 40],
      ['run_young', 3],
    ] as const)
      await beginRun(store, id, Date.now() - days * DAY_MS).end({ ...END, atMs: Date.now() - days * DAY_MS });
  });
  return folder;
}

const idsOf = (folder: string) => withStore(folder, (store) => store.list({}).map(({ id }) => id));

describe('runs prune', () => {
  test('forgets runs that ended long ago, and none that has not ended', async () => {
    const folder = await folderWithHistory();
    const dry = await cli(['runs', 'prune', '--older-than', '30d', '--dry-run'], { folder });
    expect(dry).toMatchObject({ code: 0, stdout: '1 run would be forgotten\n' });
    expect(await idsOf(folder)).toEqual(['run_young', 'run_old', 'run_dead']);
    expect(await cli(['runs', 'prune', '--older-than', '30d'], { folder })).toMatchObject({
      code: 0,
      stdout: '1 run forgotten\n',
    });
    expect(await idsOf(folder)).toEqual(['run_young', 'run_dead']);
  });

  test('needs to be told how old', async () => {
    const folder = await folderWithHistory();
    expect(await cli(['runs', 'prune'], { folder })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('`--older-than`'),
    });
    expect(await cli(['runs', 'prune', '--older-than', 'old'], { folder })).toMatchObject({ code: 2 });
    expect(await idsOf(folder)).toHaveLength(3);
  });

  test('takes what the settings say', async () => {
    const folder = await folderWithHistory({ 'threadline.config.yaml': 'journal: { keep: 30d }\n' });
    expect(await cli(['runs', 'prune'], { folder })).toMatchObject({ code: 0, stdout: '1 run forgotten\n' });
  });
});

describe('`journal: { keep }`', () => {
  test('a run forgets what is older, once a day', async () => {
    const folder = await folderWithHistory({ 'threadline.config.yaml': 'journal: { keep: 30d }\n' });
    await cli(['run', 'w.yml', '--run-id', 'run_1'], { folder });
    expect(await idsOf(folder)).toEqual(['run_1', 'run_young', 'run_dead']);
    await withStore(folder, (store) =>
      beginRun(store, 'run_older', Date.now() - 60 * DAY_MS).end({ ...END, atMs: Date.now() - 60 * DAY_MS }),
    );
    await cli(['run', 'w.yml', '--run-id', 'run_2'], { folder });
    expect(await idsOf(folder)).toEqual(['run_2', 'run_older', 'run_1', 'run_young', 'run_dead']);
  });

  test('without it nothing is forgotten', async () => {
    const folder = await folderWithHistory();
    await cli(['run', 'w.yml', '--run-id', 'run_1'], { folder });
    expect(await idsOf(folder)).toEqual(['run_1', 'run_young', 'run_old', 'run_dead']);
  });
});
