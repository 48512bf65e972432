import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { cli, folderWith, startCli } from '../support/cli.ts';

/** Limits hold over processes: a server that counts what is under way says so. */

let answers: ServerResponse[] = [];
let most = 0;
let isOpen = false;
let arrived: () => void = () => undefined;
const server = createServer((_, response) => {
  answers.push(response);
  most = Math.max(most, answers.length);
  response.once('close', () => {
    answers = answers.filter((one) => one !== response);
  });
  if (isOpen) response.end('{}');
  arrived();
});

beforeEach(async () => {
  [answers, most, isOpen] = [[], 0, false];
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

/** Resolves when so many requests are under way. */
const reaches = (count: number) =>
  new Promise<void>((resolve) => {
    arrived = () => {
      if (answers.length >= count) resolve();
    };
    arrived();
  });

function open(): void {
  isOpen = true;
  for (const answer of answers) answer.end('{}');
}

const workflow = (more = '') => `workflow:
  id: limited
  steps:
    - name: fetch
      foreach: [1, 2, 3, 4, 5]
      concurrency: 5
      ${more}
      provider: { type: http, with: { url: "http://127.0.0.1:${(server.address() as AddressInfo).port}/" } }
`;

const project = (limits: string, text = workflow()) =>
  folderWith({ 'threadline.config.yaml': `http: { allow_hosts: [127.0.0.1] }\nlimits: ${limits}\n`, 'w.yml': text });
const start = (folder: string) => startCli(['run', 'w.yml', '--format', 'jsonl'], { folder });

describe('limits of a provider', () => {
  test('hold over all processes of a folder; who waits says so', async () => {
    const folder = project('{ http: { at_once: 2 } }');
    const runs = [start(folder), start(folder)];
    await reaches(2);
    await Promise.all(runs.map((run) => run.says('waits: calls of http under way: 2, which is the limit')));
    open();
    expect(await Promise.all(runs.map(({ ended }) => ended.then(({ code }) => code)))).toEqual([0, 0]);
    expect(most).toBe(2);
  });

  test('hold for a configuration by its name, beside that of the type', async () => {
    const text = `${workflow('').replace('type: http,', 'type: http, config: "{{ providers.ci }}",')}  providers:\n    ci: { type: http, authentication: { base_url: "http://127.0.0.1:1" } }\n`;
    const run = start(project('{ http: 4, ci: 1 }', text));
    await reaches(1);
    await run.says('calls of ci under way: 1');
    open();
    expect((await run.ended).code).toBe(0);
    expect(most).toBe(1);
  });

  test('the places of a process that was killed are free when its leases have run out', async () => {
    const folder = project('{ http: 5 }');
    const killed = start(folder);
    await reaches(5);
    const next = start(folder);
    await next.says('waits: calls of http');
    killed.kill('SIGKILL');
    await killed.ended;
    const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
    const database = new DatabaseSync(join(folder, '.threadline/locks.db'));
    database.exec('UPDATE leases SET until = 0');
    database.close();
    open();
    expect((await next.ended).code).toBe(0);
  });

  test('the time in line is not counted as the step’s own', async () => {
    const folder = project('{ http: 5 }');
    const first = start(folder);
    await reaches(5);
    writeFileSync(join(folder, 'w.yml'), workflow('timeout: 1500ms'));
    const second = start(folder);
    await second.says('waits: calls of http');
    // Longer than its timeout.
    setTimeout(open, 2000);
    expect([(await first.ended).code, (await second.ended).code]).toEqual([0, 0]);
  });

  test('Ctrl-C ends those in line', async () => {
    const folder = project('{ http: 5 }');
    const first = start(folder);
    await reaches(5);
    const second = start(folder);
    await second.says('waits: calls of http');
    second.kill('SIGINT');
    expect((await second.ended).code).toBe(130);
    open();
    expect((await first.ended).code).toBe(0);
  });

  test('a call within a call counts as part of it', async () => {
    const folder = folderWith({
      'threadline.config.yaml': 'limits: { openaiassistant: 1, workflow: 1, mock: 1 }\n',
      'w.yml': `workflow:
  id: outer
  steps:
    - name: ask
      provider:
        type: openaiassistant
        with:
          model: gpt-6-luna
          prompt: outer
          tools:
            - workflow: inner.yml
            - function: more
              provider: { type: openaiassistant, with: { model: gpt-6-luna, prompt: inner } }
    - { name: call, provider: { type: workflow, with: { file: inner.yml } } }
`,
      'inner.yml': `workflow:
  id: inner
  steps:
    - { name: ask, provider: { type: openaiassistant, with: { model: gpt-6-luna, prompt: inner } } }
    - { name: call, provider: { type: workflow, with: { file: innermost.yml } } }
`,
      'innermost.yml':
        'workflow:\n  id: innermost\n  steps:\n    - { name: say, provider: { type: mock, with: { output: x } } }\n',
      'w.rules.yml':
        'rules:\n  - when: { tool: more }\n    text: done\n  - { when: { prompt: inner }, text: seen }\n  - tool_calls: [{ name: inner, arguments: {} }, { name: more, arguments: {} }]\n    times: 1\n  - text: done\n',
    });
    const { code, stdout } = await cli(['run', 'w.yml', '--offline', '--format', 'json', '--timeout', '20s'], { folder });
    expect([code, JSON.parse(stdout).steps.ask.results.response]).toEqual([0, 'done']);
  });

  test('a limit that is none is a mistake of the settings', async () => {
    const { code, stderr } = await cli(['run', 'w.yml'], { folder: project('{ http: 0 }') });
    expect(code).toBe(3);
    expect(stderr).toContain('`http` must be at least 1');
  });
});
