import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import type { Rule } from '../../../src/emulator/index.ts';
import { RunThreads } from '../../../src/run/run-threads.ts';
import { counting, failureOf, KEY, runAssistant, serve, withAssistant } from '../testing/test-assistant.ts';

type HttpError = NonNullable<Rule['error']>;

describe.each([true, false])('with stream: %s', (stream) => {
  test.each<[string, HttpError, object, object]>([
    [
      '400',
      { status: 400, code: 'unsupported_value', message: 'No.' },
      { code: 'bad_request', retryable: false, message: 'The API answered 400: No.' },
      { api_code: 'unsupported_value' },
    ],
    [
      '400 of a thread that is too long',
      { status: 400, code: 'context_length_exceeded' },
      { code: 'bad_request', hint: expect.stringContaining('longer than the model can read') },
      {},
    ],
    [
      '400 of a thread that is in use',
      { status: 400, code: 'conversation_locked' },
      { code: 'thread_busy', retryable: true },
      {},
    ],
    [
      '401',
      { status: 401, code: 'invalid_api_key' },
      { code: 'authentication_failed', retryable: false, hint: expect.stringContaining('OPENAI_API_KEY') },
      {},
    ],
    [
      '401 that repeats the key',
      { status: 401, message: `Incorrect API key provided: ${KEY}.` },
      { code: 'authentication_failed', message: 'The API answered 401: Incorrect API key provided: ***.' },
      {},
    ],
    ['403', { status: 403 }, { code: 'authentication_failed', retryable: false }, {}],
    [
      '404 of a model',
      { status: 404, code: 'model_not_found' },
      { code: 'not_found', retryable: false, hint: 'Check `model`, `wire` and `base_url`.' },
      {},
    ],
    ['408', { status: 408 }, { code: 'server_error', retryable: true }, {}],
    ['409', { status: 409 }, { code: 'server_error', retryable: true }, {}],
    ['422', { status: 422 }, { code: 'bad_request', retryable: false }, {}],
    [
      '429 of the rate',
      { status: 429, code: 'rate_limit_exceeded', headers: { 'retry-after': '7' } },
      { code: 'rate_limit', retryable: true },
      { retry_after_ms: 7000 },
    ],
    [
      '429 in milliseconds',
      { status: 429, headers: { 'retry-after': '7', 'retry-after-ms': '1500' } },
      { code: 'rate_limit' },
      { retry_after_ms: 1500 },
    ],
    ['429 of the quota', { status: 429, code: 'insufficient_quota' }, { code: 'quota_exceeded', retryable: false }, {}],
    [
      '429 of the quota, by its type',
      { status: 429, type: 'insufficient_quota' },
      { code: 'quota_exceeded', retryable: false },
      {},
    ],
    [
      '429 of a spend limit',
      { status: 429, code: 'project_spend_limit_exceeded' },
      { code: 'quota_exceeded', retryable: false },
      {},
    ],
    ['500', { status: 500 }, { code: 'server_error', retryable: true }, {}],
    [
      '503',
      { status: 503, code: 'server_is_overloaded' },
      { code: 'server_error', retryable: true },
      { api_code: 'server_is_overloaded' },
    ],
  ])('T18 H9: %s', (_, error, expected, details) =>
    withAssistant([{ error }], async ({ failure, asked }) => {
      const failed = await failure({ prompt: 'Why?', stream });
      expect(failed).toMatchObject(expected);
      expect(failed.details).toMatchObject({
        status: error.status,
        thread_id: expect.stringMatching(/^conv_/),
        request_id: expect.stringMatching(/^req_/),
        ...details,
      });
      expect(asked()).toHaveLength(1);
    }),
  );

  test('T18: a thread that does not exist', () =>
    withAssistant([], async ({ failure }) => {
      const error = await failure({ prompt: 'Why?', thread_id: 'conv_gone', stream });
      expect(error).toMatchObject({
        code: 'thread_not_found',
        retryable: false,
        details: { thread_id: 'conv_gone', status: 404 },
      });
      expect(error.hint).toMatch(/Leave `thread_id` out/);
    }));

  test('a thread that another machine is writing to', () =>
    withAssistant(
      [{ when: { prompt: 'slow' }, text: 'Slow.', latency_ms: 300, times: 1 }, { text: 'First.' }],
      async ({ ask, failure }) => {
        const { thread_id: id } = await ask({ prompt: 'One' });
        const slow = ask({ prompt: 'slow', thread_id: String(id), stream });
        await new Promise((resolve) => setTimeout(resolve, 100));
        const threads = new RunThreads({ threads: ':memory:', locks: ':memory:' });
        expect(await failure({ prompt: 'Two', thread_id: String(id), stream }, { threads })).toMatchObject({
          code: 'thread_busy',
          retryable: true,
        });
        await slow;
      },
    ));

  test('a connection that is refused was never used: trying again is safe', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    server.close();
    expect(await failed(`http://127.0.0.1:${port}/v1`)).toMatchObject({
      code: 'connection_failed',
      message: expect.stringMatching(/^The connection to 127\.0\.0\.1:\d+ failed: ECONNREFUSED\.$/),
      retryable: true,
      hint: 'Check `base_url` and the network.',
    });
  });

  test('a host that does not exist', async () => {
    const error = await failed('http://nowhere.invalid/v1');
    expect(error).toMatchObject({ code: 'connection_failed', retryable: true });
    expect(error.message).toMatch(/ENOTFOUND|EAI_AGAIN/);
  });

  test('a certificate that nobody vouches for does not mend by itself', async () => {
    const base_url = (await serve((_, response) => response.end())).replace('http:', 'https:');
    expect(await failed(base_url)).toMatchObject({ code: 'connection_failed', retryable: false });
  });

  test('a connection that breaks before the headers may have been paid for: not repeated', async () => {
    const { base_url, count } = await counting((response) => response.destroy());
    const error = await failed(base_url);
    expect(error).toMatchObject({ code: 'connection_failed', retryable: false, details: { thread_id: 'conv_1', run_id: null } });
    expect(error.hint).toMatch(/on: \[connection_failed\]/);
    expect(count()).toBe(1);
  });

  test.each([
    ['a page', 'text/html', '<!doctype html><h1>Welcome</h1>'],
    ['an error page that calls itself JSON', 'application/json', '<h1>'],
    ['other JSON', 'application/json', '{"error":"Unexpected endpoint or method. (POST /v1/responses)"}'],
    ['nothing', 'application/json', ''],
  ])('200 with %s is no empty answer', async (_, type, body) => {
    const { base_url, count } = await counting((response) => response.setHeader('content-type', type).end(body));
    const error = await failed(base_url);
    expect(error).toMatchObject({ code: 'server_error', retryable: false, hint: expect.stringContaining('`base_url`') });
    expect(count()).toBe(1);
  });

  const failed = (base_url: string) =>
    failureOf(runAssistant({ prompt: 'Why?', thread_id: 'conv_1', stream }, { config: { api_key: KEY, base_url } }));
});

test('an answer that breaks off in its body', async () => {
  const { base_url, count } = await counting((response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1000 });
    response.write('{"id":', () => response.destroy());
  });
  const running = runAssistant({ prompt: 'Why?', thread_id: 'conv_1', stream: false }, { config: { base_url } });
  expect(await failureOf(running)).toMatchObject({ code: 'connection_failed', retryable: false });
  expect(count()).toBe(1);
});
