import { createServer } from 'node:net';
import { expect, test } from '@jest/globals';
import { ThreadlineError } from 'threadline/provider';
import { parseRetryAfter } from './failures.ts';
import { failureOf, run, serve } from './test-server.ts';

const answer = (status: number, headers: Record<string, string> = {}, body = 'sorry') =>
  serve((_, response) => response.writeHead(status, headers).end(body));

test.each([
  [400, 'bad_request', false],
  [408, 'bad_request', true],
  [409, 'bad_request', false],
  [401, 'authentication_failed', false],
  [403, 'authentication_failed', false],
  [404, 'not_found', false],
  [429, 'rate_limit', true],
  [500, 'server_error', true],
  [501, 'server_error', false],
  [503, 'server_error', true],
] as const)('%i fails the step as %s', async (status, code, retryable) => {
  const failure = await failureOf({ url: `${await answer(status)}/x` });
  expect(failure).toMatchObject({ code, retryable, details: { status, body: 'sorry' } });
  expect(failure.message).toContain(`/x was answered with ${status}`);
});

test('fail_on_error: false makes the error a result', async () => {
  const url = await answer(404, { 'content-type': 'application/json' }, '{"reason":"gone"}');
  const result = await run({ url, fail_on_error: false });
  expect(result).toMatchObject({ status: false, ok: false, status_code: 404, body: { reason: 'gone' } });
});

test('an error page is no JSON, and nobody expects it to be', async () => {
  const result = await run({ url: await answer(502, {}, '<h1>'), fail_on_error: false, expect: 'json' });
  expect(result).toMatchObject({ ok: false, body: '<h1>' });
});

test('details have the beginning of the body, and the url without the values of its query', async () => {
  const origin = await answer(400, { 'content-type': 'text/plain' }, 'x'.repeat(3_000_000));
  const failure = await failureOf({ url: `${origin}/a?key=s3cret`, query: { b: 's3cret' } });
  expect(failure.details).toEqual({ status: 400, url: `${origin}/a?key=***&b=***`, body: 'x'.repeat(2000) });
  expect(failure.message).not.toContain('s3cret');
});

test.each([
  ['120', 120_000],
  ['0', 0],
  ['Wed, 01 Jan 2025 00:01:00 GMT', 60_000],
  ['Tue, 31 Dec 2024 00:00:00 GMT', 0],
  ['soon', undefined],
])('Retry-After: %s', (value, wanted) => {
  expect(parseRetryAfter(value, Date.parse('2025-01-01T00:00:00Z'))).toBe(wanted);
});

test.each([429, 503])('%i hands Retry-After on', async (status) => {
  expect(await failureOf({ url: await answer(status, { 'retry-after': '7' }) })).toMatchObject({
    details: { retry_after_ms: 7000 },
  });
});

test('a failure is retryable only where a repetition does nothing twice', async () => {
  const url = await answer(500);
  expect(await failureOf({ url, method: 'PUT' })).toMatchObject({ retryable: true });
  expect(await failureOf({ url, method: 'POST' })).toMatchObject({ retryable: true });
  expect(await failureOf({ url, method: 'POST', headers: { 'idempotency-key': '' } })).toMatchObject({ retryable: false });
});

/** A server that does this with every connection instead of answering. */
async function serveRaw(greet: (socket: import('node:net').Socket) => void): Promise<string> {
  const server = createServer(greet).unref();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
}

const NO_KEY = { 'Idempotency-Key': '' };

test('a refused connection can be tried again, whatever the method', async () => {
  const failure = await failureOf({ url: 'http://127.0.0.1:1', method: 'POST', headers: NO_KEY });
  expect(failure).toMatchObject({ code: 'connection_failed', retryable: true, details: { reason: 'ECONNREFUSED' } });
});

test('a name that does not exist', async () => {
  const failure = await failureOf({ url: 'http://nowhere.invalid/', method: 'POST', headers: NO_KEY });
  expect(failure).toMatchObject({ code: 'connection_failed', retryable: true });
  expect(failure.message).toContain('nowhere.invalid');
});

test.each([
  ['reset', (socket: import('node:net').Socket) => socket.once('data', () => socket.resetAndDestroy())],
  ['ended', (socket: import('node:net').Socket) => socket.once('data', () => socket.end())],
  ['no HTTP', (socket: import('node:net').Socket) => socket.once('data', () => socket.end('SSH-2.0-x\r\n'))],
])('a connection that is %s after the request can hide that it was done', async (_, greet) => {
  const url = await serveRaw(greet);
  expect(await failureOf({ url, method: 'POST', headers: NO_KEY })).toMatchObject({
    code: 'connection_failed',
    retryable: false,
  });
  expect(await failureOf({ url, method: 'POST' })).toMatchObject({ code: 'connection_failed', retryable: true });
  expect(await failureOf({ url })).toMatchObject({ code: 'connection_failed', retryable: true });
});

test('half an answer is a broken connection', async () => {
  const url = await serve((_, response) => {
    response.writeHead(200, { 'content-length': '100' }).write('half');
    setTimeout(() => response.destroy(), 20);
  });
  expect(await failureOf({ url })).toMatchObject({ code: 'connection_failed' });
});

const silent = () => serve(() => undefined);
const stalling = () => serve((_, response) => response.writeHead(200).write('half'));
const circling = () =>
  serve((request, response) => setTimeout(() => response.writeHead(302, { location: request.url ?? '/' }).end(), 60));

test.each([
  ['before the headers', silent],
  ['amid the body', stalling],
  ['over all redirects together', circling],
])('times out %s', async (_, start) => {
  const failure = await failureOf({ url: await start(), timeout: '100ms' });
  expect(failure).toMatchObject({ code: 'timeout', retryable: true });
  expect(failure.message).toContain('100ms');
  expect(failure.details).toEqual({ url: expect.stringContaining('http://127.0.0.1:') });
});

test('a time-out longer than a timer can count does not end the request', async () => {
  expect(await run({ url: await answer(200), timeout: '52w' })).toMatchObject({ ok: true });
});

test('a time-out tells that a POST without a key may have been done', async () => {
  expect(await failureOf({ url: await silent(), method: 'POST', headers: NO_KEY, timeout: 0.1 })).toMatchObject({
    retryable: false,
  });
});

test.each([
  ['before the headers', silent],
  ['amid the body', stalling],
])('an abort %s ends the request at once and closes the connection', async (_, start) => {
  const controller = new AbortController();
  const began = performance.now();
  setTimeout(() => controller.abort(), 50);
  expect(await failureOf({ url: await start() }, { signal: controller.signal })).toMatchObject({
    code: 'cancelled',
    retryable: false,
  });
  expect(performance.now() - began).toBeLessThan(1000);
});

test('the server notices an abort', async () => {
  const controller = new AbortController();
  const hungUp = new Promise<void>((resolve) => {
    void serve((request) => {
      request.socket.on('close', () => resolve());
      controller.abort();
    }).then((url) => run({ url }, { signal: controller.signal }).catch(() => undefined));
  });
  await hungUp;
});

test('the reason of the abort is what the step fails with', async () => {
  const reason = new ThreadlineError('timeout', 'The step took longer than its timeout of 1s.');
  const url = await silent();
  await expect(run({ url }, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  await expect(run({ url }, { signal: AbortSignal.timeout(20) })).rejects.toMatchObject({ code: 'timeout' });
});

test('a request that is cancelled before it starts is not sent', async () => {
  let requests = 0;
  const url = await serve((_, response) => {
    requests++;
    response.end();
  });
  await expect(run({ url }, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'cancelled' });
  await run({ url });
  expect(requests).toBe(1);
});
