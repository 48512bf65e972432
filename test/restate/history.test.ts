import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type CliResult, cli, startCli } from '../support/cli.ts';
import { type RestateServer, register, startRestate, startWorkerProcess, type WorkerProcess } from '../support/restate.ts';
import { gateProject } from './gate-project.ts';

/** The commands on the history, on runs of a Restate server. */

let server: RestateServer & { stop(): Promise<void> };
let worker: WorkerProcess;
const folder = gateProject();
const open = (name: string) => writeFileSync(join(folder, `go-${name}`), '');
const runs = (...args: string[]) => cli(['runs', ...args, '--engine', 'restate'], { folder });
const run = (file: string, id: string, ...more: string[]) =>
  startCli(['run', file, '--engine', 'restate', '--run-id', id, '--format', 'json', ...more], { folder });
const listed = async (...args: string[]) => jsonOf(await runs('list', '--format', 'json', ...args));
const idsOf = ({ runs: all }: { runs: { id: string }[] }) => all.map(({ id }) => id);

function jsonOf({ stdout, stderr }: CliResult) {
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout);
}

beforeAll(async () => {
  server = await startRestate();
  writeFileSync(
    join(folder, 'threadline.config.yaml'),
    `providers: [providers]\nengine: { ingress: "${server.ingress}", admin: "${server.admin}" }\n`,
  );
  worker = await startWorkerProcess(server, folder);
  await register(server, `http://127.0.0.1:${worker.port}`);
  open('done');
  await run('gate.yml', 'done', '-i', 'name=done').ended;
  await run('fails.yml', 'fails').ended;
}, 60_000);

afterAll(async () => {
  await worker?.kill();
  await server?.stop();
});

describe('a run that has ended', () => {
  test('is in the list with its end, and `runs show` has its steps and events', async () => {
    const { runs: all, next } = await listed();
    expect(next).toBeNull();
    expect(all).toMatchObject([
      { id: 'fails', workflow: 'fails', status: 'failed', error: { message: expect.stringContaining('it is bad') } },
      { id: 'done', workflow: 'gate', file: 'gate.yml', status: 'succeeded', duration_ms: expect.any(Number), error: null },
    ]);
    const shown = jsonOf(await runs('show', 'do', '--format', 'json'));
    expect(shown).toMatchObject({
      run: { id: 'done', status: 'succeeded' },
      request: { inputs: { name: 'done' } },
      steps: { hold: { status: 'succeeded', provider: 'gate', results: 'done' } },
      outputs: { name: 'done' },
    });
    const events = (await runs('show', 'done', '--format', 'jsonl')).stdout.trim().split('\n');
    expect(events.map((line) => JSON.parse(line).type)).toEqual(['run-started', 'step-started', 'step-ended', 'run-ended']);
    expect((await runs('show', 'done')).stdout).toContain('✓ hold');
  });

  test('is in a list that is cut and filtered like the local one', async () => {
    expect(idsOf(await listed('--status', 'failed'))).toEqual(['fails']);
    expect(idsOf(await listed('--workflow', 'gate', '--since', '1h'))).toEqual(['done']);
    const page = await listed('--limit', '1');
    expect(page).toMatchObject({ runs: [{ id: 'fails' }], next: 'fails' });
    expect(idsOf(await listed('--before', 'fails'))).toEqual(['done']);
    expect((await runs('list')).stdout).toMatch(/^fails +failed +fails .*it is bad/);
  });

  test('cannot be cancelled or answered any more', async () => {
    for (const args of [
      ['cancel', 'done'],
      ['signal', 'done', 'go'],
      ['resume', 'done', '--approve'],
    ])
      expect((await runs(...args)).stderr).toContain('Run `done` has ended');
  });
});

test('`runs resume` answers the question of a run and prints its end', async () => {
  const { code } = await run('approve.yml', 'asked').ended;
  expect(code).toBe(4);
  const shown = jsonOf(await runs('show', 'asked', '--format', 'json'));
  expect(shown).toMatchObject({ run: { status: 'waiting' }, waits: [{ signal: 'sure', question: { message: 'Sure?' } }] });
  expect((await runs('list', '--status', 'waiting')).stdout).toContain('waits for sure');
  expect((await runs('signal', 'asked', 'sure')).stderr).toContain('`sure` is a question');
  expect((await runs('resume', 'asked', '--approve', '--step', 'other')).stderr).toContain('does not ask `other`');
  const resumed = await runs('resume', 'asked', '--approve', '--by', 'Ada', '--format', 'json');
  expect(resumed.code).toBe(0);
  expect(jsonOf(resumed)).toMatchObject({ run: { id: 'asked', status: 'succeeded' }, outputs: { by: 'Ada', waited: true } });
});

test('a run in progress is cancelled by its id', async () => {
  const cancelled = run('gate.yml', 'cancelled', '-i', 'name=cancelled');
  await worker.process.says('entered cancelled\n');
  expect(jsonOf(await runs('show', 'cancelled', '--format', 'json')).run.status).toBe('running');
  expect((await runs('cancel', 'cancelled')).stdout).toContain('cancelled  asked to stop');
  expect((await cancelled.ended).code).toBe(130);
  expect((await listed('--status', 'cancelled')).runs).toMatchObject([{ id: 'cancelled', error: { code: 'cancelled' } }]);
});

test('a run that an operator has killed counts as failed', async () => {
  await run('approve.yml', 'killed').ended;
  const [row] = await server.query(
    "SELECT id FROM sys_invocation WHERE target_service_key = 'killed' AND target_handler_name = 'run'",
  );
  await fetch(`${server.admin}/invocations/${row?.id}/kill`, { method: 'PATCH' });
  expect((await run('approve.yml', 'killed').ended).stderr).toContain('killed');
  const failed = { status: 'failed' };
  expect(await listed('--limit', '1')).toMatchObject({ runs: [{ id: 'killed', ...failed, error: { code: 'server_error' } }] });
  const shown = jsonOf(await runs('show', 'killed', '--format', 'json'));
  expect(shown).toMatchObject({ run: failed, error: { message: expect.stringContaining('killed') } });
  expect(shown.waits).toBeUndefined();
  expect((await runs('resume', 'killed', '--reject')).stderr).toContain('has ended');
});

test('a server that cannot be reached and an unknown run are errors', async () => {
  expect((await runs('show', 'unknown')).stderr).toContain('There is no run `unknown`');
  const elsewhere = gateProject();
  writeFileSync(join(elsewhere, 'threadline.config.yaml'), 'engine: { type: restate, admin: "http://127.0.0.1:9" }\n');
  const { code, stderr } = await cli(['runs', 'list'], { folder: elsewhere });
  expect(code).toBe(1);
  expect(stderr).toContain('http://127.0.0.1:9 cannot be reached');
  expect(stderr).toContain('its admin API');
});
