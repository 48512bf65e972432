import { readdirSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Json, JsonObject, Provider } from 'threadline/provider';
import { type ProviderTest, type SentRequest, testProvider } from 'threadline/testing';
import { type CheckedEmulator, startCheckedEmulator } from '../support/checked-emulator.ts';

let server: Server;
let emulator: CheckedEmulator;
const SECRET = 'sk-test-0123456789-secret';

beforeAll(async () => {
  server = createServer((_, response) => response.end('{"id":7}')).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  emulator = await startCheckedEmulator({
    rules: [{ when: { prompt: 'slow' }, text: 'late', latency_ms: 600_000 }, { text: 'Restart it.' }],
  });
});
afterAll(async () => {
  server.close();
  await emulator.close();
});

const serverUrl = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
const ask = (prompt: string): JsonObject => ({ model: 'gpt-6-luna', prompt });

/** What the emulator got that makes something. */
const requests = (): SentRequest[] =>
  emulator.requests.map(({ method, path, headers, body }) => ({
    method,
    url: path,
    headers: headers as Record<string, string>,
    body: JSON.stringify(body),
  }));

const toEmulator = (more: ProviderTest): ProviderTest => ({
  params: ask('What now?'),
  endless: { params: ask('slow') },
  requests,
  config: { api_key: SECRET, base_url: emulator.url, server: 'openai', max_retries: 0 },
  ...more,
});

const signature = { id: 'child', inputs: [], outputs: ['x'] };

/** A call of each, and what is around it. */
const CALLS: Record<string, () => ProviderTest> = {
  approval: () => ({
    params: { message: 'Restart?', timeout: '10ms', on_timeout: 'approve' },
    endless: { params: { message: 'Restart?', timeout: '1h' } },
    failures: [{ params: { message: 'Restart?', timeout: '10ms' }, code: 'timeout' }],
  }),
  console: () => ({ params: { message: { text: 'Restarted.' }, severity: 'high' } }),
  http: () => ({
    params: { url: serverUrl(), method: 'POST', body: { a: 1 } },
    config: { base_url: serverUrl(), auth: { type: 'bearer', token: SECRET } },
    failures: [{ params: { url: 'http://10.0.0.1/' }, code: 'blocked_target' }],
  }),
  keep: () => ({
    params: { version: 2, filter: "severity == 'critical'" },
  }),
  mock: () => ({
    params: { output: [1, { a: null }] },
    endless: { params: { delay: '1h' } },
    failures: [{ params: { error: { message: 'No.', code: 'rate_limit' } }, code: 'rate_limit' }],
  }),
  // Over /responses, which takes no key: what may have been sent is found again by its id.
  openaiassistant: () => toEmulator({ sendsKey: false }),
  wait: () => ({ params: { for: '10ms' }, endless: { params: { for: '1h' } } }),
  workflow: () => ({
    params: { file: 'child.yml' },
    workflows: { 'child.yml': { signature, run: () => ({ x: 1 }) } },
  }),
};

const providerCalled = async (name: string) => (await import(`../../providers/${name}/index.ts`)).default as Provider;

test.each(readdirSync('providers'))(
  'P8: %s keeps the contract of a provider, against a context that is a double and a server of the test',
  async (name) => {
    const call = CALLS[name];
    expect([name, call !== undefined]).toEqual([name, true]);
    const results: Json = await testProvider(await providerCalled(name), call?.() ?? {});
    expect(results).not.toBeUndefined();
  },
);

test('openaiassistant carries its key to a server that is asked over /chat/completions', async () => {
  const { config } = toEmulator({});
  const results = await testProvider(
    await providerCalled('openaiassistant'),
    toEmulator({ config: { ...config, wire: 'chat' } }),
  );
  expect(results).toMatchObject({ text: 'Restart it.' });
  expect(requests().some(({ url }) => url.endsWith('/chat/completions'))).toBe(true);
});
