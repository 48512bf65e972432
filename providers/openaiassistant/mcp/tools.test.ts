import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from 'threadline/provider';
import { checkSchema } from 'threadline/runtime';
import { checkMcpServer, McpServer } from './index.ts';
import { failureOf, open, stdio } from './test-mcp.ts';
import { toolNamed } from './test-tools.ts';
import { chooseTools, fittingNames } from './tool-list.ts';

describe('which tools the model sees', () => {
  test('allow and deny choose by the names at the server', async () => {
    const { names } = await open([{ ...stdio(), name: 'ops', allow: ['e*', 'dotted.name'], deny: ['env*'] }]);
    expect(names).toEqual(['ops_echo', 'ops_dotted_name']);
  });

  test('a glob that finds nothing is a warning', async () => {
    const { logs } = await open([{ ...stdio(), allow: ['echo', 'qurey_*'] }]);
    expect(logs).toEqual([expect.stringMatching(/^warning: MCP server .* has no tool `qurey_\*`$/)]);
  });

  test.each([
    ['a.c', 'abc', false],
    ['a*c', 'a.b/c', true],
    ['a?c', 'abc', true],
    ['echo', 'echoes', false],
    ['*', 'anything', true],
  ])('%s over %s: %s', (glob, name, isChosen) => {
    expect(chooseTools([toolNamed(name)], { allow: [glob] }, () => {}).length === 1).toBe(isChosen);
  });

  test('a tool that runs as a task only is left out', () => {
    const warnings: string[] = [];
    const task = toolNamed('slow', { execution: { taskSupport: 'required' } });
    expect(chooseTools([task], {}, (message) => warnings.push(message))).toEqual([]);
    expect(warnings).toEqual([expect.stringMatching(/`slow`/)]);
  });

  test('more than a model takes are refused', async () => {
    const failure = await failureOf(open([stdio('many')]));
    expect(failure).toMatchObject({ code: 'invalid_params', hint: expect.stringMatching(/allow/) });
    expect(failure.message).toBe('The MCP servers have 129 tools, and a model takes at most 128.');
    const { names } = await open([{ ...stdio('many'), deny: ['tool_0'] }]);
    expect(names).toHaveLength(128);
  });

  test('a list without end is refused', async () => {
    expect(await failureOf(open([stdio('endless')]))).toMatchObject({ message: expect.stringMatching(/without end/) });
  });

  test('the same tool of two servers is refused, and told apart by names', async () => {
    const failure = await failureOf(open([{ ...stdio(), allow: ['echo'] }, stdio()]));
    expect(failure).toMatchObject({ code: 'invalid_params', hint: expect.stringMatching(/`name`/) });
    expect(failure.message).toMatch(/^The MCP servers `.+` and `.+` both have a tool `echo`\.$/);
    const { call } = await open([
      { ...stdio(), name: 'a' },
      { ...stdio(), name: 'b', env: { OF: 'b' } },
    ]);
    expect(await call('b_environment')).toMatch(/"OF":"b"/);
    expect(await call('a_environment')).not.toMatch(/"OF"/);
  });
});

describe('names', () => {
  test('a name that is made to fit is still the one that is called', async () => {
    const { call } = await open([stdio()]);
    expect(await call('dotted_name')).toBe('called as dotted.name');
  });

  test.each([
    [['a.b', 'a_b', 'a b'], undefined, ['a_b_2', 'a_b', 'a_b_3']],
    [['x'.repeat(70), `${'x'.repeat(69)}y`], undefined, ['x'.repeat(64), `${'x'.repeat(62)}_2`]],
    [['🔥', ''], undefined, ['_', 'tool']],
    [['get', 'get.all'], 'ops', ['ops_get', 'ops_get_all']],
  ])('%j with prefix %s', (names, prefix, expected) => {
    expect(fittingNames(names, prefix)).toEqual(expected);
  });
});

describe('what a call gives', () => {
  test('structured content before text', async () => {
    const { call } = await open([stdio()]);
    expect(await call('structured')).toEqual({ rows: [1, 2] });
  });

  test('pictures and files are described, short files are read', async () => {
    const { call } = await open([stdio()]);
    expect((await call('media')) as string).toBe(
      [
        'first',
        '[image image/png, 3000000 bytes]',
        '[link to file:///log, text/plain]',
        '[file file:///a.bin, application/zip, 3000000 bytes]',
        '[file file:///big.txt, text/plain, 1000000 bytes]',
        'the text of a file',
      ].join('\n'),
    );
  });

  test('what the tool says when it failed, and when its server tripped', async () => {
    const { call } = await open([stdio()]);
    expect(await failureOf(call('fails'))).toMatchObject({ code: 'step_failed', message: 'no such service' });
    expect(await failureOf(call('throws'))).toMatchObject({
      code: 'step_failed',
      message: expect.stringMatching(/^MCP server `.*` failed: the server tripped$/),
    });
  });
});

describe('the entry in a workflow', () => {
  const mistakes = (entry: JsonObject) => [
    ...checkSchema(McpServer, entry).map(({ message }) => message),
    ...checkMcpServer(entry).map(({ message }) => message),
  ];

  test.each<[JsonObject, RegExp]>([
    [{}, /either `command` or `url`/],
    [{ command: ['a'], url: 'https://b' }, /either `command` or `url`/],
    [{ command: [] }, /at least 1 item/],
    [{ command: 'npx server' }, /must be a list/],
    [{ url: 'https://b', env: {} }, /`env` is for servers that are started/],
    [{ command: ['a'], headers: {} }, /`headers` are for servers with a `url`/],
    [{ command: ['a'], name: 'with space' }, /not of the right form/],
    [{ command: ['a'], cwd: '/' }, /unknown key `cwd`/],
  ])('%j', (entry, message) => {
    expect(mistakes(entry)).toEqual([expect.stringMatching(message)]);
  });

  test('both forms', () => {
    expect(mistakes({ command: ['npx', '-y', 'server'], env: { A: 'b' }, allow: ['query_*'], timeout: '5s' })).toEqual([]);
    expect(mistakes({ url: 'https://b/mcp', headers: { A: 'b' }, deny: [], connect_timeout: 3 })).toEqual([]);
  });

  test('mistakes are found at opening too', async () => {
    expect(await failureOf(open([{}]))).toMatchObject({ code: 'invalid_params' });
  });

  test('no servers are no work', async () => {
    expect((await open([])).names).toEqual([]);
  });
});
