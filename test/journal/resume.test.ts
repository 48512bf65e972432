import { globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from '@jest/globals';
import { openRunStore } from '../../src/journal/sqlite.ts';
import { cli, startCli } from '../support/cli.ts';
import { folderOf, go, line, linesOf, workflow } from './support.ts';

const json = (text: string) => JSON.parse(text);

describe('a run whose process died resumes under the same id', () => {
  test('finished steps answer from the journal; the one in progress is done again with the same key', async () => {
    const folder = folderOf(
      workflow(line('a', { says: 'x' }) + line('b', { says: '{{ steps.a.results.says }}y', dies: 'after' }) + line('c')),
    );
    expect(await go(folder)).toMatchObject({ code: null, signal: 'SIGKILL' });
    const { code, stdout } = await go(folder);
    expect(code).toBe(0);
    expect(json(stdout)).toMatchObject({
      run: { id: 'r1', status: 'succeeded' },
      steps: { a: { results: { says: 'x' } }, b: { results: { says: 'xy' } }, c: { status: 'succeeded' } },
    });
    expect(linesOf(folder)).toEqual(['a', 'b', 'b', 'c']);
  });

  test('foreach resumes at the missing items, a group at the missing step', async () => {
    const inner = line('one') + line('two', { dies: "{{ foreach.value == 2 ? 'before' : '' }}" });
    const group = `    - name: g\n      foreach: [1, 2]\n      steps:\n${inner.replaceAll(/^ {4}/gm, '        ')}`;
    const folder = folderOf(workflow(`${line('each', { says: '{{ foreach.value }}' }, 'foreach: [7, 8]')}${group}`));
    expect(await go(folder)).toMatchObject({ signal: 'SIGKILL' });
    const { code, stdout } = await go(folder);
    expect(code).toBe(0);
    expect(json(stdout).steps.each.results).toEqual([{ says: 7 }, { says: 8 }]);
    expect(json(stdout).steps.g.items).toHaveLength(2);
    expect(linesOf(folder)).toEqual(['each[0]', 'each[1]', 'g[0]/one', 'g[0]/two', 'g[1]/one', 'g[1]/two']);
  });

  test('steps of a called workflow that have ended do not run again', async () => {
    const called = workflow(line('in', { says: 'in' }) + line('on', { dies: 'before' }), '').replace('id: w', 'id: called');
    const outputs = '  outputs: { text: "{{ steps.in.results.says }}" }\n';
    const call = '    - { name: call, provider: { type: workflow, with: { file: called.yml } } }\n';
    const folder = folderOf(workflow(line('a') + call + line('z', { says: '{{ steps.call.results.text }}' })), {
      'called.yml': called + outputs,
    });
    expect(await go(folder)).toMatchObject({ signal: 'SIGKILL' });
    const { code, stdout } = await go(folder);
    expect(code).toBe(0);
    expect(json(stdout).steps.z.results).toEqual({ says: 'in' });
    expect(Object.keys(json(stdout).steps)).toEqual(['a', 'call', 'call/in', 'call/on', 'z']);
    expect(linesOf(folder)).toEqual(['a', 'call/in', 'call/on', 'z']);
  });

  test('an edit of an action that the workflow uses is an edit of the workflow; one of another action is not', async () => {
    const actions = (says: string, more = '') =>
      `actions:\n  - { name: act, provider: { type: line, with: { says: ${says} } } }\n  - { name: other${more}, provider: { type: line } }\n`;
    const folder = folderOf(workflow(`${line('a', { dies: 'before' })}    - { name: b, use: act }\n`), {
      'actions.yaml': actions('old'),
    });
    expect(await go(folder)).toMatchObject({ signal: 'SIGKILL' });
    writeFileSync(join(folder, 'actions.yaml'), actions('new', '-one'));
    expect(await go(folder)).toMatchObject({ code: 2, stderr: expect.stringMatching(/^\+ .*"says": "new"/m) });
    writeFileSync(join(folder, 'actions.yaml'), actions('old', '-one'));
    expect(json((await go(folder)).stdout).steps.b.results).toEqual({ says: 'old' });
  });

  test('the condition of a finished step is not evaluated again', async () => {
    const folder = folderOf(workflow(line('a', {}, `if: "env.GO == 'yes'"`) + line('b', { dies: 'before' }), '  env: [GO]\n'));
    await go(folder, [], { env: { GO: 'yes' } });
    const { stdout } = await go(folder, [], { env: { GO: 'no' } });
    expect(json(stdout).steps.a).toMatchObject({ status: 'succeeded' });
    expect(linesOf(folder)).toEqual(['a', 'b']);
  });

  test('a wait before a retry ends at its time', async () => {
    const folder = folderOf(
      workflow(line('a', { fails: true }, 'retry: { attempts: 2, delay: 30s, backoff: fixed, on: [any] }')),
    );
    const run = startCli(['run', 'w.yml', '--run-id', 'r1'], { folder });
    await run.says('attempt 1 failed');
    const store = openRunStore(join(folder, '.threadline/runs.db'));
    const kept = () => store.entries('r1').find(({ path }) => path === 'a.retry-1')?.data;
    while (kept() === undefined) await new Promise((resolve) => setTimeout(resolve, 10));
    run.kill('SIGKILL');
    await run.ended;
    writeFileSync(join(folder, 'repaired'), '');
    const until = kept();
    store.close();
    expect(Number(until) - Date.now()).toBeGreaterThan(5000);
    const again = startCli(['run', 'w.yml', '--run-id', 'r1', '--timeout', '1s', '--format', 'json'], { folder });
    // The rest of the 30 seconds is left, so the time limit of one second ends the run; the first try is not repeated.
    expect(json((await again.ended).stdout).error.code).toBe('timeout');
    expect(linesOf(folder)).toEqual(['a']);
  });

  test('the history of its alert stays the same: throttle does not count the run twice', async () => {
    const steps = line('page', {}, 'throttle: { type: one_until_resolved }') + line('b', { dies: 'before' });
    const folder = folderOf(workflow(steps), {
      'alert.json': JSON.stringify({
        fingerprint: 'f',
        status: 'firing',
        name: 'disk',
        severity: 'high',
        lastReceived: '2026-01-01',
      }),
    });
    await go(folder, ['--alert', 'alert.json']);
    const { stdout } = await go(folder, ['--alert', 'alert.json']);
    expect(json(stdout).steps.page.status).toBe('succeeded');
    expect(linesOf(folder)).toEqual(['page', 'b']);
  });
});

describe('an edited workflow', () => {
  const before = workflow(line('a') + line('b', { dies: 'before' }) + line('c', { says: 'old' }));

  test('is refused with a diff, and with --allow-changed resumes if the edit is behind the finished steps', async () => {
    const folder = folderOf(before);
    await go(folder);
    writeFileSync(join(folder, 'w.yml'), before.replace('"old"', '"new"'));
    const refused = await go(folder);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/^-.*"old"/m);
    expect(refused.stderr).toMatch(/^\+.*"new"/m);
    expect(refused.stderr).toContain('--allow-changed');
    const { code, stdout } = await go(folder, ['--allow-changed']);
    expect(code).toBe(0);
    expect(json(stdout).steps.c.results).toEqual({ says: 'new' });
    expect(linesOf(folder)).toEqual(['a', 'b', 'c']);
  });

  test.each([
    ['a step that has run', (text: string) => text.replace('name: a,', 'name: a, vars: { x: 1 },')],
    ['a step before them', (text: string) => text.replace('  steps:\n', `  steps:\n${line('new')}`)],
    ['something around them', (text: string) => text.replace('  steps:', '  timeout: 1h\n  steps:')],
  ])('is refused even with --allow-changed when %s has changed', async (_, edit) => {
    const folder = folderOf(before);
    await go(folder);
    writeFileSync(join(folder, 'w.yml'), edit(before));
    const { code, stderr } = await go(folder, ['--allow-changed']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('done already was edited')]);
    expect(linesOf(folder)).toEqual(['a']);
  });
});

test('an edit of a file of reusable actions is an edit of the workflows that use them, and of no other', async () => {
  const actions = (says: string) =>
    `actions:\n  - name: tell\n    use: tell\n    provider: { type: line, with: { says: ${says} } }\n`;
  for (const [own, code] of [
    ['    - { name: t, use: tell }\n', 2],
    [line('t', { says: 'own' }), 0],
  ] as const) {
    const folder = folderOf(workflow(line('b', { dies: 'after' }) + own), { 'actions.yaml': actions('old') });
    expect(await go(folder)).toMatchObject({ signal: 'SIGKILL' });
    writeFileSync(join(folder, 'actions.yaml'), actions('new'));
    expect((await go(folder)).code).toBe(code);
  }
});

describe('the id of a run', () => {
  test('of a run that has ended gives its report again: nothing is done twice', async () => {
    const folder = folderOf(workflow(line('a', { says: 1 })));
    const [first, second] = [await go(folder), await go(folder)];
    expect(second.code).toBe(0);
    expect(json(second.stdout)).toEqual(json(first.stdout));
    expect(second.stderr).toContain('nothing is run');
    expect(linesOf(folder)).toEqual(['a']);
  });

  test('of a run that has failed fails again, and says how to rerun it', async () => {
    const folder = folderOf(workflow(line('a', { fails: true })));
    expect(await go(folder)).toMatchObject({ code: 1 });
    expect(await go(folder)).toMatchObject({ code: 1, stderr: expect.stringContaining('runs rerun r1') });
    expect(linesOf(folder)).toEqual(['a']);
  });

  test.each([
    [['-i', 'n=2'], 'input'],
    [['--alert', 'b.json'], 'alert'],
  ])('is refused with other data than at the start (%j)', async (args, what) => {
    const folder = folderOf(workflow(line('a', { dies: 'before' }), '  inputs: [{ name: n, type: number, default: 1 }]\n'), {
      'a.json': '{"name":"a"}',
      'b.json': '{"name":"b"}',
    });
    await go(folder, ['-i', 'n=1', '--alert', 'a.json']);
    expect(await go(folder, args)).toMatchObject({ code: 2, stderr: expect.stringContaining(`another ${what}`) });
  });

  test.each(['a/b', 'two words', '', 'x'.repeat(201)])("is refused if it could be mistaken for another run's: %j", async (id) => {
    const folder = folderOf(workflow(line('a')));
    const { code, stderr } = await cli(['run', 'w.yml', '--run-id', id], { folder });
    expect([code, stderr]).toEqual([2, expect.stringContaining('cannot be the id of a run')]);
    expect(linesOf(folder)).toEqual([]);
  });

  test('of a run that another process executes is refused', async () => {
    const wait = '    - { name: a, provider: { type: mock, with: { delay: 60s } } }\n';
    const folder = folderOf(workflow(wait));
    const first = startCli(['run', 'w.yml', '--run-id', 'r1'], { folder });
    await first.says('▸ a');
    expect(await go(folder)).toMatchObject({ code: 1, stderr: expect.stringContaining('under way in another process') });
    first.kill('SIGKILL');
    await first.ended;
  });
});

describe('the stored data of a run', () => {
  test('contains no secret; the resumed run has the secret back', async () => {
    const secret = 'correct horse battery staple';
    const folder = folderOf(
      workflow(
        line('a', { says: 'with {{ secrets.TOKEN }}' }) +
          line('b', { dies: 'before' }) +
          line('c', { gives: { same: "{{ steps.a.results.says == 'with ' + secrets.TOKEN }}" } }),
      ),
    );
    const env = { TOKEN: secret };
    await go(folder, [], { env });
    for (const file of globSync(join(folder, '.threadline/**/*.db*'))) expect(readFileSync(file).includes(secret)).toBe(false);
    const { code, stdout } = await go(folder, [], { env });
    expect(code).toBe(0);
    expect(json(stdout).steps.c.results).toEqual({ same: true });
    expect(stdout).not.toContain(secret);
  });

  test('is in a separate file if it is long, and a missing file is an error', async () => {
    const long = 'x'.repeat(200_000);
    const folder = folderOf(
      workflow(
        line('a', { says: '{{ inputs.long }}' }) + line('b', { dies: 'before' }),
        '  inputs: [{ name: long, type: string }]\n',
      ),
      { 'inputs.json': JSON.stringify({ long }) },
    );
    await go(folder, ['--input-file', 'inputs.json']);
    const [file = ''] = globSync(join(folder, '.threadline/results/*/*'));
    expect(readFileSync(file, 'utf8')).toContain(long);
    const text = readFileSync(file);
    rmSync(file);
    expect(await go(folder)).toMatchObject({ code: 3, stderr: expect.stringContaining('result of the run is missing') });
    writeFileSync(file, text);
    const { code, stdout } = await go(folder);
    expect([code, json(stdout).steps.a.results.says.length]).toEqual([0, long.length]);
  });

  test('is complete: a run that can store nothing any more stops, and resumes when it can', async () => {
    const full = `    - { name: full, provider: { type: line, with: { says: before, fills: true } } }\n`;
    const folder = folderOf(
      workflow(line('a') + full + line('b', {}, 'continue-on-error: true'), '  on-failure: { provider: { type: line } }\n'),
    );
    const stopped = await go(folder);
    expect(stopped.code).not.toBe(0);
    expect(stopped.stderr).toContain('there is no room');
    const database = new DatabaseSync(join(folder, '.threadline/runs.db'));
    database.exec('DROP TRIGGER full; DROP TRIGGER full_too');
    database.close();
    expect(await go(folder)).toMatchObject({ code: 0 });
    // The call whose end could not be stored is repeated; nothing else was done meanwhile.
    expect(linesOf(folder)).toEqual(['a', 'full', 'full', 'b']);
  });
});
