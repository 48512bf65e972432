import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Closed, defineProvider, type Json, type ProviderContext, ThreadlineError, Type } from 'threadline/provider';
import { type ProviderTest, testProvider } from 'threadline/testing';

const config = { token: 'a-token-that-is-secret' };
let server: Server;
let url = '';
let isOver = false;

beforeAll(async () => {
  server = createServer((_, response) => response.end('{"id":7}')).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(() => {
  isOver = true;
  server.close();
});

type Context = ProviderContext<{ token?: string | undefined }>;

/** How the contract is kept by a provider with this `run`: the lines of what is not kept. */
async function brokenBy(run: (context: Context) => Promise<unknown>, more: ProviderTest = {}): Promise<string[]> {
  const provider = defineProvider({
    description: 'A provider of a test.',
    errors: { post_failed: 'The server did not take it.' },
    config: Closed({ token: Type.Optional(Type.String()) }),
    params: Closed({}),
    run: (_, context) => run(context) as Promise<Json>,
  });
  const error = await testProvider(provider, { config, ...more }).then(
    () => undefined,
    (reason: Error) => reason,
  );
  if (!error) return [];
  expect(error).toMatchObject({ message: expect.stringContaining('does not keep its contract:\n- ') });
  return error.message.split('\n').slice(1);
}

const post = async ({ fetch, idempotencyKey }: Context) => {
  const answer = await fetch(url, { method: 'POST', headers: { 'idempotency-key': idempotencyKey }, body: '{}' });
  return { id: ((await answer.json()) as { id: number }).id };
};

test('a provider that keeps its contract passes, with its results', async () => {
  const provider = defineProvider({
    description: 'Posts.',
    config: Closed({}),
    params: Closed({}),
    run: (_, context) => post(context),
  });
  expect(await testProvider(provider)).toEqual({ id: 7 });
});

test('a provider whose results are not what it declares is found out', async () => {
  const provider = defineProvider({
    description: 'Posts.',
    config: Closed({}),
    params: Closed({}),
    results: () => Closed({ id: Type.String() }),
    run: (_, context) => post(context),
  });
  await expect(testProvider(provider)).rejects.toMatchObject({
    message: expect.stringContaining('The results are not what `results` declares: id must be text, not a number.'),
  });
});

describe('a provider is found out', () => {
  test.each<[string, (context: Context) => Promise<unknown>, RegExp]>([
    ['whose call fails', async () => Promise.reject(new Error('no')), /did not succeed: Error: no/],
    ['with a date in its results', async () => ({ at: [new Date(0)] }), /not plain JSON: results\.at\[0\] is a Date/],
    ['with nothing as its result', async () => undefined, /not plain JSON: results is undefined/],
    ['with a key that has no value', async () => ({ a: { b: undefined } }), /results\.a\.b is undefined/],
    ['with a number that JSON cannot hold', async () => [Number.NaN], /results\[0\] is NaN/],
    ['with a map', async () => ({ m: new Map() }), /results\.m is a Map/],
    ['with a circle', async () => circle(), /leads back to itself/],
    ['with a secret in its results', async ({ config: { token } }) => ({ sent: `Bearer ${token}` }), /results show a secret/],
    [
      'with a secret in an event',
      async ({ emit, config: { token } }) => {
        emit({ type: 'log', level: 'info', message: `token ${token}` });
        return 1;
      },
      /An event shows a secret/,
    ],
    ['that sends no key', async ({ fetch }) => (await fetch(url, { method: 'POST' })).status, /POST .* does not carry/],
    [
      'that makes a new key for each try',
      async ({ fetch }) => (await fetch(url, { method: 'POST', headers: { 'idempotency-key': crypto.randomUUID() } })).status,
      /POST .* does not carry/,
    ],
    [
      'that succeeds although it was aborted',
      (context) => post(context).catch(() => ({ id: null })),
      /succeeds although `signal` aborted/,
    ],
    ['that hides a broken connection', (context) => post(context).catch(() => null), /succeeds although the connection broke/],
    [
      'that reports a failure as anything',
      (context) => post(context).catch(() => Promise.reject(new TypeError('no'))),
      /reported as TypeError: no, which is not a ThreadlineError/,
    ],
    [
      'whose failure has a code that it does not declare',
      (context) => post(context).catch(() => Promise.reject(new ThreadlineError('post_broken', 'It failed.'))),
      /A broken connection has the code `post_broken`, which `errors` does not declare/,
    ],
    [
      'with a secret in a failure',
      (context) =>
        post(context).catch(() => Promise.reject(new ThreadlineError('post_failed', `Not for ${context.config.token}.`))),
      /A broken connection shows a secret/,
    ],
    [
      'that listens to the signal after its end',
      async ({ signal }) => {
        signal.addEventListener('abort', () => undefined);
        return 1;
      },
      /still listens to `signal`/,
    ],
    [
      'that sends a request without a key again when its connection breaks',
      async ({ fetch }) => {
        const send = async () => (await fetch(url, { method: 'POST', body: '{}' })).status;
        return send().catch(send);
      },
      /POST .* is sent again although it may have been done/,
    ],
    [
      'that tries again by itself without end',
      async (context) => {
        while (!isOver) {
          const answer = await post(context).catch(() => undefined);
          if (answer) return answer;
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
        return null;
      },
      /goes on 2 seconds after `signal` aborted|does not end when the connection breaks/,
    ],
  ])('%s', async (_, run, line) => {
    expect(await brokenBy(run)).toEqual(expect.arrayContaining([expect.stringMatching(line)]));
  });

  test('that does not end when an endless call is aborted', async () => {
    let calls = 0;
    const run = () => (++calls === 1 ? Promise.resolve(1) : new Promise(() => undefined));
    expect(await brokenBy(run, { endless: {} })).toEqual([expect.stringMatching(/goes on 2 seconds/)]);
  });

  test('by a test whose endless call ends: it aborted nothing', async () => {
    expect(await brokenBy(async () => 1, { endless: {} })).toEqual([expect.stringMatching(/ended by itself/)]);
  });

  test('by a test whose parameters do not fit', async () => {
    const lines = await brokenBy(async () => 1, { params: { colour: 1 }, config: { token: 7 } });
    expect(lines).toEqual([expect.stringMatching(/params\.colour/), expect.stringMatching(/config\.token/)]);
  });
});

describe('calls that fail', () => {
  const refusing = (error: () => Error) =>
    defineProvider({
      description: 'Refuses what is too long.',
      errors: { too_long: 'It is too long.' },
      config: Closed({}),
      params: Closed({ text: Type.String() }),
      run: async ({ text }) => (text.length > 3 ? Promise.reject(error()) : text),
    });
  const calls = { params: { text: 'abc' }, failures: [{ params: { text: 'abcd' }, code: 'too_long' }] };

  test('with the code that the test names are kept', async () => {
    expect(
      await testProvider(
        refusing(() => new ThreadlineError('too_long', 'Too long.')),
        calls,
      ),
    ).toBe('abc');
  });

  test.each<[string, Error, RegExp]>([
    ['with another code', new ThreadlineError('bad_request', 'No.'), /fails with `bad_request`: No\./],
    ['with any error', new TypeError('no'), /The failure `too_long` is reported as TypeError: no/],
    [
      'that do not say whether to try again',
      new ThreadlineError('too_long', 'No.', { retryable: 'perhaps' as never }),
      /neither true nor false in `retryable`/,
    ],
  ])('%s are not', async (_, error, line) => {
    await expect(
      testProvider(
        refusing(() => error),
        calls,
      ),
    ).rejects.toThrow(line);
  });

  test('that succeed are not', async () => {
    const failures = [{ params: { text: 'ab' }, code: 'too_long' }];
    const ending = testProvider(
      refusing(() => new Error()),
      { ...calls, failures },
    );
    await expect(ending).rejects.toThrow(/The call that fails with `too_long` succeeds, with "ab"/);
  });
});

test.each<[string, (context: Context) => Promise<Response>]>([
  ['a question', ({ fetch }) => fetch(url)],
  ['a request with the key', ({ fetch, idempotencyKey }) => fetch(url, { method: 'POST', body: `{"id":"${idempotencyKey}"}` })],
])('%s may be sent again when its connection breaks', async (_, send) => {
  expect(await brokenBy(async (context) => (await send(context).catch(() => send(context))).status)).toEqual([]);
});

test('a server that takes no key is said to be one', async () => {
  const run = async ({ fetch }: Context) => (await fetch(url, { method: 'POST' })).status;
  expect(await brokenBy(run, { sendsKey: false })).toEqual([]);
});

test('requests that go another way are held to the key as well', async () => {
  const requests: { method: string; url: string; headers: Record<string, string>; body: string }[] = [];
  const run = async () => {
    requests.push({ method: 'POST', url, headers: {}, body: '' });
    return 1;
  };
  expect(await brokenBy(run, { requests: () => requests })).toEqual([expect.stringMatching(/does not carry/)]);
});

test('a ThreadlineError passes as it is', async () => {
  const run = (context: Context) =>
    post(context).catch((error) => Promise.reject(new ThreadlineError('post_failed', 'It failed.', { cause: error })));
  expect(await brokenBy(run)).toEqual([]);
});

function circle(): unknown[] {
  const list: unknown[] = [];
  list.push(list);
  return list;
}
