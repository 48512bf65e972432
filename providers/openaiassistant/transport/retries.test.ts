import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { type Answer, answering, broken, clientOf, failing, fine, HastyClock } from './test-transport.ts';

const failureOf = (asking: Promise<unknown>) =>
  asking.then(
    () => expect('an answer').toBe('a failure'),
    (thrown) => thrown,
  );

test.each<[string, Answer]>([
  ['the API answered 408', failing(408)],
  ['the API answered 409', failing(409)],
  ['the API answered 429, rate_limit_exceeded', failing(429, { code: 'rate_limit_exceeded' })],
  ['the API answered 429', (response) => response.writeHead(429).end('<h1>Slow down</h1>')],
  ['the API answered 500', failing(500)],
  ['the API answered 502', (response) => response.writeHead(502).end()],
  ['the API answered 503, server_is_overloaded', failing(503, { code: 'server_is_overloaded' })],
  ['the API answered 504', failing(504)],
  ['the API answered 400, conversation_locked', failing(400, { code: 'conversation_locked' })],
  ['the API answered 422', failing(422, {}, { 'x-should-retry': 'true' })],
  ['the API answered 500', failing(500, { code: 'no name, but a sentence' })],
])('is asked again: %s', async (reason, fault) => {
  const { baseURL, asked } = await answering(fault, fine);
  const { ask, retries } = clientOf(baseURL, new HastyClock());
  expect(await ask()).toMatchObject({ id: 'resp_1' });
  expect(asked).toHaveLength(2);
  expect(asked[1]?.body).toBe(asked[0]?.body);
  expect(retries).toEqual([{ reason, attempt: 1, delayMs: expect.any(Number) }]);
});

test.each<[number, object, Record<string, string>]>([
  [400, {}, {}],
  [401, { code: 'invalid_api_key' }, {}],
  [403, {}, {}],
  [404, {}, {}],
  [409, { code: 'conversation_locked' }, { 'x-should-retry': 'false' }],
  [422, {}, {}],
  [429, { code: 'insufficient_quota' }, {}],
  [429, { code: 'credit_balance_exhausted' }, {}],
  [429, { code: 'organization_usage_limit_exceeded' }, {}],
  [429, { code: 'organization_spend_limit_exceeded' }, {}],
  [429, { code: 'project_spend_limit_exceeded' }, { 'x-should-retry': 'true' }],
  [429, { type: 'insufficient_quota' }, {}],
  [500, {}, { 'x-should-retry': 'false' }],
  [501, {}, {}],
])('is asked once, and what it says is handed on: %s %j %j', async (status, error, headers) => {
  const { baseURL, asked } = await answering(failing(status, error, headers));
  const { ask, retries } = clientOf(baseURL, new HastyClock());
  const failure = await failureOf(ask());
  expect(failure).toMatchObject({ status, error, message: `${status} No.` });
  expect([asked.length, retries]).toEqual([1, []]);
});

test('after the last attempt the last answer is handed on, body and all', async () => {
  const { baseURL, asked } = await answering(
    failing(500),
    failing(503),
    failing(503, { code: 'slow_down' }, { 'x-request-id': 'req_3' }),
  );
  const { ask, retries } = clientOf(baseURL, new HastyClock(), { maxRetries: 2 });
  expect(await failureOf(ask())).toMatchObject({ status: 503, code: 'slow_down', requestID: 'req_3', message: '503 No.' });
  expect(asked).toHaveLength(3);
  expect(retries.map(({ attempt }) => attempt)).toEqual([1, 2]);
});

describe('how long it waits', () => {
  const inFourSeconds = Math.ceil(Date.now() / 1000 + 4) * 1000;

  test.each<[string, Record<string, string>, (start: number) => number]>([
    ['in milliseconds, which wins', { 'retry-after-ms': '1500', 'retry-after': '7' }, () => 1500],
    ['in seconds', { 'retry-after': '7' }, () => 7000],
    ['as a date', { 'retry-after': new Date(inFourSeconds).toUTCString() }, (start) => inFourSeconds - start],
    ['as a date that is over', { 'retry-after': new Date(0).toUTCString() }, () => 0],
  ])('retry-after %s', async (_, headers, delayMs) => {
    const { baseURL } = await answering(failing(503, {}, headers), fine);
    const clock = new HastyClock();
    const start = clock.now();
    const { ask, retries } = clientOf(baseURL, clock);
    await ask();
    expect(retries).toMatchObject([{ delayMs: delayMs(start) }]);
    expect(clock.slept).toEqual([delayMs(start)]);
  });

  test.each(['', 'soon', '-3'])('a retry-after that is none is not believed: %j', async (value) => {
    const { baseURL } = await answering(failing(503, {}, { 'retry-after': value }), fine);
    const { ask, retries } = clientOf(baseURL, new HastyClock());
    await ask();
    expect(retries[0]?.delayMs).toBeGreaterThanOrEqual(250);
  });

  test('more than five minutes are not waited for', async () => {
    const { baseURL, asked } = await answering(failing(429, {}, { 'retry-after': '301' }));
    const { ask, retries } = clientOf(baseURL, new HastyClock());
    const failure = await failureOf(ask());
    expect(failure.headers.get('retry-after')).toBe('301');
    expect([asked.length, retries]).toEqual([1, []]);
  });

  test('without a word of the server: twice as long each time, up to eight seconds, half of it by chance', async () => {
    const { baseURL } = await answering(failing(500));
    const { ask, retries } = clientOf(baseURL, new HastyClock());
    await failureOf(ask());
    const full = [500, 1000, 2000, 4000, 8000, 8000];
    expect(retries).toHaveLength(full.length);
    for (const [index, { delayMs }] of retries.entries()) {
      expect(delayMs).toBeGreaterThanOrEqual((full[index] as number) / 2);
      expect(delayMs).toBeLessThanOrEqual(full[index] as number);
    }
  });
});

describe('connections', () => {
  test('one that was never made is made again', async () => {
    const server = createServer((request, response) => request.resume() && fine(response, { method: '', headers: {}, body: '' }));
    const port = await freePort();
    const clock = new HastyClock();
    clock.sleep = async () => {
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
    };
    const { ask, retries } = clientOf(`http://127.0.0.1:${port}/v1`, clock);
    expect(await ask()).toMatchObject({ id: 'resp_1' });
    expect(retries).toMatchObject([{ reason: 'the connection failed, ECONNREFUSED' }]);
    close(server);
  });

  test('one that breaks after the server took a POST is not: it may be paid for', async () => {
    const { baseURL, asked } = await answering(broken, fine);
    const { ask, retries } = clientOf(baseURL, new HastyClock());
    expect(await failureOf(ask())).toMatchObject({ message: expect.stringContaining('Connection error') });
    expect([asked.length, retries]).toEqual([1, []]);
  });

  test.each(['GET', 'DELETE'])('%s is asked again', async (method) => {
    const { baseURL, asked } = await answering(broken, fine);
    const { client, retries } = clientOf(baseURL, new HastyClock());
    await (method === 'GET' ? client.responses.retrieve('resp_1') : client.responses.delete('resp_1'));
    expect(asked.map((one) => one.method)).toEqual([method, method]);
    expect(retries).toMatchObject([{ reason: expect.stringMatching(/^the connection failed, [A-Z_]+$/) }]);
  });

  test('a certificate that nobody vouches for is not asked for twice', async () => {
    const { baseURL } = await answering(fine);
    const { client, retries } = clientOf(baseURL.replace('http:', 'https:'), new HastyClock());
    await failureOf(client.responses.retrieve('resp_1'));
    expect(retries).toEqual([]);
  });
});

test('a body that is a stream is sent once', async () => {
  const { baseURL, asked } = await answering(failing(503), fine);
  const { fetch, retries } = clientOf(baseURL, new HastyClock());
  const response = await fetch(baseURL, { method: 'POST', body: new Blob(['text']).stream(), duplex: 'half' } as RequestInit);
  expect([response.status, asked.length, retries]).toEqual([503, 1, []]);
  expect(asked[0]?.body).toBe('text');
});

test('a file is sent again', async () => {
  const { baseURL, asked } = await answering(failing(503), fine);
  const { client } = clientOf(baseURL, new HastyClock());
  await client.files.create({ file: new File(['text'], 'notes.txt'), purpose: 'user_data' });
  expect(asked.map(({ body }) => body.includes('notes.txt') && body.includes('text'))).toEqual([true, true]);
});

test('all attempts at one request have the same idempotency key, and each request its own', async () => {
  const { baseURL, asked } = await answering(failing(503), fine);
  let requests = 0;
  const { ask, client } = clientOf(baseURL, new HastyClock(), { idempotencyKey: () => `run-1/ask/${++requests}` });
  await ask();
  await ask();
  await client.responses.retrieve('resp_1');
  expect(asked.map(({ headers }) => headers['idempotency-key'])).toEqual([
    'run-1/ask/1',
    'run-1/ask/1',
    'run-1/ask/2',
    undefined,
  ]);
});

test('a thousand requests at once to a server that fails three of ten times: all are answered', async () => {
  const seen = new Map<string, number>();
  const faults = [429, 500, 503].map((status) => failing(status, {}, status === 429 ? { 'retry-after-ms': '20' } : {}));
  let failures = 0;
  const { baseURL, asked } = await answering((response, one) => {
    const { input } = JSON.parse(one.body);
    const attempt = seen.get(input) ?? 0;
    seen.set(input, attempt + 1);
    // Some requests fail once, some thrice: 428 failures on 1,000 answers.
    const isFault = attempt < (Number(input) % 10 === 0 ? 3 : Number(input) % 7 === 0 ? 1 : 0);
    if (isFault) failures++;
    return (isFault ? faults[attempt === 0 ? Number(input) % 3 : 0] : fine)?.(response, one);
  });
  const { ask, retries } = clientOf(baseURL, new HastyClock());
  const answers = await Promise.all(Array.from({ length: 1000 }, (_, index) => ask(String(index))));
  expect(answers).toHaveLength(1000);
  expect(retries).toHaveLength(failures);
  expect(asked).toHaveLength(1000 + failures);
  expect(failures / asked.length).toBeGreaterThan(0.29);
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

const close = (server: Server) => server.close().closeAllConnections();
