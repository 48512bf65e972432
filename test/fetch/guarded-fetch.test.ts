import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from '@jest/globals';
import { errors } from 'undici';
import { connectionFailure } from '../../src/fetch/connection-failure.ts';
import { type FetchInit, guardedFetch } from '../../src/fetch/guarded-fetch.ts';
import type { OutgoingRequest } from '../../src/fetch/outgoing.ts';

const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) server.close().closeAllConnections();
});

/** A server on 127.0.0.1; resolves with its origin. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const get = (url: string | URL, init?: FetchInit, allowHosts = ['127.0.0.1']) =>
  guardedFetch(allowHosts, new AbortController().signal)(url, init);

const redirectTo = (location: string, status = 302) =>
  serve((_, response) => response.writeHead(status, { location }).end('moved'));

describe('the web’s fetch', () => {
  test('sends method, headers and body, and resolves with a Response', async () => {
    const url = await serve(async (request, response) => {
      const { method, headers } = request;
      response.setHeader('x-count', '3').writeHead(201);
      response.end(JSON.stringify({ method, type: headers['content-type'], own: headers['x-own'], body: await textOf(request) }));
    });
    const response = await get(`${url}/x?a=1`, { method: 'post', headers: { 'X-Own': 'a' }, body: 'ü' });
    expect(response).toMatchObject({ ok: true, status: 201, url: `${url}/x?a=1`, redirected: false });
    expect(response.headers.get('X-Count')).toBe('3');
    expect(await response.json()).toEqual({ method: 'POST', type: 'text/plain;charset=UTF-8', own: 'a', body: 'ü' });
  });

  test.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
  ] as const)('reads %s', async (encoding, compress) => {
    const url = await serve((_, response) => response.setHeader('content-encoding', encoding).end(compress('{"a":1}')));
    expect(await (await get(url)).json()).toEqual({ a: 1 });
  });

  test('json() keeps the digits of whole numbers, and refuses a number that nothing can hold', async () => {
    const url = await serve((request, response) =>
      response.end(request.url === '/wide' ? '{"id":9007199254740993}' : '{"id":1e400}'),
    );
    expect(await (await get(`${url}/wide`)).json()).toEqual({ id: 9007199254740993n });
    await expect((await get(url)).json()).rejects.toThrow('`id` is beyond 1.8e308');
  });

  test('streams what has arrived while more is to come', async () => {
    const url = await serve((_, response) => response.setHeader('content-encoding', 'identity').write('first'));
    const reader = (await get(url)).body?.getReader();
    expect(new TextDecoder().decode((await reader?.read())?.value)).toBe('first');
    await reader?.cancel();
  });

  test('rejects with the reason of the signal, as its body does', async () => {
    const controller = new AbortController();
    const url = await serve((_, response) => response.write('half'));
    const response = await get(url, { signal: controller.signal });
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(response.text()).rejects.toBe(reason);
    await expect(get(url, { signal: controller.signal })).rejects.toBe(reason);
  });

  test.each(['file:///etc/passwd', '/path', 'https://ann:s3cret@example.com/'])('refuses %s', async (url) => {
    const failure = await get(url).catch((thrown) => thrown);
    expect(failure).toMatchObject({ code: 'invalid_params' });
    expect(JSON.stringify([failure.message, failure.hint])).not.toMatch(/s3cret/);
  });
});

describe('maxBytes', () => {
  test.each([
    ['plain', (text: string) => text, undefined],
    ['compressed', gzipSync, 'gzip'],
  ] as const)('is the largest body that is read: %s', async (_, pack, encoding) => {
    const url = await serve((_request, response) => {
      if (encoding) response.setHeader('content-encoding', encoding);
      response.end(pack('x'.repeat(1000)));
    });
    expect(await (await get(url, { maxBytes: 1000 })).text()).toHaveLength(1000);
    await expect((await get(url, { maxBytes: 999 })).text()).rejects.toMatchObject({
      code: 'response_too_large',
      message: `The answer of ${url}/ is larger than 999 bytes.`,
    });
  });

  test('is 50 MB where nothing is said', async () => {
    const chunk = Buffer.alloc(1_000_000);
    const url = await serve((_, response) => {
      const more = () => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on('drain', more);
      more();
    });
    await expect((await get(url)).arrayBuffer()).rejects.toMatchObject({ code: 'response_too_large' });
  });
});

describe('redirects', () => {
  test('another origin gets no credentials, nor headers that are named secret', async () => {
    let headers: object = {};
    const end = await serve((request, response) => {
      headers = request.headers;
      response.end();
    });
    const secrets = { authorization: 'Bearer t', cookie: 'a=1', 'x-team': 'blue' };
    const response = await get(await redirectTo(`${end}/end`), {
      headers: { ...secrets, 'x-plain': 'plain' },
      secretHeaders: ['X-Team'],
    });
    expect(response).toMatchObject({ redirected: true, url: `${end}/end` });
    expect(headers).toMatchObject({ 'x-plain': 'plain' });
    for (const name of Object.keys(secrets)) expect(headers).not.toHaveProperty(name);
  });

  test('the same origin gets them again', async () => {
    const seen: unknown[] = [];
    const url = await serve((request, response) => {
      seen.push(request.headers.authorization);
      if (request.url === '/start') response.writeHead(302, { location: '/end' });
      response.end();
    });
    await get(`${url}/start`, { headers: { authorization: 'Bearer t' } });
    expect(seen).toEqual(['Bearer t', 'Bearer t']);
  });

  test.each(['http://10.0.0.1/', 'http://[::1]/', 'http://169.254.169.254/', 'http://grafana/', 'file:///etc/passwd'])(
    'to %s are refused',
    async (location) => {
      await expect(get(await redirectTo(location))).rejects.toMatchObject({ code: 'blocked_target' });
    },
  );

  test('are handed out when they are not to be followed', async () => {
    const response = await get(await redirectTo('http://10.0.0.1/'), { redirect: 'manual' });
    expect([response.status, response.headers.get('location')]).toEqual([302, 'http://10.0.0.1/']);
  });

  test('a POST that was done before its redirect failed is not to be repeated', async () => {
    const init = { method: 'POST', body: 'x' };
    const start = await redirectTo('http://127.0.0.1:1/', 303);
    await expect(get(start, init)).rejects.toMatchObject({ code: 'connection_failed', retryable: false });
    await expect(get('http://127.0.0.1:1/', init)).rejects.toMatchObject({ code: 'connection_failed', retryable: true });
  });
});

describe('connections', () => {
  test('a server that breaks off each request is not asked without end while another one is under way', async () => {
    let resets = 0;
    const { promise: asked, resolve } = Promise.withResolvers<void>();
    const url = await serve((request, response) => {
      if (request.url === '/ok') response.end('ok');
      else if (request.url === '/slow') resolve();
      else {
        resets++;
        request.socket.resetAndDestroy();
      }
    });
    const controller = new AbortController();
    const slow = get(`${url}/slow`, { signal: controller.signal }).catch(() => 'aborted');
    await asked;
    await (await get(`${url}/ok`)).text();
    await expect(get(`${url}/broken`)).rejects.toMatchObject({ code: 'connection_failed' });
    // The idle connection, and a new one.
    expect(resets).toBe(2);
    controller.abort();
    expect(await slow).toBe('aborted');
  });

  test('an abort amid the TLS handshake hangs up', async () => {
    const hungUp = Promise.withResolvers<void>();
    const controller = new AbortController();
    const server = createTcpServer((socket) => {
      socket.on('error', () => undefined).on('close', () => hungUp.resolve());
      socket.once('data', () => controller.abort());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await expect(get(`https://127.0.0.1:${port}`, { signal: controller.signal })).rejects.toMatchObject({ name: 'AbortError' });
    await hungUp.promise;
    server.close();
  });

  test('where no address of a host could be connected to, nothing was done', () => {
    const attempt = (code: string) => Object.assign(new Error(`connect ${code} 192.0.2.1:80`), { code, syscall: 'connect' });
    const thrown = new errors.ConnectTimeoutError('Connect Timeout Error (attempted addresses: …)');
    thrown.cause = new AggregateError([attempt('ETIMEDOUT'), attempt('ECONNREFUSED')]);
    const outgoing: OutgoingRequest = {
      method: 'POST',
      url: new URL('http://some.example/'),
      headers: new Map(),
      body: undefined,
    };
    expect(connectionFailure(thrown, { first: outgoing, outgoing, verify: undefined })).toMatchObject({
      message: 'POST http://some.example/ failed: connect ETIMEDOUT 192.0.2.1:80.',
      retryable: true,
    });
  });
});
