import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { cli, folderWith } from '../support/cli.ts';

const WORKFLOW = `workflow:
  id: w
  steps:
    - name: open
      provider: { type: pager-calls, with: { title: "Disk of {{ alert.host }} is full" } }
`;
const SETTINGS = 'providers: [threadline-provider-pager-calls]\nhttp: { allow_hosts: [127.0.0.1] }\n';

/** Installs packages as npm does with folders: by a link. */
function install(folder: string, packages: Record<string, string>): void {
  mkdirSync(join(folder, 'node_modules'));
  for (const [name, target] of Object.entries(packages)) symlinkSync(target, join(folder, 'node_modules', name), 'dir');
}

test('init --provider writes a package whose tests pass, and which a workflow can use once it is installed', async () => {
  const folder = folderWith({ 'threadline.config.yaml': '{}\n', 'w.yml': WORKFLOW, 'alert.json': '{"host":"db-1"}' });
  const { code, stderr } = await cli(['init', '--provider', 'pager-calls'], { folder });
  expect({ code, stderr }).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('npm test --prefix threadline-provider-pager'),
  });
  const written = join(folder, 'threadline-provider-pager-calls');
  install(folder, { threadline: resolve('.'), 'threadline-provider-pager-calls': written });

  const tested = execFileSync(process.execPath, ['--test', '--test-reporter=tap'], { cwd: written, encoding: 'utf8' });
  expect(tested).toMatch(/# pass 2\n# fail 0/);

  writeFileSync(join(folder, 'threadline.config.yaml'), SETTINGS);
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    asked.push(`${request.headers.authorization} ${(await request.toArray()).join('')}`);
    response.writeHead(201).end('{"id":7}');
  }).listen(0, '127.0.0.1');
  await new Promise((listening) => server.once('listening', listening));
  const env = {
    PAGER_CALLS_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    PAGER_CALLS_TOKEN: 'a-token-of-a-test',
  };
  const run = await cli(['run', 'w.yml', '--alert', 'alert.json', '--format', 'json'], { folder, env });
  server.close();
  expect({ code: run.code, results: JSON.parse(run.stdout).steps.open.results }).toEqual({ code: 0, results: { id: '7' } });
  expect(asked).toEqual(['Bearer a-token-of-a-test {"title":"Disk of db-1 is full","labels":[]}']);
});

test.each([
  ['http', 'A provider called `http` is built in.'],
  ['My Tickets', '`My Tickets` cannot be the name of a provider.'],
  ['../x', '`../x` cannot be the name of a provider.'],
  ['', '`` cannot be the name of a provider.'],
])('init --provider %j is refused, and nothing is written', async (name, message) => {
  const folder = folderWith({});
  const { code, stderr } = await cli(['init', '--provider', name], { folder });
  expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
  expect(existsSync(join(folder, `threadline-provider-${name}`))).toBe(false);
});

test('what is there already is kept', async () => {
  const folder = folderWith({ 'threadline-provider-x/index.js': 'mine' });
  const { code, stderr } = await cli(['init', '--provider', 'x'], { folder });
  expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('Nothing was written.') });
  expect(readFileSync(join(folder, 'threadline-provider-x/index.js'), 'utf8')).toBe('mine');
  expect(existsSync(join(folder, 'threadline-provider-x/package.json'))).toBe(false);
});

test('a folder of that name which is not the package is not taken for it', async () => {
  const folder = folderWith({
    'threadline.config.yaml': SETTINGS,
    'threadline-provider-pager-calls/x/index.mjs': '',
    'w.yml': WORKFLOW,
  });
  const { code, stderr } = await cli(['providers'], { folder });
  expect({ code, stderr }).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('may be the folder of that name or the package'),
  });
});
