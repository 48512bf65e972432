import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { folderWith, startCli } from '../support/cli.ts';
import {
  LoadBalancer,
  type RestateServer,
  register,
  startRestate,
  startWorkerProcess,
  type WorkerProcess,
} from '../support/restate.ts';

/** The log of a worker, in which the runs of a Restate server are found again by their ids. */

const say = (name: string) =>
  `    - { name: ${name}, provider: { type: console, with: { message: "${name} {{ secrets.TOKEN }}" } } }\n`;
const HOLD = '    - { name: hold, provider: { type: wait, with: { signal: go } } }\n';

let server: RestateServer & { stop(): Promise<void> };
const workers: WorkerProcess[] = [];
const balancer = new LoadBalancer();
const folder = folderWith({ 'flow.yml': `workflow:\n  id: flow\n  steps:\n${say('before')}${HOLD}${say('after')}` });

beforeAll(async () => {
  server = await startRestate();
  writeFileSync(join(folder, 'threadline.config.yaml'), `engine: { type: restate, ingress: "${server.ingress}" }\n`);
  await addWorker();
  await register(server, await balancer.start());
}, 60_000);

async function addWorker(): Promise<WorkerProcess> {
  const worker = await startWorkerProcess(server, folder, { TOKEN: 'very-secret-token', LOG_FORMAT: 'json' });
  balancer.workers.splice(0, 1, worker);
  workers.push(worker);
  return worker;
}

afterAll(async () => {
  for (const worker of workers) await worker.kill();
  balancer.stop();
  await server?.stop();
});

const linesOf = (stderr: string) =>
  stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
const shown = ({ message, step }: Record<string, unknown>) => [message, step].join(' ').trim();

test('H7, H8: workers log what a run does under its id and without secrets; of what is replayed, only what follows the last entry', async () => {
  const [first] = workers as [WorkerProcess];
  const run = startCli(['run', 'flow.yml', '-q', '--run-id', 'case-7'], { folder });
  await first.process.says('wait started');
  await first.kill();
  const second = await addWorker();
  const { status } = await fetch(`${server.ingress}/threadlineRun/case-7/send`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'go', data: null }),
  });
  expect(status).toBe(200);
  expect((await run.ended).code).toBe(0);
  second.process.kill('SIGTERM');

  const [before, after] = await Promise.all([first.process.ended, second.process.ended]);
  const [started, ended] = [linesOf(before.stderr), linesOf(after.stderr)];
  const ofRun = ({ correlation_id }: Record<string, unknown>) => correlation_id === 'case-7';
  expect(started.filter(ofRun).map(shown)).toEqual([
    'run started',
    'before *** before',
    'step ended before',
    'wait started hold',
  ]);
  const resumed = ended.filter(ofRun).map(shown);
  // The server may not have heard that the first worker came to say these two; then, and only then, the second says both again.
  const saidAgain = resumed.length > 5 ? ['step ended before', 'wait started hold'] : [];
  expect(resumed).toEqual([
    ...saidAgain,
    'wait ended hold',
    'step ended hold',
    'after *** after',
    'step ended after',
    'run ended',
  ]);
  expect(ended.filter((line) => !ofRun(line)).map(shown)).toEqual([
    expect.stringContaining('a worker for Restate at '),
    expect.stringContaining('draining'),
    'the worker has ended',
  ]);
  expect(before.stderr + after.stderr).not.toContain('very-secret');
});
