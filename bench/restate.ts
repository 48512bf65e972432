import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadWorkflow, openRegistry, openRunStore, runWorkflow } from 'threadline';
import { LoadBalancer } from '../test/support/load-balancer.ts';
import { freePorts, launchRestate, type RestateServer, register } from '../test/support/restate-server.ts';
import { CLI, type Measured, median, ratio } from './measure.ts';

const RUNS = 200;
const STEPS = 5;
const AT_ONCE = 50;
const ROUNDS = 5;
const WORKERS = [1, 2, 4];

const step = (index: number) =>
  `    - name: s${index}\n      provider: { type: mock, with: { delay: 5ms, output: { text: "answer ${index}", n: ${index} } } }\n`;
const WORKFLOW = `workflow:\n  id: five\n  steps:\n${Array.from({ length: STEPS }, (_, index) => step(index)).join('')}`;

/** Five steps of 5 ms, 50 runs at once: by a real Restate server and 1, 2 and 4 workers, and by the local engine, interleaved. */
export async function distributedScale(): Promise<Measured[]> {
  const folder = mkdtempSync(join(tmpdir(), 'threadline-bench-'));
  writeFileSync(join(folder, 'five.yml'), WORKFLOW);
  mkdirSync(join(folder, 'data'));
  const server = await launchRestate(join(folder, 'data'));
  const workers: Worker[] = [];
  for (let index = 0; index < Math.max(...WORKERS); index++) workers.push(await startWorker(server, folder));
  const groups = await Promise.all(WORKERS.map((count) => balance(workers.slice(0, count))));
  const local = await localEngine(folder);
  const taken: Record<string, number[]> = {};
  for (let round = 0; round <= ROUNDS; round++) {
    const rates: [string, number][] = [['local', await perSecond(local.run)]];
    for (const { count, url } of groups) {
      await register(server, url);
      rates.push([`${count}`, await perSecond(() => runThere(server))]);
    }
    // The first round warms all of it up.
    if (round > 0) for (const [name, rate] of rates) taken[name] = [...(taken[name] ?? []), rate];
  }
  local.close();
  for (const { balancer } of groups) balancer.stop();
  for (const { child } of workers) child.kill('SIGKILL');
  await server.kill();
  rmSync(folder, { recursive: true });
  return compared((name) => median(taken[name] ?? []));
}

function compared(rateOf: (name: string) => number): Measured[] {
  const compare = (what: string, value: number, least: number): Measured => ({
    what,
    value: ratio(value),
    target: `≥ ${least.toFixed(2)}×`,
    holds: value >= least,
  });
  // Server, workers and clients share the cores: where they are few, more workers cost and gain about the same.
  const cores = availableParallelism();
  const least = cores < 8 ? 0.8 : 1.2;
  return [
    compare('steps per second, one worker over the local engine', rateOf('1') / rateOf('local'), 0.15),
    compare(`two workers over one, ${cores} cores for all`, rateOf('2') / rateOf('1'), least),
    compare(`four workers over one, ${cores} cores for all`, rateOf('4') / rateOf('1'), least),
  ];
}

async function perSecond(run: () => Promise<unknown>): Promise<number> {
  let left = RUNS;
  const startedAt = performance.now();
  const work = async () => {
    while (left-- > 0) await run();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return (RUNS * STEPS * 1000) / (performance.now() - startedAt);
}

/** With its journal in a file, as the command line has it. */
async function localEngine(folder: string): Promise<{ run(): Promise<void>; close(): void }> {
  const registry = openRegistry();
  const { plan } = await loadWorkflow(join(folder, 'five.yml'), registry);
  if (!plan) throw new Error('no plan');
  const runs = openRunStore(join(folder, 'runs.db'));
  return {
    async run() {
      const { run } = await runWorkflow(plan, { registry, environment: {}, runs });
      if (run.status !== 'succeeded') throw new Error(`the run ${run.status}`);
    },
    close: () => runs.close(),
  };
}

async function runThere({ ingress }: RestateServer): Promise<void> {
  const response = await fetch(`${ingress}/threadlineRun/${crypto.randomUUID()}/run`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ file: 'five.yml', workflow: 'five', texts: { 'five.yml': WORKFLOW }, inputs: {}, seal: 'none' }),
  });
  const { report } = (await response.json()) as { report?: { run: { status: string } } };
  if (report?.run.status !== 'succeeded') throw new Error(`the run ${report?.run.status}`);
}

interface Worker {
  port: number;
  child: ChildProcess;
}

async function startWorker({ ingress }: RestateServer, folder: string): Promise<Worker> {
  const [port] = await freePorts(1);
  const args = [CLI, 'worker', '--port', `${port}`, '--health-port', '0', '--ingress', ingress];
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  // It says where it is once it is there.
  await once(child.stdout as NonNullable<typeof child.stdout>, 'data');
  return { port, child };
}

async function balance(workers: Worker[]): Promise<{ count: number; url: string; balancer: LoadBalancer }> {
  const balancer = new LoadBalancer();
  balancer.workers.push(...workers);
  return { count: workers.length, url: await balancer.start(), balancer };
}
