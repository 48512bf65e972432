import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { openRunStore } from '../../src/journal/sqlite.ts';
import { startCli } from '../support/cli.ts';

const SLOW = `workflow:
  id: slow
  steps:
    - name: waits
      provider: { type: mock, with: { delay: 1h } }
    - name: later
      provider: { type: mock }
  on-failure:
    provider: { type: console, with: { message: "cleaned up after {{ run.status }}" } }
`;
const STUBBORN = `export default {
  description: 'never listens',
  config: {}, params: {},
  run: () => { process.stderr.write('deaf\\n'); return new Promise((resolve) => setTimeout(resolve, 3600000)); },
};
`;
const stubborn = {
  'threadline.config.yaml': 'providers: [./providers]\n',
  'providers/stubborn/index.mjs': STUBBORN,
  'w.yml': 'workflow:\n  id: s\n  steps:\n    - name: a\n      provider: { type: stubborn }\n',
};

/** Resolves when the journal of the folder's run has a step that is under way. */
async function stepStarted(folder: string): Promise<void> {
  const file = join(folder, '.threadline/runs.db');
  while (!existsSync(file)) await setTimeout(10);
  const store = openRunStore(file);
  while (store.list({}).every(({ id }) => !store.entries(id).some(({ kind }) => kind === 'step-started'))) await setTimeout(10);
  store.close();
}

describe('a signal', () => {
  test.each(['SIGINT', 'SIGHUP'] as const)(
    '%s cancels the run: 130, a report that says so, on-failure has run',
    async (signal) => {
      const run = startCli(['run', 'w.yml', '--format', 'jsonl'], { files: { 'w.yml': SLOW } });
      await run.says('"step-started"');
      run.kill(signal);
      const ended = await run.ended;
      expect([ended.code, ended.signal]).toEqual([130, null]);
      const events = ended.stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
      expect(events.at(-1)).toMatchObject({ type: 'run-ended', status: 'cancelled', error: { code: 'cancelled' } });
      expect(events).toContainEqual(expect.objectContaining({ type: 'log', message: 'cleaned up after cancelled' }));
      expect(events.some((event) => event.step === 'later')).toBe(false);
    },
  );

  test('SIGTERM lets the running step finish and starts no other, and the run can resume', async () => {
    const text = SLOW.replace('1h', '500ms');
    const run = startCli(['run', 'w.yml', '--format', 'json', '--run-id', 'r1'], { files: { 'w.yml': text } });
    const { folder } = run;
    await stepStarted(folder);
    run.kill('SIGTERM');
    const ended = await run.ended;
    expect([ended.code, JSON.parse(ended.stdout).run.status]).toEqual([130, 'interrupted']);
    expect(JSON.parse(ended.stdout).steps).toMatchObject({ waits: { status: 'succeeded' } });
    const { code, stdout } = await startCli(['runs', 'resume', 'r1', '--format', 'json'], { folder }).ended;
    expect(code).toBe(0);
    expect(JSON.parse(stdout).steps).toMatchObject({ waits: { status: 'succeeded' }, later: { status: 'succeeded' } });
  });

  test('a second SIGINT ends the process at once', async () => {
    const run = startCli(['run', 'w.yml'], { files: stubborn });
    await run.says('deaf');
    run.kill('SIGINT');
    await run.says('Press Ctrl-C again');
    run.kill('SIGINT');
    expect((await run.ended).code).toBe(130);
  });

  test('a provider that does not listen holds the process only for a while', async () => {
    const run = startCli(['run', 'w.yml', '--format', 'json'], { files: stubborn });
    await run.says('deaf');
    run.kill('SIGINT');
    const { code, stdout } = await run.ended;
    expect(code).toBe(130);
    expect(JSON.parse(stdout).run.status).toBe('cancelled');
  }, 20_000);

  test('a reader that has seen enough breaks nothing', async () => {
    const steps = Array.from(
      { length: 300 },
      (_, index) => `    - { name: s${index}, provider: { type: mock, with: { output: "${'x'.repeat(500)}" } } }`,
    );
    const run = startCli(['run', 'w.yml', '--format', 'jsonl'], {
      files: { 'w.yml': `workflow:\n  id: long\n  steps:\n${steps.join('\n')}\n` },
    });
    await run.says('run-started');
    run.closeStdout();
    const { code, stderr } = await run.ended;
    expect(stderr).not.toMatch(/EPIPE|\n\s+at /);
    expect(code).toBe(0);
  });
});
