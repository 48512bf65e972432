// @ts-check
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { afterEach, beforeEach, test } from 'node:test';
import { testContext, testProvider } from 'threadline/testing';
import provider from './index.js';

/** A server of this test's own, which counts tickets by their key. @type {import('node:http').Server} */
let server;
/** @type {{ base_url: string, token: string }} */
let config;
let status = 201;
/** @type {Set<string | string[] | undefined>} */
const keys = new Set();

beforeEach(async () => {
  server = createServer((request, response) => {
    keys.add(request.headers['idempotency-key']);
    response.writeHead(status).end(JSON.stringify({ id: keys.size }));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const address = /** @type {import('node:net').AddressInfo} */ (server.address());
  config = { base_url: `http://127.0.0.1:${address.port}/`, token: 'a-token-of-a-test' };
});

afterEach(() => {
  server.close();
  keys.clear();
  status = 201;
});

test('opens a ticket, and keeps the contract of a provider', async () => {
  assert.deepEqual(await testProvider(provider, { params: { title: 'The disk is full' }, config }), { id: '1' });
});

test('a server that is down may be asked again, one that refuses may not', async () => {
  for (const [answer, retryable] of /** @type {const} */ ([
    [503, true],
    [422, false],
  ])) {
    status = answer;
    await assert.rejects(provider.run({ title: 'x' }, testContext(config)), { code: 'ticket_refused', retryable });
  }
});
