import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { failureOf, run, serve } from './test-server.ts';

/** A server that always answers with these bytes. */
const answer = (body: string | Uint8Array, headers: Record<string, string> = {}, status = 200) =>
  serve((_, response) => response.writeHead(status, headers).end(body));

/** A server that never stops writing until its client hangs up. */
async function serveEndless(status: number, headers: Record<string, string>) {
  const { promise: hungUp, resolve } = Promise.withResolvers<void>();
  const piece = headers['content-encoding'] === 'gzip' ? gzipSync('x'.repeat(65_536)) : 'x'.repeat(65_536);
  const url = await serve((_, response) => {
    response.writeHead(status, headers);
    const timer = setInterval(() => response.write(piece), 1);
    response.on('close', () => {
      clearInterval(timer);
      resolve();
    });
  });
  return { url, hungUp };
}

const JSON_TYPE = { 'content-type': 'application/json' };

test('returns status, headers, body and the final url', async () => {
  const url = await answer('{"a":[1]}', { ...JSON_TYPE, 'X-Count': '3', 'Set-Cookie': 'a=1' }, 201);
  expect(await run({ url: `${url}/x?y=1` })).toEqual({
    status: true,
    ok: true,
    status_code: 201,
    headers: expect.objectContaining({ 'x-count': '3', 'set-cookie': 'a=1', 'content-type': 'application/json' }),
    body: { a: [1] },
    url: `${url}/x?y=1`,
    duration_ms: expect.any(Number),
  });
});

test('several headers of one name are one text', async () => {
  const url = await serve((_, response) => response.setHeader('set-cookie', ['a=1', 'b=2']).end());
  expect((await run({ url })).headers['set-cookie']).toBe('a=1, b=2');
});

test.each([
  ['application/json; charset=utf-8', '{"a":1}', { a: 1 }],
  ['application/problem+json', '{"a":1}', { a: 1 }],
  ['application/json', '{"a":', '{"a":'],
  ['application/json', '', null],
  ['text/html', '<p>ü</p>', '<p>ü</p>'],
  ['text/plain', '{"a":1}', '{"a":1}'],
  ['application/xml', '<a/>', '<a/>'],
  ['application/x-ndjson', '{}\n{}', '{}\n{}'],
  ['text/plain; charset=iso-8859-1', Buffer.from([0xfc]), 'ü'],
  ['text/plain; charset=nonsense', 'ü', 'ü'],
  ['application/json', '\uFEFF{"a":1}', { a: 1 }],
  ['image/png', Buffer.from([137, 80, 255]), { base64: 'iVD/', content_type: 'image/png', bytes: 3 }],
  ['', '{"a":1}', { a: 1 }],
  ['', 'plain', 'plain'],
  ['', Buffer.from([0xff, 0xfe]), { base64: '//4=', content_type: null, bytes: 2 }],
])('a body of type %j: %j', async (type, body, wanted) => {
  const url = await answer(body, type ? { 'content-type': type } : {});
  expect((await run({ url })).body).toEqual(wanted);
});

test('expect: json reads JSON whatever its type says, expect: text leaves it', async () => {
  expect((await run({ url: await answer('{"a":1}', { 'content-type': 'text/plain' }), expect: 'json' })).body).toEqual({ a: 1 });
  expect((await run({ url: await answer('{"a":1}', JSON_TYPE), expect: 'text' })).body).toBe('{"a":1}');
  expect((await run({ url: await answer('', JSON_TYPE), expect: 'text' })).body).toBe('');
});

test.each(['<html>', '', '{"a":1} trailing', '['.repeat(100_000)])('expect: json fails on %.20j', async (body) => {
  const failure = await failureOf({ url: await answer(body, JSON_TYPE), expect: 'json' });
  expect(failure).toMatchObject({ code: 'invalid_output', retryable: false, details: { body: body.slice(0, 2000) } });
});

test('deep nesting stays text and harms nobody', async () => {
  const body = '['.repeat(50_000) + ']'.repeat(50_000);
  expect((await run({ url: await answer(body, JSON_TYPE) })).body).toBe(body);
});

test('keys that would reach a prototype do not come in', async () => {
  const url = await answer('{"__proto__":{"x":1},"constructor":1,"a":{"__proto__":2,"b":3}}', JSON_TYPE);
  expect(JSON.stringify((await run({ url })).body)).toBe('{"a":{"b":3}}');
});

test('an answer without a body is null, even where JSON is expected', async () => {
  expect(await run({ url: await answer('', {}, 204), expect: 'json' })).toMatchObject({ status_code: 204, body: null });
  const head = await answer('{}', { ...JSON_TYPE, 'content-length': '2', 'content-encoding': 'gzip' });
  expect(await run({ url: head, method: 'HEAD' })).toMatchObject({ body: null, headers: { 'content-length': '2' } });
});

test.each([
  ['gzip', gzipSync],
  ['x-gzip', gzipSync],
  ['deflate', deflateSync],
  ['br', brotliCompressSync],
  ['identity', Buffer.from],
] as const)('decodes %s', async (encoding, compress) => {
  const url = await answer(compress('{"a":1}'), { ...JSON_TYPE, 'content-encoding': encoding });
  expect((await run({ url })).body).toEqual({ a: 1 });
});

test('more than one layer of compression, or an unknown one, is refused', async () => {
  const twice = await answer(gzipSync(gzipSync('x')), { 'content-encoding': 'gzip, gzip' });
  expect(await failureOf({ url: twice })).toMatchObject({ code: 'unsupported' });
  expect(await failureOf({ url: await answer('x', { 'content-encoding': 'rot13' }) })).toMatchObject({ code: 'unsupported' });
});

test.each([
  ['cut off', gzipSync('hello hello').subarray(0, 12)],
  ['not gzip at all', Buffer.from('hello')],
])('a gzip body that is %s is a broken connection, not a result', async (_, body) => {
  const url = await answer(body, { 'content-encoding': 'gzip' });
  expect(await failureOf({ url })).toMatchObject({ code: 'connection_failed', retryable: true });
});

test('max_bytes is the largest answer that is taken', async () => {
  const url = await answer('x'.repeat(1000));
  expect((await run({ url, max_bytes: 1000 })).body).toHaveLength(1000);
  expect(await failureOf({ url, max_bytes: 999 })).toMatchObject({ code: 'response_too_large', retryable: false });
});

test('a stream without end is cut off at the cap', async () => {
  const { url, hungUp } = await serveEndless(200, {});
  const failure = await failureOf({ url, max_bytes: 200_000 });
  expect(failure).toMatchObject({ code: 'response_too_large', details: { status: 200, url: `${url}/` } });
  await hungUp;
});

test('an error page without end still is the error that it tells of', async () => {
  const { url, hungUp } = await serveEndless(404, { 'content-encoding': 'gzip' });
  expect(await failureOf({ url })).toMatchObject({ code: 'not_found' });
  await hungUp;
});

test.each([
  ['gzip', gzipSync],
  ['br', brotliCompressSync],
] as const)('a %s bomb is stopped while it unpacks', async (encoding, compress) => {
  const url = await answer(compress(Buffer.alloc(100_000_000)), { 'content-encoding': encoding });
  const before = process.memoryUsage().arrayBuffers;
  expect(await failureOf({ url })).toMatchObject({ code: 'response_too_large' });
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50_000_000);
});
