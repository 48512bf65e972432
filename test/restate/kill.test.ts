import { watch } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  LoadBalancer,
  type RestateServer,
  register,
  startRestate,
  startWorkerProcess,
  type WorkerProcess,
} from '../support/restate.ts';
import { CALLS, TracedRuns } from './traced-runs.ts';

const RUNS = Number(process.env.KILL_RUNS ?? 40);
const KILLS = Number(process.env.KILL_TIMES ?? 2);

let server: RestateServer & { stop(): Promise<void> };
const workers: WorkerProcess[] = [];
const balancers: LoadBalancer[] = [];

beforeAll(async () => {
  server = await startRestate();
}, 30_000);

afterAll(async () => {
  for (const worker of workers) await worker.kill();
  for (const balancer of balancers) balancer.stop();
  await server.stop();
});

async function workersFor(runs: TracedRuns, count: number): Promise<LoadBalancer> {
  const balancer = new LoadBalancer();
  balancers.push(balancer);
  for (let index = 0; index < count; index++) await addWorker(runs, balancer);
  await register(server, await balancer.start());
  return balancer;
}

async function addWorker(runs: TracedRuns, balancer: LoadBalancer): Promise<WorkerProcess> {
  const worker = await startWorkerProcess(server, runs.folder);
  workers.push(worker);
  balancer.workers.push(worker);
  return worker;
}

/** Resolves once that many calls have ended. */
function untilEnded(runs: TracedRuns, count: number): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      const ended = [...runs.ends().values()].reduce((sum, times) => sum + times, 0);
      if (ended < count) return;
      watcher.close();
      resolve();
    };
    const watcher = watch(join(runs.folder, 'lines'), look);
    look();
  });
}

/** Every run has ended well, and no call that was finished before a kill was repeated. */
async function expectAllDone(
  runs: TracedRuns,
  ended: Awaited<ReturnType<TracedRuns['startMany']>>,
  finishedBefore: ReadonlyMap<string, number>[],
): Promise<void> {
  expect(ended.map((end) => ('report' in end ? [end.report.run.status, end.report.outputs.text] : end))).toEqual(
    ended.map(() => ['succeeded', 'ab3xy!']),
  );
  // Events from before a kill are in the report, once for each finished call.
  for (const end of ended)
    if ('report' in end) expect(end.report.usage).toMatchObject({ total_tokens: CALLS, cost_usd: CALLS / 2 });
  const counts = runs.ends();
  expect(counts.size).toBe(ended.length * CALLS);
  const again = finishedBefore.flatMap((before) => [...before].filter(([key, times]) => counts.get(key) !== times));
  expect(again).toEqual([]);
  expect(Math.max(...counts.values())).toBeLessThanOrEqual(1 + finishedBefore.length);
}

const ids = (name: string) => Array.from({ length: RUNS }, (_, index) => `${name}-${index}`);

test('R12, H15: a worker that is killed costs no run, and no finished step is done again', async () => {
  const runs = await TracedRuns.make();
  const balancer = await workersFor(runs, 1);
  const ended = runs.startMany(server.ingress, ids('one'));
  const finished: Map<string, number>[] = [];
  for (let kill = 1; kill <= KILLS; kill++) {
    await untilEnded(runs, Math.round((RUNS * CALLS * kill) / (KILLS + 1)));
    await workers.at(-1)?.kill();
    finished.push(runs.finished());
    balancer.workers.length = 0;
    await addWorker(runs, balancer);
  }
  await expectAllDone(runs, await ended, finished);
  expect(finished.some(({ size }) => size > 0)).toBe(true);
}, 600_000);

test('one of two workers takes over the runs of the other', async () => {
  const runs = await TracedRuns.make();
  await workersFor(runs, 2);
  const ended = runs.startMany(server.ingress, ids('two'));
  await untilEnded(runs, (RUNS * CALLS) / 3);
  await workers.at(-1)?.kill();
  await expectAllDone(runs, await ended, [runs.finished()]);
}, 60_000);

test('a server that was killed resumes all runs when it is back', async () => {
  const runs = await TracedRuns.make();
  await workersFor(runs, 1);
  const ended = runs.startMany(server.ingress, ids('server'));
  await untilEnded(runs, (RUNS * CALLS) / 3);
  await server.kill();
  const finished = runs.finished();
  await server.restart();
  await expectAllDone(runs, await ended, [finished]);
}, 60_000);
