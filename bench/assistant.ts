import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadWorkflow, openRegistry, type Plan, runWorkflow } from 'threadline';
import { CLI, type Measured, median, ratio, timeInterleaved } from './measure.ts';

const LATENCY_MS = 200;
const ASKS = 12;
const WIRES = ['responses', 'chat'];

const registry = openRegistry();
const folder = mkdtempSync(join(tmpdir(), 'threadline-bench-'));

/** A server in a process of its own, as servers are. */
async function startServer(): Promise<{ url: string; process: ChildProcess }> {
  writeFileSync(join(folder, 'rules.yml'), `rules: [{ text: 'The disk is full.', latency_ms: ${LATENCY_MS} }]`);
  const child = spawn(process.execPath, [CLI, 'emulator', '--port', '0', '--rules', 'rules.yml'], { cwd: folder });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (said += String(data)));
  while (!/http:\S+\/v1/.test(said)) await new Promise((resolve) => setTimeout(resolve, 20));
  return { url: /http:\S+\/v1/.exec(said)?.[0] ?? '', process: child };
}

async function load(steps: string): Promise<Plan> {
  const file = join(folder, `w${Math.random()}.yml`);
  writeFileSync(file, `workflow:\n  id: ask\n  inputs: [{ name: items, type: list, default: [] }]\n  steps:\n${steps}`);
  const { plan, diagnostics } = await loadWorkflow(file, registry);
  if (!plan) throw new Error(JSON.stringify(diagnostics));
  return plan;
}

const step = (name: string, wire: string, stream: boolean, rest = '', extra = '') => `    - name: ${name}
      ${rest}provider:
        type: openaiassistant
        with: { prompt: "Why?", model: gpt-6-luna, wire: ${wire}, stream: ${stream}${extra} }
`;

async function time(plan: Plan, url: string, inputs = {}): Promise<number> {
  const startedAt = performance.now();
  const { run, error } = await runWorkflow(plan, {
    registry,
    inputs,
    environment: { OPENAI_API_KEY: 'bench', OPENAI_BASE_URL: url },
    threadStore: join(folder, 'threads.db'),
    locks: join(folder, 'locks.db'),
  });
  const took = performance.now() - startedAt;
  if (run.status !== 'succeeded') throw new Error(`the run ${run.status}: ${error?.message}`);
  return took;
}

/** The same request, by hand. */
async function timeFetch(url: string, wire: string, stream: boolean): Promise<number> {
  const startedAt = performance.now();
  const [path, body] =
    wire === 'chat'
      ? ['/chat/completions', { messages: [{ role: 'user', content: 'Why?' }] }]
      : ['/responses', { input: 'Why?' }];
  const answer = await fetch(`${url}${path}`, {
    method: 'POST',
    headers: { authorization: 'Bearer bench', 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'gpt-6-luna', stream, ...body }),
  });
  await answer.text();
  return performance.now() - startedAt;
}

/** What an ask takes beyond the server's own time, and whether many at once get into each other's way. */
export async function askOverhead(): Promise<Measured[]> {
  const { url, process: server } = await startServer();
  try {
    const single: Measured[] = [];
    for (const wire of WIRES) for (const stream of [false, true]) single.push(await overheadOf(url, wire, stream));
    return [...single, ...(await manyAtOnce(url))];
  } finally {
    server.kill();
  }
}

async function overheadOf(url: string, wire: string, stream: boolean): Promise<Measured> {
  const first = step('a0', wire, stream);
  const goesOn = (index: number) => step(`a${index}`, wire, stream, '', `, thread_id: "{{ steps.a0.results.thread_id }}"`);
  const long = await load([first, ...Array.from({ length: ASKS }, (_, index) => goesOn(index + 1))].join(''));
  const short = await load(first);
  const ours: number[] = [];
  const theirs: number[] = [];
  await time(short, url);
  for (let round = 0; round < 3; round++) {
    ours.push(((await time(long, url)) - (await time(short, url))) / ASKS);
    for (let ask = 0; ask < ASKS / 2; ask++) theirs.push(await timeFetch(url, wire, stream));
  }
  const overhead = (median(ours) / median(theirs) - 1) * 100;
  return {
    what: `an ask of ${LATENCY_MS} ms over \`${wire}\`, ${stream ? 'streamed' : 'whole'}, beyond a bare request`,
    value: `${overhead.toFixed(1)} %`,
    target: '≤ 3 %',
    holds: overhead <= 3,
  };
}

/** Whole processes: what one ask takes with its start, and a hundred at once. */
async function manyAtOnce(url: string): Promise<Measured[]> {
  const foreach = 'foreach: "{{ inputs.items }}"\n      concurrency: 100\n      ';
  writeFileSync(
    join(folder, 'many.yml'),
    `workflow:\n  id: ask\n  inputs: [{ name: items, type: list }]\n  steps:\n${step('ask', 'responses', true, foreach)}`,
  );
  const run = (count: number) => [
    CLI,
    'run',
    'many.yml',
    '-q',
    '-i',
    `items=${JSON.stringify(Array.from({ length: count }, (_, index) => index))}`,
  ];
  process.env.OPENAI_API_KEY = 'bench';
  process.env.OPENAI_BASE_URL = url;
  const { one = 1, hundred = 0 } = await timeInterleaved({ one: run(1), hundred: run(100) }, folder, 7);
  const times = hundred / one;
  return [{ what: '100 asks at once over one ask, starts included', value: ratio(times), target: '≤ 1.5×', holds: times <= 1.5 }];
}
