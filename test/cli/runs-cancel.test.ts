import { describe, expect, test } from '@jest/globals';
import { cli, folderWith, startCli } from '../support/cli.ts';
import { beginRun, shown, withStore } from '../support/history.ts';

const SLOW = `workflow:
  id: slow
  steps:
    - name: first
      provider: { type: console, with: { message: begun } }
    - name: long
      provider: { type: mock, with: { output: late, delay: 60s } }
`;

describe('runs cancel', () => {
  test('asks the process that runs it, which ends it', async () => {
    const folder = folderWith({ 'slow.yml': SLOW });
    const running = startCli(['run', 'slow.yml', '--run-id', 'run_slow'], { folder });
    await running.says('long  mock');
    const { code, stdout, stderr } = await cli(['runs', 'cancel', 'run_s'], { folder });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('run_slow  asked to stop');
    expect((await running.ended).code).toBe(130);
    expect(await shown(folder, 'run_slow')).toMatchObject({
      run: { status: 'cancelled' },
      steps: { first: { status: 'succeeded' } },
    });
  });

  test('one that nobody runs is cancelled at once; of several each, whatever becomes of the others', async () => {
    const folder = folderWith({});
    await withStore(folder, (store) => void [beginRun(store, 'run_a'), beginRun(store, 'run_b')]);
    const { code, stdout, stderr } = await cli(['runs', 'cancel', 'run_a', 'run_x', 'run_b'], { folder });
    expect([code, stdout]).toEqual([2, 'run_a  cancelled\nrun_b  cancelled\n']);
    expect(stderr).toContain('There is no run `run_x`');
    expect(await shown(folder, 'run_a')).toMatchObject({ run: { status: 'cancelled' }, error: { code: 'cancelled' } });
    const again = await cli(['runs', 'cancel', 'run_a'], { folder });
    expect(again).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('has ended: cancelled') });
  });
});
