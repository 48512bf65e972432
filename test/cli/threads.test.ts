import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { Exchange } from '../../src/emulator/index.ts';
import { openThreadStore } from '../../src/threads/sqlite.ts';
import { startCheckedEmulator } from '../support/checked-emulator.ts';
import { cli, folderWith } from '../support/cli.ts';

const WORKFLOW = (id: string) => `workflow:
  id: ${id}
  inputs: [{ name: key }, { name: question, default: "Why?" }]
  steps:
    - name: ask
      provider:
        type: openaiassistant
        with:
          model: gpt-6-luna
          thread: { key: "{{ inputs.key }}" }
          metadata: { team: "team-{{ inputs.key }}" }
          prompt: "{{ inputs.question }}"
          tools:
            - function: look
              provider: { type: mock, with: { output: { disk: full } } }
`;
const RULES = [
  { when: { tool_output: 'disk' }, text: 'The disk\u001b[2J is full.' },
  { when: { prompt: 'Why' }, tool_calls: [{ name: 'look', arguments: { deep: true } }] },
];

interface Setup {
  folder: string;
  env: Record<string, string>;
  /** What went to the server, and what it said: `DELETE /conversations/conv_1 200`. */
  requests: string[];
  ask(key: string, id?: string): Promise<void>;
  run(...args: string[]): ReturnType<typeof cli>;
  list(...args: string[]): Promise<Record<string, unknown>[]>;
  violations(): string[];
  close(): Promise<void>;
}

/** A folder whose threads live at an emulator. */
async function withThreads(work: (setup: Setup) => Promise<void>): Promise<void> {
  const requests: string[] = [];
  const onExchange = ({ request, status }: Exchange) => void requests.push(`${request.method} ${request.path} ${status}`);
  const emulator = await startCheckedEmulator({ rules: RULES, onExchange });
  const folder = folderWith({ 'triage.yml': WORKFLOW('triage'), 'other.yml': WORKFLOW('other') });
  const env = { OPENAI_API_KEY: 'sk-test-threads', OPENAI_BASE_URL: emulator.url, OPENAI_API_MODE: 'responses' };
  const run = (...args: string[]) => cli(args, { folder, env });
  const ask = async (key: string, id = 'triage') => {
    const { code, stderr } = await run('run', `${id}.yml`, '-i', `key=${key}`);
    expect([code, stderr]).toEqual([0, expect.stringContaining('succeeded')]);
  };
  const list = async (...args: string[]) =>
    JSON.parse((await run('threads', 'list', '--format', 'json', ...args)).stdout).threads;
  try {
    await work({ folder, env, requests, ask, run, list, violations: () => emulator.violations, close: () => emulator.close() });
  } finally {
    await emulator.close();
  }
}

describe('T10: threads list', () => {
  test('the latest used first; by workflow, by key, by metadata', () =>
    withThreads(async ({ ask, run, list }) => {
      await ask('db-1');
      await ask('db-2');
      await ask('db-3', 'other');
      await ask('db-1');
      const keysOf = async (...args: string[]) => (await list(...args)).map(({ key }) => key);
      expect(await keysOf()).toEqual(['db-1', 'db-3', 'db-2']);
      expect(await keysOf('--workflow', 'other')).toEqual(['db-3']);
      expect(await keysOf('--key', 'db-2')).toEqual(['db-2']);
      expect(await keysOf('--metadata', 'team=team-db-2')).toEqual(['db-2']);
      expect(await keysOf('--metadata', 'team=nobody')).toEqual([]);
      expect(await keysOf('--limit', '1')).toEqual(['db-1']);
      const { stdout } = await run('threads', 'list');
      expect(stdout.split('\n')[0]).toMatch(/^\S+ {2}db-1 +triage +(just now|\ds ago) +[\d,]+ tokens +.*team=team-db-1/);
      expect(await run('threads', 'list', '--metadata', 'x')).toMatchObject({ code: 2 });
    }));

  test('two workflows with one key have a thread each; commands ask which one is meant', () =>
    withThreads(async ({ ask, run, list }) => {
      await ask('db-1');
      await ask('db-1', 'other');
      const threads = await list('--key', 'db-1');
      expect(threads.map(({ workflow, scope }) => [workflow, scope])).toEqual([
        ['other', 'workflow'],
        ['triage', 'workflow'],
      ]);
      for (const command of ['show', 'delete']) {
        const { code, stdout, stderr } = await run('threads', command, 'db-1');
        expect([code, stdout]).toEqual([2, '']);
        expect(stderr).toMatch(/`db-1` leads to 2 threads: \S+ of `other`; \S+ of `triage`\./);
        expect(stderr).toContain('`--workflow`');
      }
      expect((await run('threads', 'show', 'db-1', '--workflow', 'other')).stdout).toContain(String(threads[0]?.id));
      expect(await run('threads', 'delete', 'db-1', '--workflow', 'triage')).toMatchObject({ code: 0 });
      expect((await list()).map(({ workflow }) => workflow)).toEqual(['other']);
    }));

  test('a called workflow has keys of its own, the same for all its callers; a step that is used belongs to who uses it', async () => {
    const step = `{ type: openaiassistant, with: { model: any, prompt: Why?, thread: { key: db-1 } } }`;
    const caller = (id: string) => `actions:
  - name: ask
    provider: ${step}
workflow:
  id: ${id}
  steps:
    - { name: own, use: ask }
    - { name: again, provider: ${step} }
    - { name: other, provider: { type: workflow, with: { file: called.yml } } }
`;
    const called = `workflow:\n  id: called\n  steps:\n    - { name: ask, provider: ${step} }\n`;
    const folder = folderWith({ 'one.yml': caller('one'), 'two.yml': caller('two'), 'called.yml': called });
    for (const file of ['one.yml', 'two.yml'])
      expect(await cli(['run', file, '--offline'], { folder })).toMatchObject({ code: 0 });
    const { stdout } = await cli(['threads', 'list', '--offline', '--format', 'json'], { folder });
    const threads = JSON.parse(stdout).threads as { id: string; workflow: string }[];
    expect(threads.map(({ workflow }) => workflow).toSorted()).toEqual(['called', 'one', 'two']);
    const itemsOf = async (workflow: string) => {
      const shown = await cli(['threads', 'show', 'db-1', '--workflow', workflow, '--offline', '--format', 'json'], { folder });
      return JSON.parse(shown.stdout).items.length;
    };
    expect([await itemsOf('one'), await itemsOf('two'), await itemsOf('called')]).toEqual([4, 4, 4]);
  });

  test('a folder without threads has none, and gets none', async () => {
    const folder = folderWith({});
    expect(await cli(['threads', 'list'], { folder })).toMatchObject({ code: 0, stdout: '', stderr: 'no threads\n' });
    expect(existsSync(join(folder, '.threadline'))).toBe(false);
  });
});

describe('T12: threads show', () => {
  test('what was said, with function calls, usage, and where copies are; by key, our id, or the server’s', () =>
    withThreads(async ({ ask, run, env }) => {
      await ask('db-1');
      const { code, stdout, stderr } = await run('threads', 'show', 'db-1');
      expect([code, stderr]).toEqual([0, '']);
      expect(stdout).toMatch(/^\S+ {2}db-1 {2}triage\n {2}begun .* last used .*\n/);
      expect(stdout).toMatch(/\d+ tokens {2}cost unknown\n {2}at 127\.0\.0\.1:\d+\/responses: conv_\w+ {2}all of it\n/);
      expect(stdout).toMatch(/ {2}user\n {2}Why\?\n/);
      expect(stdout).toMatch(/ {2}→ look\(\{"deep":true\}\)\n/);
      expect(stdout).toMatch(/ {2}← \{"disk":"full"\}\n/);
      expect(stdout).toMatch(/ {2}assistant {2}resp_\w+\n {2}The disk␛\[2J is full\.\n/);
      const thread = JSON.parse((await run('threads', 'show', 'db-1', '--format', 'json')).stdout);
      expect(thread).toMatchObject({ key: 'db-1', workflow: 'triage', metadata: { team: 'team-db-1' }, expires_at: null });
      expect(thread.items.map(({ type }: { type: string }) => type)).toEqual(['message', 'tool_call', 'tool_output', 'message']);
      expect(thread.copies).toEqual([
        { place: `${new URL(env.OPENAI_BASE_URL ?? '').host}/responses`, id: expect.stringMatching(/^conv_/), items: 4 },
      ]);
      for (const id of [thread.id, thread.copies[0].id])
        expect(JSON.parse((await run('threads', 'show', id, '--format', 'json')).stdout).id).toBe(thread.id);
      expect(await run('threads', 'show', 'nope')).toMatchObject({
        code: 1,
        stdout: '',
        stderr: expect.stringContaining('no thread `nope`'),
      });
    }));
});

describe('T8: threads delete', () => {
  test('at the server, items first, and then here; each of several', () =>
    withThreads(async ({ ask, run, list, requests, violations }) => {
      await ask('db-1');
      await ask('db-2');
      requests.length = 0;
      const { code, stdout, stderr } = await run('threads', 'delete', 'db-1', 'nope', 'db-2');
      expect([code, stdout.trim().split('\n')]).toEqual([
        1,
        [expect.stringMatching(/ {2}deleted$/), expect.stringMatching(/ {2}deleted$/)],
      ]);
      expect(stderr).toContain('There is no thread `nope`');
      const elsewhere = await run('threads', 'show', 'db-2', '--workflow', 'other');
      expect(elsewhere.stderr).toContain('There is no thread `db-2` of a workflow `other`');
      const deletions = requests.filter((request) => request.startsWith('DELETE'));
      const conversations = deletions.filter((request) => !request.includes('/items/'));
      expect(conversations).toEqual([
        expect.stringMatching(/^DELETE \/conversations\/conv_\w+ 200$/),
        expect.stringMatching(/200$/),
      ]);
      expect(deletions.indexOf(conversations[0] ?? '')).toBe(4);
      expect(await list()).toEqual([]);
      expect(violations()).toEqual([]);
    }));

  test('that the server cannot be reached is said, and ours is kept', () =>
    withThreads(async ({ ask, run, list, close }) => {
      await ask('db-1');
      await close();
      const { code, stdout, stderr } = await run('threads', 'delete', 'db-1');
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toContain('is kept here; `--local` deletes it here only');
      expect((await list())[0]).toMatchObject({ key: 'db-1' });
      expect((await run('threads', 'show', 'db-1')).stdout).toContain('is full.');
      const local = await run('threads', 'delete', 'db-1', '--local');
      expect(local).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/ {2}deleted here; still at 127\.0\.0\.1:\d+\/responses: conv_/),
      });
      expect(await list()).toEqual([]);
    }));

  test('a copy at a server where the configuration does not lead is named, and nothing is lost here', () =>
    withThreads(async ({ ask, folder, env, run, list }) => {
      await ask('db-1');
      const other = await startCheckedEmulator();
      const { code, stderr } = await cli(['threads', 'delete', 'db-1'], { folder, env: { ...env, OPENAI_BASE_URL: other.url } });
      await other.close();
      expect(code).toBe(1);
      expect(stderr).toMatch(/is also at 127\.0\.0\.1:\d+\/responses/);
      expect(stderr).toContain('`--config NAME`');
      expect((await run('threads', 'show', 'db-1')).stdout).toContain('is full.');
      expect(await list()).toHaveLength(1);
    }));

  test('--config names the way to the server', () =>
    withThreads(async ({ ask, folder, env, list }) => {
      await ask('db-1');
      const variable = {
        THREADLINE_PROVIDER_HOME: JSON.stringify({ api_key: 'sk-test-threads', base_url: env.OPENAI_BASE_URL }),
      };
      const lost = await cli(['threads', 'delete', 'db-1'], { folder });
      expect([lost.code, lost.stderr]).toEqual([3, expect.stringContaining('OPENAI_API_KEY')]);
      const { code } = await cli(['threads', 'delete', 'db-1', '--config', 'home'], { folder, env: variable });
      expect(code).toBe(0);
      expect(await list()).toEqual([]);
    }));

  test('those of offline runs are deleted here: their emulator is gone', async () => {
    const folder = folderWith({ 'triage.yml': WORKFLOW('triage') });
    await cli(['run', 'triage.yml', '-i', 'key=db-1', '--offline'], { folder });
    expect(await cli(['threads', 'list'], { folder })).toMatchObject({ stderr: 'no threads\n' });
    expect(await cli(['threads', 'delete', 'db-1', '--offline'], { folder })).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/ {2}deleted here\n$/),
    });
    const store = openThreadStore(join(folder, '.threadline/threads-offline.db'));
    expect(store.list({})).toEqual([]);
    store.close();
  });
});
