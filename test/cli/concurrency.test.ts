import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type CliResult, cli, folderWith, startCli } from '../support/cli.ts';

/** Runs at the same time, as processes of their own: what they did stands in a file, line by line. */

/** Writes "enter NAME" when it begins and "leave NAME" when the file `go` is there. */
const PROVIDER = `import { appendFileSync, existsSync, watch } from 'node:fs';
import { Closed, defineProvider, Type } from 'threadline/provider';
export default defineProvider({
  description: 'Waits for a file.',
  config: Closed({}),
  params: Closed({ name: Type.String() }),
  async run({ name }, { signal }) {
    appendFileSync('log', \`enter \${name}\\n\`);
    console.error('entered');
    await new Promise((resolve) => {
      const watcher = watch('.', check);
      function check() {
        if (!existsSync('go') && !signal.aborted) return;
        watcher.close();
        resolve();
      }
      signal.addEventListener('abort', check);
      check();
    });
    appendFileSync('log', \`leave \${name}\\n\`);
    signal.throwIfAborted();
    return name;
  },
});
`;

const workflow = (policy: string) => `workflow:
  id: one-at-a-time
${policy}
  inputs: [{ name: name }]
  steps:
    - name: hold
      provider: { type: gate, with: { name: "{{ inputs.name }}" } }
`;

const project = (policy: string) =>
  folderWith({
    'threadline.config.yaml': 'providers: [providers]\n',
    'providers/gate/index.ts': PROVIDER,
    'w.yml': workflow(policy),
    'alert.json': '{"name":"disk","fingerprint":"f"}',
    'other.json': '{"name":"disk","fingerprint":"g"}',
  });

const start = (folder: string, name: string, ...args: string[]) =>
  startCli(['run', 'w.yml', '-i', `name=${name}`, '--run-id', name, '--format', 'json', ...args], { folder });
const log = (folder: string) => readFileSync(join(folder, 'log'), 'utf8').trim().split('\n');
const go = (folder: string) => writeFileSync(join(folder, 'go'), '');
const status = ({ stdout }: CliResult) => JSON.parse(stdout).run.status;
/** As if so much time had gone by that all leases have run out. */
function passLeases(folder: string): void {
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
  const database = new DatabaseSync(join(folder, '.threadline/locks.db'));
  database.exec('UPDATE leases SET until = 0');
  database.close();
}
const pretty = (folder: string, name: string) => startCli(['run', 'w.yml', '-i', `name=${name}`, '--run-id', name], { folder });

describe('concurrency', () => {
  test('queue: the second run waits, says for whom, and runs when the first has ended', async () => {
    const folder = project('  concurrency: { key: "deploys" }');
    const first = start(folder, 'a');
    await first.says('entered');
    const second = pretty(folder, 'b');
    await second.says('waits for run a, which holds deploys');
    expect(log(folder)).toEqual(['enter a']);
    go(folder);
    expect([(await first.ended).code, (await second.ended).code]).toEqual([0, 0]);
    expect(log(folder)).toEqual(['enter a', 'leave a', 'enter b', 'leave b']);
  });

  test('skip: the second run ends at once, with the name of the first', async () => {
    const folder = project('  concurrency: { key: "deploys", on_busy: skip }');
    const first = start(folder, 'a');
    await first.says('entered');
    const second = await start(folder, 'b').ended;
    expect(second.code).toBe(1);
    expect(JSON.parse(second.stdout)).toMatchObject({
      run: { status: 'cancelled' },
      error: { code: 'run_busy', message: expect.stringContaining('Run a holds `deploys`') },
    });
    go(folder);
    expect((await first.ended).code).toBe(0);
  });

  test('cancel: the first run is cancelled, and the second goes on when it has let go', async () => {
    const folder = project('  concurrency: { key: "deploys", on_busy: cancel }');
    const first = start(folder, 'a');
    await first.says('entered');
    const second = start(folder, 'b');
    const ended = await first.ended;
    expect(ended.code).toBe(130);
    expect(JSON.parse(ended.stdout).error.message).toContain('Run b took the place of this one');
    go(folder);
    expect(status(await second.ended)).toBe('succeeded');
    expect(log(folder)).toEqual(['enter a', 'leave a', 'enter b', 'leave b']);
  });

  test("Keep's strategy: runs for one alert do not overlap, runs for two do", async () => {
    const folder = project('  strategy: nonparallel\n  triggers: [{ type: alert }]');
    const first = start(folder, 'a', '--alert', 'alert.json');
    await first.says('entered');
    const other = start(folder, 'b', '--alert', 'other.json');
    await other.says('entered');
    expect((await start(folder, 'c', '--alert', 'alert.json').ended).code).toBe(1);
    go(folder);
    expect([(await first.ended).code, (await other.ended).code]).toEqual([0, 0]);
  });

  test('Ctrl-C while waiting ends the run, and the line goes on without it', async () => {
    const folder = project('  concurrency: deploys');
    const first = start(folder, 'a');
    await first.says('entered');
    const second = pretty(folder, 'b');
    await second.says('waits for run a');
    second.kill('SIGINT');
    expect((await second.ended).code).toBe(130);
    go(folder);
    expect((await first.ended).code).toBe(0);
    expect((await start(folder, 'c').ended).code).toBe(0);
    expect(log(folder)).not.toContain('enter b');
  });

  test('ten runs at once go in one after the other', async () => {
    const folder = project('  concurrency: deploys');
    go(folder);
    const names = Array.from({ length: 10 }, (_, index) => `run-${index}`);
    const ended = await Promise.all(names.map((name) => start(folder, name).ended));
    expect(ended.map(({ code }) => code)).toEqual(names.map(() => 0));
    const lines = log(folder);
    expect(lines).toHaveLength(20);
    for (let index = 0; index < lines.length; index += 2) expect(lines[index + 1]).toBe(lines[index]?.replace('enter', 'leave'));
  });

  test('a called workflow that would wait for its caller fails', async () => {
    const folder = folderWith({
      'w.yml':
        'workflow:\n  id: outer\n  concurrency: k\n  steps:\n    - { name: call, retry: 3, provider: { type: workflow, with: { file: inner.yml } } }\n',
      'inner.yml':
        'workflow:\n  id: inner\n  concurrency: k\n  steps:\n    - { name: say, provider: { type: console, with: { message: hi } } }\n',
    });
    const { code, stdout } = await cli(['run', 'w.yml', '--format', 'json'], { folder });
    expect(code).toBe(1);
    expect(JSON.parse(stdout).steps.call).toMatchObject({
      // Trying again would not help.
      attempts: 1,
      error: { code: 'run_busy', message: expect.stringContaining('would wait for the run that calls it') },
    });
  });

  test('those that wait go in as they came', async () => {
    const folder = project('  concurrency: deploys');
    const runs = [start(folder, 'a')];
    await runs[0]?.says('entered');
    for (const name of ['b', 'c', 'd']) {
      const run = start(folder, name);
      await run.says('waits for run a');
      runs.push(run);
    }
    go(folder);
    await Promise.all(runs.map((run) => run.ended));
    expect(log(folder).filter((line) => line.startsWith('enter'))).toEqual(['enter a', 'enter b', 'enter c', 'enter d']);
  });

  test('a run whose process was killed holds up nobody for longer than its lease', async () => {
    const folder = project('  concurrency: deploys');
    const first = start(folder, 'a');
    await first.says('entered');
    const second = start(folder, 'b');
    await second.says('waits for run a');
    first.kill('SIGKILL');
    expect((await first.ended).signal).toBe('SIGKILL');
    passLeases(folder);
    await second.says('entered');
    go(folder);
    expect((await second.ended).code).toBe(0);
    expect(log(folder)).toEqual(['enter a', 'enter b', 'leave b']);
  });

  test('--timeout counts the waiting', async () => {
    const folder = project('  concurrency: deploys');
    const first = start(folder, 'a');
    await first.says('entered');
    const { code, stdout } = await start(folder, 'b', '--timeout', '200ms').ended;
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      run: { status: 'failed' },
      error: { code: 'timeout', message: expect.stringContaining('--timeout') },
    });
    go(folder);
    expect((await first.ended).code).toBe(0);
  });

  test('--timeout ends a run that has its turn, too', async () => {
    const folder = project('');
    const { code, stdout } = await start(folder, 'a', '--timeout', '500ms').ended;
    expect([code, JSON.parse(stdout).error.code]).toEqual([1, 'timeout']);
  });

  test('a key that cannot be computed fails the run, which calls nothing', async () => {
    const folder = project('  concurrency: "{{ alert.labels.host }}"');
    const { code, stdout } = await start(folder, 'a', '--alert', 'alert.json').ended;
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ run: { status: 'failed' }, steps: {}, error: { code: 'missing_value' } });
  });

  test('a file of leases that cannot be used is a matter of configuration', async () => {
    const folder = project('  concurrency: deploys');
    mkdirSync(join(folder, '.threadline/locks.db'), { recursive: true });
    const { code, stdout } = await start(folder, 'a').ended;
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({ run: { status: 'failed' }, error: { code: 'invalid_config' } });
  });

  test('secrets in a key are masked', async () => {
    const folder = project('  concurrency: "{{ secrets.TENANT }}"');
    const env = { TENANT: 'tenant-4711' };
    const run = (name: string) => startCli(['run', 'w.yml', '-i', `name=${name}`, '--run-id', name], { folder, env });
    const first = run('a');
    await first.says('entered');
    const second = run('b');
    await second.says('waits for run a, which holds ***');
    second.kill('SIGINT');
    expect((await second.ended).stderr).not.toContain('4711');
    go(folder);
    await first.ended;
  });
});
