import { expect, test } from '@jest/globals';
import type { HttpParams } from './schema.ts';
import { failureOf, type Received, run, serveRecorder } from './test-server.ts';

const { origin, received } = await serveRecorder();

async function receivedFor(params: Omit<HttpParams, 'url'> & { url?: string }, surroundings = {}): Promise<Received> {
  await run({ url: `${origin}/path`, ...params }, surroundings);
  const last = received.at(-1);
  if (!last) throw new Error('the server got nothing');
  return last;
}

test.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'get', 'post', 'delete'] as const)(
  'sends %s',
  async (method) => {
    expect((await receivedFor({ method })).method).toBe(method.toUpperCase());
  },
);

test('asks with GET and says who it is when nothing else is given', async () => {
  const { method, headers, body } = await receivedFor({});
  expect({ method, body }).toEqual({ method: 'GET', body: '' });
  expect(headers).toMatchObject({ 'user-agent': 'threadline', accept: '*/*', 'accept-encoding': 'gzip, br' });
  expect(headers).not.toHaveProperty('idempotency-key');
});

test.each([
  ['json', { json: { a: [1, 'ü'] } }, '{"a":[1,"ü"]}', 'application/json'],
  ['json that is null', { json: null }, 'null', 'application/json'],
  ['form', { form: { a: 'x y&z', b: [1, true] } }, 'a=x+y%26z&b=1&b=true', 'application/x-www-form-urlencoded'],
  ['text', { body: '<a>ü</a>' }, '<a>ü</a>', 'text/plain; charset=utf-8'],
  ['a map as body, as Keep has it', { body: { text: 'hi' } }, '{"text":"hi"}', 'application/json'],
  ['a list as body', { body: [1, 2] }, '[1,2]', 'application/json'],
  ['no body', { body: null }, '', undefined],
])('sends %s', async (_, params, body, contentType) => {
  const request = await receivedFor({ method: 'POST', ...params });
  expect(request.body).toBe(body);
  expect(request.headers['content-type']).toBe(contentType);
  expect(request.headers['content-length']).toBe(String(Buffer.byteLength(body)));
});

test('frames the body of a GET, so that it cannot pass for a second request', async () => {
  const before = received.length;
  const request = await receivedFor({ method: 'GET', body: 'GET /smuggled HTTP/1.1\r\nhost: x\r\n\r\n' });
  expect(request.body).toContain('/smuggled');
  expect(received.length).toBe(before + 1);
});

test('the content type of the author goes before ours', async () => {
  const { headers } = await receivedFor({ method: 'POST', json: {}, headers: { 'Content-Type': 'application/vnd.api+json' } });
  expect(headers['content-type']).toBe('application/vnd.api+json');
});

test('an empty header value leaves the header out', async () => {
  const { headers } = await receivedFor({ method: 'POST', headers: { 'User-Agent': '', 'Idempotency-Key': '' } });
  expect(headers).not.toHaveProperty('user-agent');
  expect(headers).not.toHaveProperty('idempotency-key');
});

test.each([
  ['basic', { type: 'basic', username: 'ann', password: 'pä:ss' }, { authorization: `Basic ${btoa('ann:p\u00c3\u00a4:ss')}` }],
  ['bearer', { type: 'bearer', token: 't0k' }, { authorization: 'Bearer t0k' }],
  ['header', { type: 'header', name: 'X-Api-Key', value: 'k3y' }, { 'x-api-key': 'k3y' }],
] as const)('proves itself by %s', async (_, auth, headers) => {
  expect((await receivedFor({ auth })).headers).toMatchObject(headers);
});

test('query values are encoded and added to the query of the url; a list repeats its key', async () => {
  const query = { q: 'a b&c=d#e', n: 3, on: true, tag: ['x', 'y'], ü: 'ß' };
  const { url } = await receivedFor({ url: `${origin}/s?keep=%20this#fragment`, query });
  expect(url).toBe('/s?keep=%20this&q=a+b%26c%3Dd%23e&n=3&on=true&tag=x&tag=y&%C3%BC=%C3%9F');
});

test('`params` is the query, as in Keep', async () => {
  expect((await receivedFor({ params: { a: 1 } })).url).toBe('/path?a=1');
});

test.each(['POST', 'PATCH'] as const)('%s carries the same idempotency key each time', async (method) => {
  const first = await receivedFor({ method }, { idempotencyKey: 'run-7/größe' });
  const second = await receivedFor({ method }, { idempotencyKey: 'run-7/größe' });
  expect(first.headers['idempotency-key']).toBe('run-7/gr%C3%B6%C3%9Fe');
  expect(second.headers['idempotency-key']).toBe(first.headers['idempotency-key']);
});

test('the idempotency key of the author goes before ours', async () => {
  const { headers } = await receivedFor({ method: 'POST', headers: { 'idempotency-key': 'mine' } });
  expect(headers['idempotency-key']).toBe('mine');
});

test.each([
  ['a value', { 'X-A': 'a\r\nX-B: b' }],
  ['a name', { 'X-A: a\r\nX-B': 'b' }],
])('refuses a line break in %s of a header, and does not repeat it', async (_, headers) => {
  const failure = await failureOf({ url: origin, headers });
  expect(failure.code).toBe('invalid_params');
  expect(failure.message).not.toContain('\n');
});

test.each(['Content-Length', 'Transfer-Encoding', 'connection'])('refuses %s: it frames the message', async (name) => {
  expect(await failureOf({ url: origin, headers: { [name]: '3' } })).toMatchObject({ code: 'invalid_params' });
});

const config = {
  base_url: `${origin}/v1/`,
  headers: { 'X-Team': 'blue' },
  auth: { type: 'bearer', token: 'configured' },
} as const;

test.each(['users?page=1', '/users?page=1'])('adds %s to base_url, with the configured credentials', async (url) => {
  const request = await receivedFor({ url }, { config });
  expect(request.url).toBe('/v1/users?page=1');
  expect(request.headers).toMatchObject({ authorization: 'Bearer configured', 'x-team': 'blue' });
});

test.each(['//evil.example/x', '\\\\evil.example/x', '@evil.example/x'])('a path such as %s stays at base_url', async (url) => {
  expect((await receivedFor({ url }, { config })).url).toMatch(/^\/v1\/.*evil\.example\/x$/);
});

test('configured credentials do not go to another origin', async () => {
  const other = await serveRecorder();
  await run({ url: `${other.origin}/x` }, { config });
  expect(other.received[0]?.headers).not.toHaveProperty('authorization');
  expect(other.received[0]?.headers).not.toHaveProperty('x-team');
});

test('what the step gives goes before the configuration', async () => {
  const { headers } = await receivedFor(
    { url: '/x', headers: { 'x-team': 'red' }, auth: { type: 'bearer', token: 'own' } },
    { config },
  );
  expect(headers).toMatchObject({ authorization: 'Bearer own', 'x-team': 'red' });
});

test('configured credentials without a base_url are a mistake, not a silence', async () => {
  const failure = await failureOf({ url: origin }, { config: { auth: config.auth } });
  expect(failure).toMatchObject({ code: 'invalid_config', hint: expect.stringContaining('base_url') });
});

test.each(['/path', 'ftp://127.0.0.1/x', 'file:///etc/passwd', 'localhost', 'javascript:alert(1)'])('refuses %s', async (url) => {
  expect(await failureOf({ url })).toMatchObject({ code: 'invalid_params' });
});

test('refuses a user name and a password in the url, and names neither', async () => {
  const failure = await failureOf({ url: origin.replace('//', '//ann:s3cret@') });
  expect(failure).toMatchObject({ code: 'invalid_params', hint: expect.stringContaining('auth') });
  expect(JSON.stringify([failure.message, failure.hint, failure.details])).not.toMatch(/ann|s3cret/);
});

test('a request has one body', async () => {
  expect(await failureOf({ url: origin, method: 'POST', json: {}, body: 'x' })).toMatchObject({ code: 'invalid_params' });
});
