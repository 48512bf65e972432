import { expect, test } from '@jest/globals';
import { failureOf, run, serve, serveRecorder } from './test-server.ts';

/** A server that sends everybody on. */
const redirectTo = (location: string, status: number) =>
  serve((_, response) => response.writeHead(status, { location }).end('moved'));

test.each([
  [301, 'POST', 'GET', ''],
  [302, 'POST', 'GET', ''],
  [303, 'POST', 'GET', ''],
  [303, 'PUT', 'GET', ''],
  [301, 'PUT', 'PUT', '{"a":1}'],
  [307, 'POST', 'POST', '{"a":1}'],
  [308, 'PATCH', 'PATCH', '{"a":1}'],
  [302, 'HEAD', 'HEAD', ''],
  [303, 'HEAD', 'HEAD', ''],
] as const)('after %i, %s becomes %s', async (status, method, wanted, body) => {
  const { origin, received } = await serveRecorder();
  const result = await run({
    url: await redirectTo(`${origin}/end`, status),
    method,
    ...(method === 'HEAD' ? {} : { json: { a: 1 } }),
  });
  expect(received).toMatchObject([{ method: wanted, url: '/end', body }]);
  expect(result.url).toBe(`${origin}/end`);
  const { headers } = received[0] ?? { headers: {} };
  expect('content-type' in headers).toBe(body !== '');
  expect('content-length' in headers).toBe(body !== '');
  expect('idempotency-key' in headers).toBe(wanted === 'POST' || wanted === 'PATCH');
});

const CREDENTIALS = {
  Authorization: 'Bearer own',
  Cookie: 'session=1',
  'X-Vault-Token': 'v',
  'X-Api-Key': 'k',
  'X-Plain': 'plain',
};

test('another origin gets no credentials', async () => {
  const { origin, received } = await serveRecorder();
  const start = await redirectTo(`${origin}/end`, 307);
  const config = {
    base_url: start,
    headers: { 'X-Team': 'blue' },
    auth: { type: 'header', name: 'X-Configured', value: 'c' },
  } as const;
  const auth = { type: 'header', name: 'X-Step', value: 's' } as const;
  await run({ url: '/x', method: 'POST', headers: CREDENTIALS, auth, json: {} }, { config });
  const { headers } = received[0] ?? { headers: {} };
  for (const name of ['authorization', 'cookie', 'x-vault-token', 'x-api-key', 'x-team', 'x-configured', 'x-step']) {
    expect(headers).not.toHaveProperty(name);
  }
  expect(headers).toMatchObject({ 'x-plain': 'plain', 'content-type': 'application/json', 'idempotency-key': 'run-1/step' });
});

test('the same origin gets them again; after a way through another one it does not', async () => {
  const seen: [string | undefined, string | undefined][] = [];
  const home = await serve((request, response) => {
    seen.push([request.url, request.headers.authorization]);
    if (request.url === '/start') response.writeHead(302, { location: '/second' });
    if (request.url === '/second') response.writeHead(302, { location: away });
    response.end();
  });
  const away = await redirectTo(`${home}/back`, 302);
  await run({ url: `${home}/start`, auth: { type: 'bearer', token: 't' } });
  expect(seen).toEqual([
    ['/start', 'Bearer t'],
    ['/second', 'Bearer t'],
    ['/back', undefined],
  ]);
});

test('a user name and a password in a Location are not sent', async () => {
  const { origin, received } = await serveRecorder();
  const result = await run({ url: await redirectTo(origin.replace('//', '//ann:pass@'), 302) });
  expect(received[0]?.headers).not.toHaveProperty('authorization');
  expect(result.url).toBe(`${origin}/`);
});

test('a failure names the address that answered, and the one that was asked', async () => {
  const end = await serve((_, response) => response.writeHead(404).end());
  const start = await redirectTo(`${end}/end?key=s3cret`, 302);
  const failure = await failureOf({ url: `${start}/start` });
  expect(failure).toMatchObject({ code: 'not_found', details: { url: `${end}/end?key=***` } });
  expect(failure.message).toBe(`GET ${start}/start was redirected to ${end}/end?key=***, which was answered with 404 Not Found.`);
});

test.each(['http://localhost:1/x', 'http://[::1]/', 'http://169.254.169.254/latest/meta-data', 'http://10.0.0.1/'])(
  'a redirect to %s is blocked',
  async (location) => {
    const failure = await failureOf({ url: await redirectTo(location, 302) });
    expect(failure).toMatchObject({ code: 'blocked_target', retryable: false });
  },
);

test.each(['file:///etc/passwd', 'ftp://example.com/x', 'http://['])('a redirect to %s is blocked', async (location) => {
  expect(await failureOf({ url: await redirectTo(location, 302) })).toMatchObject({ code: 'blocked_target' });
});

test('five redirects are followed, six are not', async () => {
  const origin = await serve((request, response) => {
    const left = Number(request.url?.slice(1));
    if (left > 0) response.writeHead(302, { location: `/${left - 1}` });
    response.end();
  });
  expect(await run({ url: `${origin}/5` })).toMatchObject({ status_code: 200, url: `${origin}/0` });
  expect(await failureOf({ url: `${origin}/6` })).toMatchObject({ code: 'step_failed', retryable: false });
});

test('follow_redirects: false returns the redirect', async () => {
  const result = await run({ url: await redirectTo('https://example.com/', 302), follow_redirects: false });
  expect(result).toMatchObject({ ok: true, status_code: 302, headers: { location: 'https://example.com/' }, body: 'moved' });
});

test.each([300, 304])('%i leads nowhere and is the answer', async (status) => {
  expect(await run({ url: await redirectTo('/elsewhere', status) })).toMatchObject({ status_code: status });
});
