import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { cli } from '../support/cli.ts';

const workflow = (type: string, more = '') => `workflow:
  id: w
  steps:
    - name: close
      ${more}
      provider: { type: ${type} }
`;

/** A provider of somebody's own. */
const provider = (body: string, more = '') => `import { Closed, defineProvider, ThreadlineError } from 'threadline/provider';
export default defineProvider({
  description: 'Closes tickets.', config: Closed({}), params: Closed({}), ${more}
  async run(params, context) { ${body} },
});
`;
const SETTINGS = { 'threadline.config.yaml': 'providers: [./mine]\n' };

describe('error codes of its own', () => {
  const errors = "errors: { ticket_closed: 'The ticket is closed.' },";
  const body =
    "throw new ThreadlineError('ticket_closed', 'Ticket 7 is closed.', { hint: 'Open it.', retryable: true, details: { ticket: 7 } });";
  const files = { ...SETTINGS, 'mine/tickets/index.mjs': provider(body, errors) };

  test('arrive whole, in the report and in the exit code', async () => {
    const { code, stdout } = await cli(['run', 'w.yml', '--format', 'json'], {
      files: { ...files, 'w.yml': workflow('tickets') },
    });
    expect(code).toBe(1);
    expect(JSON.parse(stdout).steps.close.error).toEqual({
      code: 'ticket_closed',
      message: 'Ticket 7 is closed.',
      hint: 'Open it.',
      details: { ticket: 7 },
    });
  });

  test('can be named in `retry`; a mistyped one is found before anything runs', async () => {
    const retried = workflow('tickets', 'retry: { attempts: 2, delay: 0, on: [ticket_closed] }');
    const { stdout } = await cli(['run', 'w.yml', '--format', 'json'], { files: { ...files, 'w.yml': retried } });
    expect(JSON.parse(stdout).steps.close.attempts).toBe(2);
    const mistyped = workflow('tickets', 'retry: { attempts: 2, on: [ticket_closd] }');
    const wrong = await cli(['validate', 'w.yml'], { files: { ...files, 'w.yml': mistyped } });
    expect({ code: wrong.code, out: wrong.stdout }).toMatchObject({
      code: 2,
      out: expect.stringContaining('Did you mean `ticket_closed`?'),
    });
  });

  test('are listed with the provider', async () => {
    const { stdout } = await cli(['providers', 'tickets'], { files });
    expect(stdout).toContain('ticket_closed  The ticket is closed.');
  });
});

describe('a failure that nobody foresaw', () => {
  const files = {
    ...SETTINGS,
    'mine/tickets/index.ts': provider(
      'const ticket: { id?: string } | undefined = undefined as never;\n    return ticket!.id as never;',
    ),
    'w.yml': workflow('tickets'),
  };

  test('shows where it was thrown, with -v and in JSON', async () => {
    const { stdout } = await cli(['run', 'w.yml', '--format', 'json'], { files });
    expect(JSON.parse(stdout).steps.close.error).toMatchObject({
      code: 'step_failed',
      stack: expect.stringMatching(/TypeError.*\n\s+at .*mine\/tickets\/index\.ts:5:\d+/),
    });
    const loud = await cli(['run', 'w.yml', '-v'], { files });
    expect(loud.stderr).toMatch(/at .*mine\/tickets\/index\.ts:5:\d+/);
    const plain = await cli(['run', 'w.yml'], { files });
    expect(plain.stderr).not.toContain('index.ts');
    expect(plain.stderr).toContain('-v');
  });

  test('within the host names the sources, though the build is one of few long lines', async () => {
    const body = "const { toText } = await import('threadline/provider'); const list = []; list.push(list); return toText(list);";
    const { stdout } = await cli(['run', 'w.yml', '--format', 'json'], {
      files: { ...SETTINGS, 'mine/tickets/index.mjs': provider(body), 'w.yml': workflow('tickets') },
    });
    const { line } = /(?<line>\d+)/.exec(
      /src\/shared\/json\/json\.ts:\d+/.exec(JSON.parse(stdout).steps.close.error.stack)?.[0].split(':')[1] ?? '',
    )?.groups ?? { line: '0' };
    const source = readFileSync('src/shared/json/json.ts', 'utf8').split('\n');
    expect(source[Number(line) - 1]).toContain('export const toText');
  });

  test('that is thrown at once lets the next call have its turn', async () => {
    const at = (name: string) => `    - { name: ${name}, continue-on-error: true, provider: { type: tickets } }\n`;
    const files = {
      'threadline.config.yaml': 'providers: [./mine]\nlimits: { tickets: 1 }\n',
      'mine/tickets/index.mjs': `export default {
  description: 'Throws.', config: { type: 'object' }, params: { type: 'object' },
  run() { throw new TypeError('at once'); },
};
`,
      'w.yml': `workflow:\n  id: w\n  steps:\n${at('a')}${at('b')}`,
    };
    const { steps } = JSON.parse((await cli(['run', 'w.yml', '--format', 'json'], { files })).stdout);
    expect([steps.a.error.message, steps.b.error.message]).toEqual(['at once', 'at once']);
  });

  test('is kept in the history', async () => {
    const { folder } = await cli(['run', 'w.yml', '--run-id', 'r1'], { files });
    const { stdout } = await cli(['runs', 'show', 'r1', '--format', 'json'], { folder });
    expect(JSON.parse(stdout).steps.close.error.stack).toContain('mine/tickets/index.ts');
  });
});

describe('HTTP by `context.fetch`', () => {
  const body =
    'const answer = await context.fetch(process.env.TICKETS_URL); return { status: answer.status, ...(await answer.json()) };';
  const requests: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url);
    if (request.url === '/away') response.writeHead(302, { location: 'http://10.0.0.1/' });
    response.end('{"number":7}');
  });
  let origin = '';
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.close();
  });

  const results = async (path: string, allowHosts: string) => {
    requests.length = 0;
    const settings = `providers: [./mine]\nhttp: { allow_hosts: [${allowHosts}] }\n`;
    const files = { 'threadline.config.yaml': settings, 'mine/tickets/index.mjs': provider(body), 'w.yml': workflow('tickets') };
    const { stdout } = await cli(['run', 'w.yml', '--format', 'json'], { files, env: { TICKETS_URL: origin + path } });
    return JSON.parse(stdout).steps.close;
  };

  test('reaches a host that `allow_hosts` names', async () => {
    expect((await results('/new', '127.0.0.1')).results).toEqual({ status: 200, number: 7 });
    expect(requests).toEqual(['/new']);
  });

  test.each([
    ['a private address', '/new', '', []],
    ['a redirect to one', '/away', '127.0.0.1', ['/away']],
  ])('is refused %s', async (_, path, allowHosts, asked) => {
    expect((await results(path, allowHosts)).error).toMatchObject({ code: 'blocked_target' });
    expect(requests).toEqual(asked);
  });
});

describe('a provider that cannot be loaded', () => {
  const files = {
    ...SETTINGS,
    'mine/broken/index.mjs': "throw new Error('no such table');",
    'mine/tickets/index.mjs': provider('return 1;'),
    'good.yml': workflow('tickets'),
    'bad.yml': workflow('broken'),
  };

  test('is a mistake where it is used, and nowhere else', async () => {
    const good = await cli(['validate', 'good.yml'], { files });
    expect(good.code).toBe(0);
    const bad = await cli(['validate', 'bad.yml'], { files });
    expect(bad.code).toBe(3);
    expect(bad.stdout).toMatch(/bad\.yml:6:25.*broken-provider.*no such table/s);
    const run = await cli(['run', 'bad.yml'], { files });
    expect({ code: run.code, stdout: run.stdout }).toEqual({ code: 3, stdout: '' });
  });

  test('keeps nobody from the others', async () => {
    const list = await cli(['providers'], { files });
    expect(list.code).toBe(3);
    expect(list.stdout).toMatch(/broken +cannot be loaded: .*no such table/);
    expect(list.stdout).toMatch(/tickets +Closes tickets\./);
    const schema = await cli(['schema'], { files });
    expect(schema.code).toBe(3);
    expect(schema.stderr).toContain('left out: Provider `broken`');
    expect(JSON.parse(schema.stdout).definitions['tickets.with']).toBeDefined();
  });
});

describe('a package', () => {
  const manifest = (name: string) => JSON.stringify({ name, type: 'module', exports: { '.': { import: './lib/main.js' } } });
  const files = {
    'threadline.config.yaml': "providers: [threadline-provider-tickets, '@acme/threadline-provider-pager']\n",
    'node_modules/threadline-provider-tickets/package.json': manifest('threadline-provider-tickets'),
    'node_modules/threadline-provider-tickets/lib/main.js': provider("return 'closed';"),
    'node_modules/@acme/threadline-provider-pager/package.json': manifest('@acme/threadline-provider-pager'),
    'node_modules/@acme/threadline-provider-pager/lib/main.js': provider("return 'paged';"),
    'node_modules/threadline-provider-unasked/package.json': manifest('threadline-provider-unasked'),
    'w.yml': `${workflow('tickets')}    - { name: page, provider: { type: pager } }\n`,
  };

  test('that the settings name is a provider; one that they do not name is not', async () => {
    const { stdout, code } = await cli(['run', 'w.yml', '--format', 'json'], { files });
    expect(code).toBe(0);
    const { steps } = JSON.parse(stdout);
    expect([steps.close.results, steps.page.results]).toEqual(['closed', 'paged']);
    const list = await cli(['providers'], { files });
    expect(list.stdout).not.toContain('unasked');
  });

  test('that is not installed says how to install it, where it is used', async () => {
    const missing = { 'threadline.config.yaml': 'providers: [threadline-provider-jira]\n', 'w.yml': workflow('jira') };
    const { stdout, code } = await cli(['validate', 'w.yml'], { files: missing });
    expect(code).toBe(3);
    expect(stdout).toContain('threadline-provider-jira');
    expect(stdout).toContain('npm install threadline-provider-jira');
  });

  test('whose name a folder has, too, is not guessed at', async () => {
    const both = { 'threadline.config.yaml': 'providers: [threadline-provider-jira]\n', 'threadline-provider-jira/x.txt': '' };
    const { stderr, code } = await cli(['providers'], { files: both });
    expect(code).toBe(3);
    expect(stderr).toContain('`./threadline-provider-jira`');
  });

  test('whose folder has a broken package.json is a mistake that names the file', async () => {
    const broken = {
      'threadline.config.yaml': 'providers: [threadline-provider-jira]\n',
      'threadline-provider-jira/package.json': '{"name": ',
    };
    const { stderr, code } = await cli(['providers'], { files: broken });
    expect(code).toBe(3);
    expect(stderr).toMatch(/threadline-provider-jira.package\.json is not valid JSON/);
  });
});
