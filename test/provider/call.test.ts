import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { StoredJournal } from '../../src/journal/stored-journal.ts';
import { callProvider } from '../../src/provider/call.ts';
import type { CallHost } from '../../src/provider/call-host.ts';
import type { Provider } from '../../src/provider/contract.ts';
import { resolveCredentials } from '../../src/provider/credentials.ts';
import { Closed, defineProvider, Type } from '../../src/provider/index.ts';
import { Step } from '../../src/provider/runtime.ts';
import type { JsonObject } from '../../src/shared/json/json.ts';
import { silentLogger } from '../../src/shared/log/logger.ts';
import { folderWith } from '../support/cli.ts';

function call(provider: Provider, params: JsonObject, workingFolder = '/nowhere', workflowFile = join(workingFolder, 'w.yml')) {
  const host: CallHost = {
    registry: { names: () => ['p'], load: async () => provider },
    credentials: { file: {}, workflow: {}, environment: {} },
    log: silentLogger,
    run: { id: 'run_1', workflow: 'w', offline: false },
    workflowFile,
    workingFolder,
    http: { allowHosts: [] },
    emulatorUrl: undefined,
    alerts: () => Promise.reject(new Error('not asked for')),
    prices: {},
    budget: { maxCostUsd: undefined, spentUsd: () => 0 },
    workflow: () => {
      throw new Error('not asked for');
    },
    threads: {
      store: () => Promise.reject(new Error('not asked for')),
      messages: () => Promise.reject(new Error('not asked for')),
      lock: () => Promise.reject(new Error('not asked for')),
    },
    journal: new StoredJournal(),
    runWorkflow: () => Promise.reject(new Error('not asked for')),
    emit: () => undefined,
    hide: () => undefined,
    parseData: (text) => JSON.parse(text),
  };
  return callProvider(
    { step: 's', path: 's', item: undefined, provider: 'p', config: null, params, signal: new AbortController().signal },
    host,
  );
}

const reader = defineProvider({
  description: 'reads',
  config: Closed({}),
  params: Closed({ path: Type.String() }),
  run: async ({ path }, { files }) => new TextDecoder().decode((await files.read(path)).bytes),
});

describe('files that a provider reads', () => {
  const folder = folderWith({ 'workflows/w.yml': '', 'workflows/a.txt': 'beside', 'b.txt': 'in the working folder' });
  const outside = folderWith({ 'secret.txt': 'secret' });
  symlinkSync(join(outside, 'secret.txt'), join(folder, 'workflows/link.txt'));
  symlinkSync(outside, join(folder, 'workflows/linked'));
  mkdirSync(`${folder}-sibling`, { recursive: true });
  writeFileSync(`${folder}-sibling/x.txt`, 'sibling');
  afterAll(() => rmSync(`${folder}-sibling`, { recursive: true }));
  const read = (path: string) => call(reader as unknown as Provider, { path }, folder, join(folder, 'workflows/w.yml'));

  test('stand beside the workflow, or in the working folder', async () => {
    expect(await read('a.txt')).toBe('beside');
    expect(await read('../b.txt')).toBe('in the working folder');
  });

  test.each([
    ['../../../../../../etc/passwd'],
    ['/etc/passwd'],
    [join(outside, 'secret.txt')],
    ['link.txt'],
    ['linked/secret.txt'],
    [`../../${folder.split('/').at(-1)}-sibling/x.txt`],
    ['.'],
    ['none.txt'],
    ['a.txt\u0000.png'],
  ])('and nowhere else: %j', async (path) => {
    await expect(read(path)).rejects.toMatchObject({ code: 'file_not_found' });
  });
});

const finder = defineProvider({
  description: 'finds',
  config: Closed({}),
  params: Closed({ pattern: Type.String() }),
  run: ({ pattern }, { files }) => files.find(pattern),
});

describe('files that a provider finds', () => {
  const folder = folderWith({
    'flows/w.yml': '',
    'flows/runbooks/b.md': '',
    'flows/runbooks/a.md': '',
    'flows/runbooks/deep/c.md': '',
    'flows/runbooks/.hidden.md': '',
    'flows/runbooks/folder.md/x.txt': '',
    'flows/runbooks/node_modules/p/d.md': '',
    'logs/app.log': '',
  });
  const elsewhere = folderWith({ 'secret.md': 'secret' });
  symlinkSync(elsewhere, join(folder, 'leak'));
  symlinkSync(join(elsewhere, 'secret.md'), join(folder, 'logs/link.md'));
  symlinkSync(join(folder, 'nowhere'), join(folder, 'flows/runbooks/dangling.md'));
  const find = (pattern: string) => call(finder as unknown as Provider, { pattern }, folder, join(folder, 'flows/w.yml'));

  test('I9: are those of a glob beside the workflow or in the working folder, sorted, as they are read', async () => {
    expect(await find('runbooks/**/*.md')).toEqual(['runbooks/a.md', 'runbooks/b.md', 'runbooks/deep/c.md']);
    expect(await find('./runbooks/{b,a}.md')).toEqual(['runbooks/a.md', 'runbooks/b.md']);
    expect(await find('../logs/*.log')).toEqual(['../logs/app.log']);
    expect(await find(join(folder, 'logs/*.log'))).toEqual(['../logs/app.log']);
    expect(await find('runbooks/a.md')).toEqual(['runbooks/a.md']);
    expect(await find('runbooks/*.txt')).toEqual([]);
  });

  test.each([
    ['/etc/*'],
    ['/**'],
    ['../../*'],
    ['runbooks/*/../../../../*'],
    ['{..,runbooks}/../../*'],
    ['../leak/*.md'],
    ['../logs/*.md'],
    ['../../../../../etc/passwd'],
  ])('and nowhere else: %j', async (pattern) => {
    await expect(find(pattern)).rejects.toMatchObject({ code: 'file_not_found' });
  });

  test('are 2000 at most', async () => {
    mkdirSync(join(folder, 'many'));
    for (let count = 0; count <= 2000; count++) writeFileSync(join(folder, `many/${count}.txt`), '');
    await expect(find('../many/*')).rejects.toMatchObject({
      code: 'invalid_params',
      message: '`../many/*` matches more than 2000 files.',
    });
  });
});

describe('a call', () => {
  test('with parameters that do not fit after rendering fails, and says where', async () => {
    await expect(call(reader as unknown as Provider, { path: 5 })).rejects.toMatchObject({
      code: 'invalid_params',
      message: 'The parameters of `p` do not fit: `path` must be text, not a number.',
    });
    await expect(call(reader as unknown as Provider, { path: 'x', more: 1 })).rejects.toMatchObject({
      code: 'invalid_params',
      message: expect.stringContaining('unknown key `more`'),
    });
  });

  test('may run a step that the parameters hold, with arguments and a key of its own', async () => {
    const seen: unknown[] = [];
    const tool = defineProvider({
      description: 'runs',
      config: Closed({}),
      params: Closed({ step: Type.Optional(Step({ description: 'x' })), args: Type.Optional(Type.Unknown()) }),
      async run({ step, args }, { runtime, idempotencyKey }) {
        seen.push([idempotencyKey, args ?? null]);
        return step ? runtime.runStep(step, { n: 1 }, { name: 'tool-1' }) : 'ran';
      },
    });
    const template = { provider: 'p', config: null, render: (args: JsonObject) => ({ args }) };
    expect(await call(tool as unknown as Provider, { step: template as never })).toBe('ran');
    expect(seen).toEqual([
      ['run_1/s', null],
      ['run_1/s/tool-1', { n: 1 }],
    ]);
  });
});

describe('credentials (A1, A3)', () => {
  const provider = defineProvider({
    description: 'x',
    config: Closed({ token: Type.String(), region: Type.Optional(Type.String()) }),
    params: Closed({}),
    environment: { token: 'X_TOKEN', region: 'X_REGION' },
    run: async () => null,
  }) as unknown as Provider;
  const nothing = { file: {}, workflow: {}, environment: {} };

  test('come from the file, then the workflow, then the environment, key by key', () => {
    const resolve = (sources: object, config: string | null = 'main') =>
      resolveCredentials('x', provider, config, { ...nothing, ...sources }, undefined);
    const file = { main: { authentication: { token: 'file', region: 'eu' } } };
    expect(resolve({ file })).toEqual({ token: 'file', region: 'eu' });
    expect(resolve({ file, workflow: { main: { token: 'workflow' } } })).toEqual({ token: 'workflow', region: 'eu' });
    expect(resolve({ file, environment: { THREADLINE_PROVIDER_MAIN: '{"token":"variable"}' } })).toEqual({
      token: 'variable',
      region: 'eu',
    });
    expect(resolve({ environment: { X_TOKEN: 'env' } }, null)).toEqual({ token: 'env' });
    expect(resolve({ file: { x: { token: 'by type' }, 'default-x': { token: 'default' } } }, null)).toEqual({ token: 'default' });
  });

  test.each([
    ['none are there', null, {}, 'missing_credentials', /`token` is missing/],
    ['none have that name', 'mian', { file: { main: {} } }, 'missing_credentials', /called `mian`/],
    [
      'the variable holds no JSON',
      'main',
      { environment: { THREADLINE_PROVIDER_MAIN: '{' } },
      'invalid_config',
      /not valid JSON/,
    ],
    ['the variable holds no map', 'main', { environment: { KEEP_PROVIDER_MAIN: '[1]' } }, 'invalid_config', /map/],
    ['a key is unknown', 'main', { file: { main: { token: 'x', regoin: 'y' } } }, 'invalid_config', /unknown key `regoin`/],
    ['the name is one of a prototype', 'constructor', {}, 'missing_credentials', /called `constructor`/],
  ])('are named when %s', (_, config, sources, code, message) => {
    expect(() => resolveCredentials('x', provider, config, { ...nothing, ...sources }, undefined)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
  });
});
