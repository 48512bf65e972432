import { describe, expect, test } from '@jest/globals';
import { fromApiError } from './api-error.ts';
import { transportsOn } from './open-transport.ts';
import { type Answer, answering, broken, clientOf, failing, fine, settled, TestClock } from './test-transport.ts';

/** Asks without repeating, and tells how it ended. */
async function asking(...answers: Answer[]) {
  const server = await answering(...answers);
  const clock = new TestClock();
  const { ask } = clientOf(server.baseURL, clock, { maxRetries: 0 });
  const host = new URL(server.baseURL).host;
  const tried = async (input?: string, signal?: AbortSignal) => {
    const thrown = await ask(input, signal).then(
      () => undefined,
      (error: unknown) => error,
    );
    return thrown === undefined ? undefined : fromApiError(thrown, { server: host }, null);
  };
  const fail = async (times: number) => {
    for (let index = 0; index < times; index++) await tried();
  };
  return { ...server, clock, host, tried, fail };
}

const times = (count: number, answer: Answer) => Array.from({ length: count }, () => answer);

test('after eight failures in a row nobody asks for 30 seconds', async () => {
  const { asked, clock, host, tried, fail } = await asking(failing(500));
  await fail(8);
  clock.advance(10_000);
  expect(await tried()).toMatchObject({
    code: 'server_error',
    retryable: true,
    message: `${host} failed 8 times in a row (the API answered 500); it is asked again in 20 s.`,
    details: { server: host, failures: 8, retry_after_ms: 20_000 },
  });
  expect(asked).toHaveLength(8);
});

test('R10: then one request tries; while it does, others are refused; its success closes the circuit', async () => {
  const trial = Promise.withResolvers<Parameters<Answer>>();
  const { asked, clock, tried, fail } = await asking(...times(8, failing(503)), (...given) => trial.resolve(given), fine);
  await fail(8);
  clock.advance(30_000);
  const first = tried();
  const [response, one] = await trial.promise;
  expect((await tried())?.message).toMatch(/it is asked again once the request that tries it is through\.$/);
  fine(response, one);
  expect(await first).toBeUndefined();
  expect(await tried()).toBeUndefined();
  expect(asked).toHaveLength(10);
});

test('the failure of the one that tries opens it for another 30 seconds', async () => {
  const { asked, clock, tried, fail } = await asking(...times(9, failing(500)), fine);
  await fail(8);
  clock.advance(30_000);
  expect(await tried()).toMatchObject({ details: { status: 500 } });
  clock.advance(29_999);
  expect(await tried()).toMatchObject({ details: { failures: 9, retry_after_ms: 1 } });
  clock.advance(1);
  expect(await tried()).toBeUndefined();
  expect(asked).toHaveLength(10);
});

test('a trial that is aborted says nothing: the next request tries', async () => {
  const trial = Promise.withResolvers<void>();
  const { clock, tried, fail } = await asking(...times(8, failing(500)), () => trial.resolve(), fine);
  await fail(8);
  clock.advance(30_000);
  const controller = new AbortController();
  const first = tried('Hi', controller.signal);
  await trial.promise;
  controller.abort();
  await first;
  expect(await tried()).toBeUndefined();
});

test('requests that were on their way when it opened do not keep it open', async () => {
  const late = Promise.withResolvers<Parameters<Answer>>();
  const { clock, tried, fail } = await asking((...given) => late.resolve(given), ...times(8, failing(500)), fine);
  const first = tried();
  const [response, one] = await late.promise;
  await fail(8);
  clock.advance(20_000);
  failing(500)(response, one);
  expect(await first).toMatchObject({ details: { status: 500 } });
  clock.advance(10_000);
  expect(await tried()).toBeUndefined();
});

describe('what opens it', () => {
  test('broken connections do', async () => {
    const { asked, tried, fail } = await asking(broken);
    await fail(8);
    expect(await tried()).toMatchObject({ message: expect.stringContaining('the connection failed') });
    expect(asked).toHaveLength(8);
  });

  test.each([400, 401, 404, 422, 429])('%s does not', async (status) => {
    const { asked, tried, fail } = await asking(failing(status));
    await fail(20);
    expect(await tried()).toMatchObject({ details: { status } });
    expect(asked).toHaveLength(21);
  });

  test.each([fine, failing(404)])('failures with an answer between them do not', async (between) => {
    const { tried, fail } = await asking(...times(7, failing(500)), between, ...times(7, failing(500)), fine);
    await fail(15);
    expect(await tried()).toBeUndefined();
  });

  test('failures over more than a minute do not', async () => {
    const { asked, clock, fail } = await asking(failing(500));
    for (let index = 0; index < 10; index++) {
      await fail(1);
      clock.advance(9000);
    }
    expect(asked).toHaveLength(10);
  });

  test('requests that are aborted do not', async () => {
    const { asked, tried } = await asking(() => {});
    for (let index = 1; index <= 9; index++) {
      const controller = new AbortController();
      const running = tried('Hi', controller.signal);
      while (asked.length < index) await settled();
      controller.abort();
      await running;
    }
    expect(asked).toHaveLength(9);
  });
});

test('it holds for whatever the server is asked, with whatever key, and for no other server', async () => {
  const [failingServer, other] = [await answering(failing(500)), await answering(fine)];
  const openTransport = transportsOn(new TestClock());
  const get = (baseURL: string, apiKey: string) => {
    const options = { server: new URL(baseURL).host, apiKey, maxRetries: 0, onRetry: () => {}, onWait: () => {} };
    return openTransport(options)(baseURL);
  };
  for (let index = 0; index < 8; index++) await get(failingServer.baseURL, 'one');
  await expect(get(failingServer.baseURL, 'two')).rejects.toMatchObject({ code: 'server_error' });
  expect((await get(other.baseURL, 'one')).status).toBe(200);
  expect([failingServer.asked.length, other.asked.length]).toEqual([8, 1]);
});
