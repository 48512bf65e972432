import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { openRunStore } from '../../src/journal/sqlite.ts';
import { folderOf, line, linesOf, workflow } from '../journal/support.ts';
import { cli, startCli } from '../support/cli.ts';

const named = (id: string, steps: string) => workflow(steps).replace('id: w', `id: ${id}`);
const run = (folder: string, id: string) => cli(['run', `${id}.yml`, '--run-id', id, '--quiet'], { folder });
const statuses = (folder: string) => {
  const store = openRunStore(join(folder, '.threadline/runs.db'));
  const found = store.list({ limit: 10 }).map(({ id, status, isInterrupted }) => [id, isInterrupted ? 'interrupted' : status]);
  store.close();
  return Object.fromEntries(found);
};

describe('runs resume --all', () => {
  test('a run that is refused keeps none of the others', async () => {
    const one = named('one', line('a', { dies: 'before' }));
    const folder = folderOf('', { 'one.yml': one, 'two.yml': named('two', line('b')) });
    expect(await run(folder, 'one')).toMatchObject({ signal: 'SIGKILL' });
    expect(await run(folder, 'two')).toMatchObject({ code: 0 });
    rmSync(join(folder, 'lines'));
    const store = openRunStore(join(folder, '.threadline/runs.db'));
    store.copy('two', 'two-again', [], Date.now());
    store.close();
    rmSync(join(folder, 'one.yml'));
    const { code, stderr } = await cli(['runs', 'resume', '--all'], { folder });
    expect(code).toBe(2);
    expect(stderr).toContain('run one does not go on:\nthreadline: The file one.yml cannot be read');
    expect(linesOf(folder)).toEqual(['b']);
    expect(statuses(folder)).toMatchObject({ one: 'interrupted', 'two-again': 'succeeded' });
  });

  test('SIGTERM interrupts the current run, and no other starts', async () => {
    const waits = '    - { name: rest, provider: { type: wait, with: { for: 50s } } }\n';
    const folder = folderOf(named('w', waits));
    const store = () => openRunStore(join(folder, '.threadline/runs.db'));
    const first = startCli(['run', 'w.yml', '--run-id', 'r1'], { folder });
    await first.says('rest');
    first.kill('SIGTERM');
    expect(await first.ended).toMatchObject({ code: 130 });
    const history = store();
    history.copy('r1', 'r2', [], Date.now());
    history.close();
    const all = startCli(['runs', 'resume', '--all', '--verbose'], { folder });
    await all.says('run r1');
    all.kill('SIGTERM');
    const { code, stderr } = await all.ended;
    expect(code).toBe(130);
    expect(stderr).not.toContain('run r2');
    expect(statuses(folder)).toEqual({ r1: 'interrupted', r2: 'interrupted' });
  });

  test('a run goes on whose signal was sent', async () => {
    const waits = '    - { name: ready, provider: { type: wait, with: { signal: go } } }\n';
    const folder = folderOf(named('w', waits + line('a')));
    expect(await run(folder, 'w')).toMatchObject({ code: 4 });
    expect(await cli(['runs', 'resume', '--all'], { folder })).toMatchObject({ code: 0 });
    expect(statuses(folder)).toEqual({ w: 'waiting' });
    await cli(['runs', 'signal', 'w', 'go'], { folder });
    expect(await cli(['runs', 'resume', '--all'], { folder })).toMatchObject({ code: 0 });
    expect(statuses(folder)).toEqual({ w: 'succeeded' });
    expect(linesOf(folder)).toEqual(['a']);
  });
});

test('a rerun that was refused leaves nothing behind that would go on later', async () => {
  const folder = folderOf(workflow(line('a', { says: 1 }) + line('b')));
  await cli(['run', 'w.yml', '--run-id', 'r1', '--quiet'], { folder });
  writeFileSync(join(folder, 'w.yml'), workflow(line('a', { says: 2 }) + line('b')));
  const { code, stderr } = await cli(['runs', 'rerun', 'r1', '--from', 'b', '--run-id', 'r2'], { folder });
  expect(code).toBe(2);
  expect(stderr).toContain('was edited');
  expect(statuses(folder)).toEqual({ r1: 'succeeded' });
  expect(linesOf(folder)).toEqual(['a', 'b']);
});

test('a run that goes on says that its beginning is shown again and not done again; a new one, and `--quiet`, say nothing of it', async () => {
  const folder = folderOf(workflow(line('a') + line('b', { dies: 'before' })));
  const first = await cli(['run', 'w.yml', '--run-id', 'r1'], { folder });
  expect([first.signal, first.stderr]).toEqual(['SIGKILL', expect.not.stringContaining('goes on')]);
  const resume = (...args: string[]) => cli(['runs', 'resume', 'r1', ...args], { folder });
  const again = await resume();
  expect(again.stderr).toMatch(/^run r1 goes on: what it has done before is shown again, and not done again\n/);
  expect((await resume('--quiet')).stderr).not.toContain('goes on');
});
