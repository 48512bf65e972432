import { describe, expect, test } from '@jest/globals';
import { failureOf, open, openLifeline, serve, stdio } from './test-mcp.ts';

describe('a server that is started', () => {
  test('lists the tools of all its pages', async () => {
    const { tools } = await open([stdio()]);
    expect(tools.map(({ name }) => name)).toEqual(
      'echo dotted_name structured media fails throws hangs environment crash'.split(' '),
    );
    expect(tools[0]).toMatchObject({
      description: 'Does echo',
      parameters: { type: 'object', properties: {} },
      timeoutMs: 60_000,
    });
  });

  test('is called with the arguments', async () => {
    const { call } = await open([stdio()]);
    expect(await call('echo', { service: 'api' })).toBe('{"service":"api"}');
  });

  test('F21: gets a small environment and what its entry adds', async () => {
    process.env.SECRET_OF_OURS = 'sk-1';
    const { call } = await open([{ ...stdio(), env: { OWN: 'yes' } }]);
    const seen = JSON.parse((await call('environment')) as string);
    expect(seen).toMatchObject({ PATH: process.env.PATH, OWN: 'yes' });
    expect(seen).not.toHaveProperty('SECRET_OF_OURS');
    delete process.env.SECRET_OF_OURS;
  });

  test('may write other lines than messages', async () => {
    const { call, logs } = await open([stdio('chatty')]);
    expect(await call('echo')).toBe('{}');
    expect(logs.join()).toMatch(/debug: .*Welcome/);
  });

  test('that does not exist says so', async () => {
    const failure = await failureOf(open([{ command: ['no-such-program-anywhere', '--token=secret'] }]));
    expect(failure).toMatchObject({ code: 'step_failed', hint: 'Is the program installed, and in PATH?' });
    expect(failure.message).toMatch(/^MCP server `no-such-program-anywhere` cannot be started: /);
    expect(failure.message).not.toMatch(/secret/);
  });
});

describe('a server that dies', () => {
  test('at its start is quoted with its last words, not with its secrets', async () => {
    const failure = await failureOf(open([{ ...stdio('dies'), env: { TOKEN: 'tok-123456789' } }]));
    expect(failure.code).toBe('step_failed');
    expect(failure.message).toMatch(/ended \(exit code 7\)\. Its last words: x+\ncannot read token \*\*\*$/);
    expect(failure.message.length).toBeLessThan(2300);
  });

  test('during a call fails the call, and the calls after it', async () => {
    const { call } = await open([stdio()]);
    const message = expect.stringMatching(/^MCP server `.*` ended \(exit code 3\)\. Its last words: out of luck$/);
    expect(await failureOf(call('crash'))).toMatchObject({ code: 'step_failed', message });
    expect(await failureOf(call('echo'))).toMatchObject({ code: 'step_failed', message });
  });
});

describe('a server that does not answer', () => {
  test('the greeting is ended when its time is over', async () => {
    const { env, gone } = await openLifeline();
    const failure = await failureOf(open([{ ...stdio('mute'), env, connect_timeout: '3s' }]));
    expect(failure).toMatchObject({
      code: 'timeout',
      message: expect.stringMatching(/was not ready within 3 seconds\. Its last words: waiting for a sign-in$/),
    });
    await gone;
  });

  test('the greeting is ended when the run is aborted', async () => {
    const { env, says, gone } = await openLifeline();
    const controller = new AbortController();
    const opening = failureOf(open([{ ...stdio('mute'), env }], { signal: controller.signal }));
    await says('alive');
    controller.abort();
    expect(await opening).toMatchObject({ code: 'cancelled' });
    await gone;
  });

  test('a call is told that its time is over, and goes on', async () => {
    const { env, says } = await openLifeline();
    const { call } = await open([{ ...stdio(), env, timeout: '50ms' }]);
    const failure = await failureOf(call('hangs'));
    expect(failure).toMatchObject({ code: 'timeout', message: 'Tool `hangs` took longer than 0.05 seconds.' });
    await says('cancelled');
    expect(await call('echo')).toBe('{}');
  });

  test('a call is told that it was aborted', async () => {
    const { env, says } = await openLifeline();
    const { call } = await open([{ ...stdio(), env }]);
    const controller = new AbortController();
    const calling = failureOf(call('hangs', {}, controller.signal));
    await says('hanging');
    controller.abort();
    expect(await calling).toMatchObject({ code: 'cancelled' });
    await says('cancelled');
  });
});

describe('nothing stays behind', () => {
  test.each(['plain', 'behind-a-wrapper'])('of a %s server when the session is closed', async (behaviour) => {
    const { env, gone } = await openLifeline();
    const session = await open([{ ...stdio(behaviour), env }]);
    expect(session.names).toContain('echo');
    await session.close();
    await gone;
  });

  test('of a stubborn server, which is asked to end before it is made to', async () => {
    const { env, says, gone } = await openLifeline();
    const session = await open([{ ...stdio('stubborn'), env }]);
    await Promise.all([session.close(), says('asked to end')]);
    await gone;
  });

  test('of a session whose run is aborted', async () => {
    const { env, says, gone } = await openLifeline();
    const controller = new AbortController();
    const { call } = await open([{ ...stdio(), env }], { signal: controller.signal });
    const calling = failureOf(call('hangs', {}, controller.signal));
    await says('hanging');
    controller.abort();
    await calling;
    await gone;
  });

  test('of servers whose neighbour fails', async () => {
    const { env, says, gone } = await openLifeline();
    const { origin } = await serve((_, response) => void says('alive').then(() => response.writeHead(500).end('no luck')));
    const failure = await failureOf(open([{ ...stdio('mute'), env }, { url: origin }]));
    expect(failure).toMatchObject({ code: 'server_error', message: expect.stringMatching(/answered 500: no luck$/) });
    await gone;
  });
});
