import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { startCheckedEmulator } from '../support/checked-emulator.ts';
import { folderWith, startCli } from '../support/cli.ts';
import { LoadBalancer, register, startRestate, startWorkerProcess } from '../support/restate.ts';

const ask = (name: string) => `    - name: ${name}
      provider: { type: openaiassistant, with: { model: any, prompt: "${name}", thread: { key: db-1 } } }
`;
const WORKFLOW = `workflow:
  id: talk
  steps:
${ask('first')}${ask('second')}    - name: sure
      provider: { type: approval, with: { message: "Go on?" } }
${ask('third')}    - name: read
      provider:
        type: mock
        with: { output: "{{#each steps.first.results.messages}}{{ role }}: {{ text }}. {{/each}}" }
`;

test('at Restate, `messages` of a step stays what it was at its end, on another worker too', async () => {
  const emulator = await startCheckedEmulator({ rules: [{ text: 'Fine' }] });
  const server = await startRestate();
  const balancer = new LoadBalancer();
  const folder = folderWith({ 'talk.yml': WORKFLOW });
  writeFileSync(join(folder, 'threadline.config.yaml'), `engine: { type: restate, ingress: "${server.ingress}" }\n`);
  const run = () => startCli(['run', 'talk.yml', '--run-id', 'talk', '--format', 'json'], { folder }).ended;
  // Each worker has a store of threads of its own: nothing of the first can be read on the second.
  const newWorker = (home: string) =>
    startWorkerProcess(server, folder, {
      OPENAI_API_KEY: 'sk-test',
      OPENAI_BASE_URL: emulator.url,
      THREADLINE_HOME: join(folder, home),
    });
  const workers = [await newWorker('one')];
  try {
    balancer.workers.push(...workers);
    await register(server, await balancer.start());
    const asked = JSON.parse((await run()).stdout);
    expect(asked.run.status).toBe('waiting');
    await workers[0]?.kill();
    balancer.workers.length = 0;
    workers.push(await newWorker('two'));
    balancer.workers.push(...workers.slice(1));
    await startCli(['runs', 'resume', 'talk', '--approve'], { folder }).ended;
    const { steps, run: ended } = JSON.parse((await run()).stdout);
    expect([ended.status, steps.read.results]).toEqual(['succeeded', 'user: first. assistant: Fine. ']);
    const textsOf = (name: string) => steps[name].results.messages.map(({ text }: { text: string }) => text);
    expect([textsOf('first'), textsOf('second')]).toEqual([
      ['first', 'Fine'],
      ['first', 'Fine', 'second', 'Fine'],
    ]);
    expect(emulator.violations).toEqual([]);
  } finally {
    for (const worker of workers) await worker.kill();
    balancer.stop();
    await server.stop();
    await emulator.close();
  }
}, 120_000);
