import { readFileSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type CliResult, startCli } from '../support/cli.ts';
import {
  LoadBalancer,
  type RestateServer,
  register,
  startRestate,
  startWorkerProcess,
  type WorkerProcess,
} from '../support/restate.ts';
import { gateProject } from './gate-project.ts';

/** The command line, with runs that the workers of a Restate server execute. */

let server: RestateServer & { stop(): Promise<void> };
let worker: WorkerProcess;
const balancer = new LoadBalancer();
const folder = gateProject();

beforeAll(async () => {
  server = await startRestate();
  writeFileSync(
    join(folder, 'threadline.config.yaml'),
    `providers: [providers]\nengine: { type: restate, ingress: "${server.ingress}" }\n`,
  );
  await addWorker();
  await register(server, await balancer.start());
}, 60_000);

async function addWorker(): Promise<void> {
  worker = await startWorkerProcess(server, folder, { SECRET_TOKEN: 'very-secret-token' });
  balancer.workers.push(worker);
}

afterAll(async () => {
  await worker?.kill();
  balancer.stop();
  await server?.stop();
});

const args = (file: string, id: string, ...more: string[]) => ['run', file, '--run-id', id, '--format', 'json', ...more];
const start = (file: string, id: string, ...more: string[]) => startCli(args(file, id, ...more), { folder });
const reportOf = ({ stdout, stderr }: CliResult) => {
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout);
};
const log = () => readFileSync(join(folder, 'log'), 'utf8').trim().split('\n');
const open = (name: string) => writeFileSync(join(folder, `go-${name}`), '');
const entered = (name: string) => worker.process.says(`entered ${name}\n`);
const send = (id: string, name: string, data: unknown) =>
  fetch(`${server.ingress}/threadlineRun/${id}/send`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name, data }),
  });

describe('a run on a worker', () => {
  test('ends with the same report as a local run', async () => {
    open('plain');
    const ran = await start('gate.yml', 'plain', '-i', 'name=plain').ended;
    expect(ran.code).toBe(0);
    const report = reportOf(ran);
    expect(report.run).toMatchObject({ id: 'plain', workflow: 'gate', status: 'succeeded' });
    expect(report.steps.hold).toMatchObject({ status: 'succeeded', results: 'plain' });
    expect(report.outputs).toEqual({ name: 'plain' });
  });

  test('is followed by a second start with the same id', async () => {
    const first = start('gate.yml', 'twice', '-i', 'name=twice');
    await entered('twice');
    const second = start('gate.yml', 'twice', '-i', 'name=twice');
    open('twice');
    const [one, two] = await Promise.all([first.ended, second.ended]);
    expect(reportOf(two)).toEqual(reportOf(one));
    expect(reportOf(await start('gate.yml', 'twice', '-i', 'name=twice').ended)).toEqual(reportOf(one));
    expect(log().filter((line) => line === 'enter twice')).toHaveLength(1);
  });

  test('keeps the text that it began with, whatever is edited meanwhile', async () => {
    const file = join(folder, 'edited.yml');
    const text = readFileSync(join(folder, 'gate.yml'), 'utf8');
    writeFileSync(file, text);
    const run = start('edited.yml', 'edited', '-i', 'name=edited');
    await entered('edited');
    writeFileSync(file, 'workflow: {}\n');
    open('edited');
    expect((await run.ended).code).toBe(0);
  });

  test('fails like a local run, with the exit code for the reason', async () => {
    const failed = await start('fails.yml', 'fails').ended;
    expect(failed.code).toBe(1);
    expect(reportOf(failed).error.message).toContain('Step `bad` failed: it is bad');
    const refused = await start('gate.yml', 'refused').ended;
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('name');
  });

  test('is cancelled by Ctrl-C, down to its step', async () => {
    const run = start('gate.yml', 'cancelled', '-i', 'name=cancelled');
    await entered('cancelled');
    run.kill('SIGINT');
    const ended = await run.ended;
    expect(ended.code).toBe(130);
    expect(reportOf(ended)).toMatchObject({ run: { status: 'cancelled' }, steps: { hold: { error: { code: 'cancelled' } } } });
    expect(log()).toContain('abort cancelled');
  });

  test('has the time limits of its steps and its own', async () => {
    const ended = reportOf(await start('slow.yml', 'slow').ended);
    expect(ended.steps.slow.error.code).toBe('timeout');
    expect(ended.error.code).toBe('timeout');
    expect(ended.steps.after).toBeUndefined();
  });

  test('calls other workflows, whose steps are seen within it', async () => {
    open('inner');
    const report = reportOf(await start('calls.yml', 'calls').ended);
    expect(report.outputs).toEqual({ said: 'inner' });
    expect(Object.keys(report.steps)).toEqual(expect.arrayContaining(['call', 'call/hold']));
  });

  test('keeps secrets from the server', async () => {
    const report = reportOf(await start('secret.yml', 'secret').ended);
    expect(report.run.status).toBe('succeeded');
    const rows = await server.query(
      "SELECT entry_json, raw FROM sys_journal WHERE id IN (SELECT id FROM sys_invocation WHERE target_service_key = 'secret')",
    );
    expect(rows.length).toBeGreaterThan(2);
    const kept = rows.map((row) => Buffer.from(String(row.raw), 'hex').toString('latin1') + JSON.stringify(row));
    expect(kept.filter((text) => text.includes('very-secret-token'))).toEqual([]);
  });
});

describe('a run that waits', () => {
  test('keeps the digits of whole numbers beyond 2^53, in inputs, results and signals', async () => {
    const parked = await start('digits.yml', 'digits', '-i', 'id=9007199254740993').ended;
    expect(parked.code).toBe(4);
    const sent = ['runs', 'signal', 'digits', 'go', '--data', '12345678901234567890'];
    expect((await startCli(sent, { folder }).ended).code).toBe(0);
    const { stdout } = await start('digits.yml', 'digits', '-i', 'id=9007199254740993').ended;
    expect(stdout.replaceAll(/\s/g, '')).toContain('"ids":[9007199254740993,12345678901234567890,9007199254740993]');
  });

  test('for an answer ends the command with exit code 4, and ends on the worker after the answer', async () => {
    const asked = await start('approve.yml', 'asked').ended;
    expect(asked.code).toBe(4);
    const { run, waits } = reportOf(asked);
    expect(run.status).toBe('waiting');
    expect(waits).toMatchObject([{ step: 'sure', question: { message: 'Sure?' } }]);
    await send('asked', waits[0].signal, { approved: true, by: 'Ada' });
    const report = reportOf(await start('approve.yml', 'asked').ended);
    expect(report).toMatchObject({ run: { status: 'succeeded' }, outputs: { by: 'Ada', waited: true } });
  });

  test('survives its worker and the server', async () => {
    const asked = reportOf(await start('approve.yml', 'outlives').ended);
    expect(asked.waits[0].until).toEqual(expect.any(String));
    await worker.kill();
    await server.kill();
    await server.restart();
    balancer.workers.length = 0;
    await addWorker();
    await send('outlives', asked.waits[0].signal, { approved: true, by: 'Eve' });
    const report = reportOf(await start('approve.yml', 'outlives').ended);
    expect(report).toMatchObject({ run: { status: 'succeeded' }, outputs: { by: 'Eve', waited: true } });
  });

  test('for an answer that came before the question does not wait', async () => {
    await send('early', 'sure', { approved: true, by: 'Bob' });
    expect(reportOf(await start('approve.yml', 'early').ended).outputs).toMatchObject({ by: 'Bob' });
  });
});

describe('runs of one key', () => {
  test('run one after the other, in the order of their start', async () => {
    const names = ['q1', 'q2', 'q3'];
    const runs = [];
    for (const name of names) {
      runs.push(start('queued.yml', name, '-i', `name=${name}`).ended);
      await (name === 'q1' ? entered('q1') : untilInLine(server, name));
    }
    for (const name of names) {
      open(name);
      if (name !== 'q3') await entered(`q${Number(name.slice(1)) + 1}`);
    }
    await Promise.all(runs);
    const lines = log().filter((line) => / q\d$/.test(line));
    expect(lines).toEqual(names.flatMap((name) => [`enter ${name}`, `leave ${name}`]));
  });

  test('are skipped with `on_busy: skip`', async () => {
    const first = start('skipped.yml', 's1', '-i', 'name=s1');
    await entered('s1');
    const second = await start('skipped.yml', 's2', '-i', 'name=s2').ended;
    expect(reportOf(second).error.code).toBe('run_busy');
    open('s1');
    expect((await first.ended).code).toBe(0);
  });

  test('are cancelled by a newer one with `on_busy: cancel`', async () => {
    const first = start('replaced.yml', 'r1', '-i', 'name=r1');
    await entered('r1');
    open('r2');
    const second = await start('replaced.yml', 'r2', '-i', 'name=r2').ended;
    expect(reportOf(second).run.status).toBe('succeeded');
    expect(reportOf(await first.ended)).toMatchObject({ run: { status: 'cancelled' }, error: { code: 'cancelled' } });
  });

  test('do not wait for one that an operator has killed', async () => {
    const first = start('queued.yml', 'k1', '-i', 'name=k1');
    await entered('k1');
    const [invocation] = await server.query(
      "SELECT id FROM sys_invocation WHERE target_service_key = 'k1' AND target_handler_name = 'run'",
    );
    await fetch(`${server.admin}/invocations/${invocation?.id}/kill`, { method: 'PATCH' });
    expect((await first.ended).stderr).toContain('killed');
    open('k2');
    expect(reportOf(await start('queued.yml', 'k2', '-i', 'name=k2').ended).run.status).toBe('succeeded');
  });
});

test('a call whose server has gone is aborted and repeated', async () => {
  const run = start('gate.yml', 'lost', '-i', 'name=lost');
  await entered('lost');
  await server.kill();
  await untilLogged('abort lost');
  await server.restart();
  open('lost');
  expect(reportOf(await run.ended)).toMatchObject({ run: { status: 'succeeded' }, outputs: { name: 'lost' } });
  expect(log().filter((line) => line.endsWith(' lost'))).toEqual(['enter lost', 'abort lost', 'enter lost', 'leave lost']);
});

test('a worker drains on SIGTERM: work in progress ends on it, and the run on another worker', async () => {
  const run = start('two.yml', 'drained');
  await entered('before');
  worker.process.kill('SIGTERM');
  await worker.process.says('draining');
  expect((await fetch(`http://127.0.0.1:${worker.healthPort}`)).status).toBe(503);
  open('before');
  open('after');
  expect((await worker.process.ended).code).toBe(0);
  expect(log().filter((line) => / (before|after)$/.test(line))).toEqual(['enter before', 'leave before']);
  balancer.workers.length = 0;
  await addWorker();
  expect(reportOf(await run.ended).run.status).toBe('succeeded');
  expect(log().filter((line) => / (before|after)$/.test(line))).toEqual([
    'enter before',
    'leave before',
    'enter after',
    'leave after',
  ]);
});

test('without a server the command names its address, and tries until it is stopped', async () => {
  const elsewhere = gateProject();
  writeFileSync(join(elsewhere, 'threadline.config.yaml'), 'providers: [providers]\nengine: { ingress: "http://127.0.0.1:9" }\n');
  const run = startCli(args('gate.yml', 'x', '-i', 'name=x', '--engine', 'restate'), { folder: elsewhere });
  await run.says('the Restate server at http://127.0.0.1:9 cannot be reached: trying again');
  run.kill('SIGINT');
  expect((await run.ended).stderr).toContain('The run was cancelled');
});

test('a run is handed over once the server is there, and its end arrives although the server was away', async () => {
  await server.kill();
  const run = start('gate.yml', 'outage', '-i', 'name=outage');
  await run.says('trying again');
  await server.restart();
  await entered('outage');
  await server.kill();
  const attached = start('gate.yml', 'outage', '-i', 'name=outage');
  await attached.says('trying again');
  open('outage');
  await server.restart();
  expect(reportOf(await run.ended)).toMatchObject({ run: { status: 'succeeded' }, outputs: { name: 'outage' } });
  expect(reportOf(await attached.ended)).toMatchObject({ run: { status: 'succeeded' }, outputs: { name: 'outage' } });
});

test('a run that is cancelled before a worker has begun it ends as cancelled', async () => {
  await worker.kill();
  balancer.workers.length = 0;
  const run = start('gate.yml', 'unbegun', '-i', 'name=unbegun');
  await untilTaken(server, 'unbegun');
  run.kill('SIGINT');
  await run.says('Cancelling');
  await addWorker();
  expect(reportOf(await run.ended)).toMatchObject({ run: { status: 'cancelled' } });
});

/** Resolves once the server has the run. */
async function untilTaken({ query }: RestateServer, runId: string): Promise<void> {
  for (;;) {
    const [row] = await query(
      `SELECT 1 FROM sys_invocation WHERE target_service_key = '${runId}' AND target_handler_name = 'run'`,
    );
    if (row) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function untilLogged(line: string): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (!log().includes(line)) return;
      watcher.close();
      resolve();
    };
    const watcher = watch(join(folder, 'log'), look);
    look();
  });
}

/** Resolves once the run waits in line for its key. */
async function untilInLine({ query }: RestateServer, runId: string): Promise<void> {
  for (;;) {
    const [row] = await query(`SELECT 1 FROM state WHERE service_name = 'threadlineLane' AND value_utf8 LIKE '%"${runId}"%'`);
    if (row) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
