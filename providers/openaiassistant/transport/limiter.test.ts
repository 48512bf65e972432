import { getEventListeners } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { type Leave, Limiter, type WaitNote } from './limiter.ts';
import { settled, TestClock } from './test-transport.ts';

const headers = (given: Record<string, string>) =>
  new Headers(Object.entries(given).map(([name, value]) => [`x-ratelimit-${name}`, value]));
const requestsLeft = (remaining: number, reset = '6s', limit = 2) =>
  headers({ 'limit-requests': `${limit}`, 'remaining-requests': `${remaining}`, 'reset-requests': reset });

/** A limiter, and a way to enter it that keeps account of who was let in. */
function limiting() {
  const clock = new TestClock();
  const limiter = new Limiter(clock);
  const admitted: string[] = [];
  const waits: WaitNote[] = [];
  const leaves = new Map<string, Leave>();
  const enter = async (name: string, { tokens = 0, signal = null }: { tokens?: number; signal?: AbortSignal | null } = {}) => {
    const leave = await limiter.enter({ tokens, signal, onWait: (note) => waits.push(note) });
    admitted.push(name);
    leaves.set(name, leave);
    return leave;
  };
  /** Enters and leaves with an answer that has these headers. */
  const learn = async (told: Headers) => (await enter('first'))(told);
  const seen = async () => {
    await settled();
    return admitted.splice(0).filter((name) => name !== 'first');
  };
  const leave = (name: string, told?: Headers) => leaves.get(name)?.(told);
  return { clock, limiter, enter, learn, seen, leave, waits };
}

test('a server that says nothing holds nobody back', async () => {
  const { enter, seen, clock } = limiting();
  for (let index = 0; index < 100; index++) (await enter(`${index}`, { tokens: 1_000_000 }))(new Headers());
  expect(await seen()).toHaveLength(100);
  expect(clock.slept).toEqual([]);
});

test.each<[string, Headers]>([
  ['-1 requests left', requestsLeft(-1)],
  ['-1 of -1 requests left', requestsLeft(-1, '1m', -1)],
  ['0 of 0 requests left', requestsLeft(0, '1m', 0)],
  ['-1 tokens left', headers({ 'remaining-tokens': '-1', 'limit-tokens': '-1', 'reset-tokens': '60' })],
])('%s is no limit', async (_, told) => {
  const { enter, learn, seen, waits } = limiting();
  await learn(told);
  for (const name of ['a', 'b', 'c']) enter(name, { tokens: 1000 });
  expect(await seen()).toEqual(['a', 'b', 'c']);
  expect(waits).toEqual([]);
});

describe('when no requests are left', () => {
  test('the next ones wait for the reset, and go in the order of asking, as many as the limit allows', async () => {
    const { enter, learn, seen, clock, waits } = limiting();
    await learn(requestsLeft(0));
    for (const name of ['a', 'b', 'c', 'd', 'e']) enter(name);
    clock.advance(5999);
    expect(await seen()).toEqual([]);
    clock.advance(1);
    expect(await seen()).toEqual(['a', 'b']);
    clock.advance(6000);
    expect(await seen()).toEqual(['c', 'd']);
    expect(waits[0]).toEqual({ reason: 'no requests are left of the rate limit', delayMs: 6000 });
    expect(waits).toHaveLength(5);
  });

  test('an answer that says that more is left lets them go earlier', async () => {
    const { enter, learn, seen, leave } = limiting();
    await learn(requestsLeft(1));
    for (const name of ['a', 'b', 'c']) enter(name);
    expect(await seen()).toEqual(['a']);
    leave('a', requestsLeft(1));
    expect(await seen()).toEqual(['b']);
  });

  test('what is on its way counts, before its answer is there', async () => {
    const { enter, learn, seen, leave } = limiting();
    await learn(requestsLeft(3));
    for (const name of ['a', 'b', 'c', 'd']) enter(name);
    expect(await seen()).toEqual(['a', 'b', 'c']);
    leave('a', requestsLeft(2));
    expect(await seen()).toEqual([]);
  });

  test('who left without an answer, or with one that says nothing, is counted too', async () => {
    const { enter, learn, seen, leave } = limiting();
    await learn(requestsLeft(2));
    for (const name of ['a', 'b', 'c']) enter(name);
    expect(await seen()).toEqual(['a', 'b']);
    leave('a');
    leave('b', new Headers());
    expect(await seen()).toEqual([]);
  });

  test('a limit that is not told is none after the reset', async () => {
    const { enter, learn, seen, clock } = limiting();
    await learn(headers({ 'remaining-requests': '0', 'reset-requests': '1s' }));
    for (const name of ['a', 'b', 'c']) enter(name);
    clock.advance(1000);
    expect(await seen()).toEqual(['a', 'b', 'c']);
  });
});

test.each([
  ['30ms', 30],
  ['1s', 1000],
  ['8.64s', 8640],
  ['1m0s', 60_000],
  ['3m2s', 182_000],
  ['0h2m', 120_000],
  ['12', 12_000],
])('a reset in %s', async (reset, delayMs) => {
  const { enter, learn, waits } = limiting();
  await learn(requestsLeft(0, reset));
  enter('a');
  expect(waits).toMatchObject([{ delayMs: Math.round(delayMs) }]);
});

test.each(['', 'soon', '6m0s', '1h2m'])(
  'nobody waits for what is no reset, or more than five minutes away: %j',
  async (reset) => {
    const { enter, learn, seen, waits } = limiting();
    await learn(requestsLeft(0, reset));
    enter('a');
    expect(await seen()).toEqual(['a']);
    expect(waits).toEqual([]);
  },
);

describe('tokens', () => {
  const tokensLeft = (remaining: number) =>
    headers({ 'limit-tokens': '1000', 'remaining-tokens': `${remaining}`, 'reset-tokens': '2s' });

  test('who needs more than is left waits, and nobody overtakes', async () => {
    const { enter, learn, seen, clock, waits } = limiting();
    await learn(tokensLeft(100));
    enter('large', { tokens: 200 });
    enter('small', { tokens: 1 });
    expect(await seen()).toEqual([]);
    expect(waits[0]).toEqual({ reason: 'not enough tokens are left of the rate limit', delayMs: 2000 });
    clock.advance(2000);
    expect(await seen()).toEqual(['large', 'small']);
  });

  test('an estimate beyond the limit is wrong, and holds nobody up', async () => {
    const { enter, learn, seen } = limiting();
    await learn(tokensLeft(100));
    enter('picture', { tokens: 5000 });
    enter('small', { tokens: 100 });
    expect(await seen()).toEqual(['picture', 'small']);
  });
});

describe('a pause', () => {
  test('holds everybody', async () => {
    const { enter, limiter, seen, clock, waits } = limiting();
    limiter.pause(7000);
    limiter.pause(1000);
    for (const name of ['a', 'b']) enter(name);
    clock.advance(6999);
    expect(await seen()).toEqual([]);
    clock.advance(1);
    expect(await seen()).toEqual(['a', 'b']);
    expect(waits[0]).toEqual({ reason: 'the server asked to wait', delayMs: 7000 });
  });

  test('of more than five minutes holds nobody: the server says no itself', async () => {
    const { enter, limiter, seen } = limiting();
    limiter.pause(300_001);
    enter('a');
    expect(await seen()).toEqual(['a']);
  });
});

describe('who is aborted', () => {
  test('leaves the queue, and nothing behind', async () => {
    const { enter, learn, seen, clock } = limiting();
    await learn(requestsLeft(0));
    const controllers = ['a', 'b', 'c'].map((name) => {
      const controller = new AbortController();
      enter(name, { signal: controller.signal }).catch(() => {});
      return controller;
    });
    controllers[0]?.abort();
    clock.advance(6000);
    expect(await seen()).toEqual(['b', 'c']);
    expect(controllers.flatMap(({ signal }) => getEventListeners(signal, 'abort'))).toEqual([]);
  });

  test('is told why', async () => {
    const { enter, learn } = limiting();
    await learn(requestsLeft(0));
    const controller = new AbortController();
    const waiting = enter('a', { signal: controller.signal });
    controller.abort(new Error('Ctrl-C'));
    await expect(waiting).rejects.toThrow('Ctrl-C');
    await expect(enter('b', { signal: controller.signal })).rejects.toThrow('Ctrl-C');
  });

  test('as the last one leaves no timer', async () => {
    const { enter, learn, clock } = limiting();
    await learn(requestsLeft(0));
    const controller = new AbortController();
    const waiting = enter('a', { signal: controller.signal });
    expect(clock.asleep).toBe(1);
    controller.abort();
    await expect(waiting).rejects.toThrow();
    expect(clock.asleep).toBe(0);
  });
});
