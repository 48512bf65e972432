import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import { SSEServerTransport } from '@modelcontextprotocol/sdk/server/sse.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { failureOf, open, serve } from './test-mcp.ts';
import { type Listing, makeToolServer } from './test-tools.ts';

type ToolHost = Awaited<ReturnType<typeof serveTools>>;

/** A server of Streamable HTTP, with one session, that keeps what it is asked. */
async function serveTools(listing: Listing = {}) {
  const made = makeToolServer(listing);
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: () => 'session-1' });
  await made.server.connect(transport as Parameters<typeof made.server.connect>[0]);
  const requests: IncomingMessage[] = [];
  const { origin, breakOff } = await serve((request, response) => {
    requests.push(request);
    void transport.handleRequest(request, response);
  });
  const asked = () => requests.map(({ method, url }) => `${method} ${url}`);
  return { made, requests, asked, breakOff, url: `${origin}/mcp` };
}

/** A server of the older transport: `GET /` opens the stream, answers come over it. */
async function serveOldTools() {
  const made = makeToolServer();
  let transport: SSEServerTransport | undefined;
  const { origin } = await serve(async (request, response) => {
    if (request.method === 'GET') {
      transport = new SSEServerTransport('/messages', response);
      await made.server.connect(transport);
    } else if (request.url?.startsWith('/messages')) await transport?.handlePostMessage(request, response);
    else response.writeHead(404).end();
  });
  return { made, url: origin };
}

const answer = (status: number, body = '') =>
  serve((_: IncomingMessage, response: ServerResponse) => response.writeHead(status).end(body));

/** Calls `hangs`; resolves when the server has it. */
async function callThatHangs({ made, url }: Pick<ToolHost, 'made' | 'url'>, signal?: AbortSignal) {
  const hanging = Promise.withResolvers<void>();
  const cancelled = Promise.withResolvers<void>();
  Object.assign(made, { onHang: hanging.resolve, onCancel: cancelled.resolve });
  const { call } = await open([{ url }]);
  const failure = failureOf(call('hangs', {}, signal));
  await hanging.promise;
  return { failure, cancelled: cancelled.promise };
}

describe('a server behind an address', () => {
  test('lists its tools and is called, with its headers', async () => {
    const { url, requests } = await serveTools();
    const { call, names } = await open([{ url, headers: { Authorization: 'Bearer token-1' } }]);
    expect(names).toHaveLength(8);
    expect(await call('echo', { a: 1 })).toBe('{"a":1}');
    expect(new Set(requests.map(({ headers }) => headers.authorization))).toEqual(new Set(['Bearer token-1']));
  });

  test('hears that the session is over', async () => {
    const { url, asked } = await serveTools();
    const { close } = await open([{ url }]);
    await close();
    expect(asked().at(-1)).toBe('DELETE /mcp');
  });

  test('a call that is aborted is cancelled there', async () => {
    const controller = new AbortController();
    const { failure, cancelled } = await callThatHangs(await serveTools(), controller.signal);
    controller.abort();
    expect(await failure).toMatchObject({ code: 'cancelled' });
    await cancelled;
  });

  test('a call whose connection breaks fails at once', async () => {
    const host = await serveTools();
    const { failure } = await callThatHangs(host);
    host.breakOff();
    expect(await failure).toMatchObject({ code: 'connection_failed' });
  });

  test('that never answers the greeting is left when its time is over', async () => {
    const { origin } = await serve(() => {});
    const failure = await failureOf(open([{ url: origin, connect_timeout: '100ms' }]));
    expect(failure).toMatchObject({ code: 'timeout', message: expect.stringMatching(/was not ready within 0\.1 seconds/) });
  });

  test('that is not there', async () => {
    const { origin, breakOff } = await answer(200);
    breakOff();
    expect(await failureOf(open([{ url: origin, name: 'ops' }]))).toMatchObject({
      code: 'connection_failed',
      message: expect.stringMatching(/^MCP server `ops`: POST .* failed: connect ECONNREFUSED/),
      details: { mcp_server: 'ops' },
      retryable: true,
    });
  });

  test('that answers with a page', async () => {
    const { origin } = await serve((_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'));
    const message = expect.stringMatching(/answered with something that is not of the protocol/);
    expect(await failureOf(open([{ url: origin }]))).toMatchObject({ code: 'step_failed', message });
  });

  test.each([
    [401, 'authentication_failed'],
    [404, 'not_found'],
    [429, 'rate_limit'],
    [503, 'server_error'],
  ])('that answers %i fails as %s', async (status, code) => {
    const { origin } = await answer(status, 'because of sk-12345678');
    const failure = await failureOf(open([{ url: origin, headers: { Authorization: 'Bearer sk-12345678' } }]));
    const message = expect.stringMatching(new RegExp(`answered ${status}: because of \\*\\*\\*$`));
    expect(failure).toMatchObject({ code, message });
  });
});

describe('a server of the older transport', () => {
  test('is spoken to over SSE', async () => {
    const { url } = await serveOldTools();
    const { call, names } = await open([{ url }]);
    expect(names).toHaveLength(8);
    expect(await call('echo', { a: 1 })).toBe('{"a":1}');
  });

  test('is told that a call is aborted', async () => {
    const controller = new AbortController();
    const { failure, cancelled } = await callThatHangs(await serveOldTools(), controller.signal);
    controller.abort();
    expect(await failure).toMatchObject({ code: 'cancelled' });
    await cancelled;
  });

  test('is not looked for where credentials are refused', async () => {
    const methods: unknown[] = [];
    const { origin } = await serve(({ method }, response) => {
      methods.push(method);
      response.writeHead(403).end();
    });
    await failureOf(open([{ url: origin }]));
    expect(methods).toEqual(['POST']);
  });
});

describe('addresses', () => {
  const refused = (url: string, allowHosts: string[] = []) => failureOf(open([{ url }], { allowHosts }));

  test.each([
    'http://127.0.0.1:1',
    'http://2130706433/',
    'http://localhost:1',
    'http://grafana:1/mcp',
    'https://mcp.internal/',
    'http://10.1.2.3',
    'http://169.254.169.254/',
    'http://[::1]:1',
    'http://[::ffff:127.0.0.1]:1',
    'http://[fd00:ec2::254]/',
  ])('%s is refused', async (url) => {
    expect(await refused(url)).toMatchObject({ code: 'blocked_target', hint: expect.stringMatching(/allow_hosts/) });
  });

  test.each(['127.0.0.1', '127.0.0.1:PORT'])('unless allow_hosts names it: %s', async (entry) => {
    const { url } = await serveTools();
    const { names } = await open([{ url }], { allowHosts: [entry.replace('PORT', new URL(url).port)] });
    expect(names).toContain('echo');
  });

  test('another port than the one that is named is refused', async () => {
    expect(await refused('http://127.0.0.1:1', ['127.0.0.1:2'])).toMatchObject({ code: 'blocked_target' });
  });

  test.each(['ftp://host.example/', 'host.example', 'https://user:secret@host.example/'])('%s is none', async (url) => {
    const failure = await refused(url);
    expect(failure).toMatchObject({ code: 'invalid_params' });
    expect(failure.message).not.toMatch(/secret/);
  });

  test('a redirect to another host is not followed', async () => {
    const { url, asked } = await serveTools();
    const elsewhere = url.replace('127.0.0.1', 'localhost');
    const { origin } = await serve((_, response) => response.writeHead(307, { location: elsewhere }).end());
    expect(await failureOf(open([{ url: origin }]))).toMatchObject({ code: 'bad_request' });
    expect(asked()).toEqual([]);
  });
});
