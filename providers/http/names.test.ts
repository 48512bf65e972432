import type { LookupAddress } from 'node:dns';
import { beforeEach, expect, jest, test } from '@jest/globals';

/** What the name server says, one answer after the other; the last one is repeated. */
let answers: LookupAddress[][] = [];
let questions = 0;

/** A double for the name server: the open internet does not answer tests. */
jest.unstable_mockModule('node:dns', () => ({
  lookup: (_name: string, _options: object, callback: (error: Error | null, addresses: LookupAddress[]) => void) => {
    const answer = answers[Math.min(questions++, answers.length - 1)] ?? [];
    process.nextTick(() => callback(null, answer));
  },
}));

const { publicLookup } = await import('../../src/fetch/guard.ts');
const { failureOf, serve } = await import('./test-server.ts');

const PUBLIC = { address: '93.184.215.14', family: 4 };
const LOOPBACK = { address: '127.0.0.1', family: 4 };

beforeEach(() => {
  questions = 0;
});

/** What a socket would connect to. */
const resolve = (all: boolean) =>
  new Promise((done, fail) =>
    publicLookup('some.example', { all }, (error, address, family) => (error ? fail(error) : done([address, family]))),
  );

test('one private address among public ones blocks the name', async () => {
  answers = [[PUBLIC, { address: 'fd00::1', family: 6 }]];
  const failure = await failureOf({ url: 'http://some.example/' }, { allowHosts: [] });
  expect(failure).toMatchObject({ code: 'blocked_target', details: { host: 'some.example' } });
  expect(failure.message).toContain('some.example leads to fd00::1, a private address');
});

test('the socket gets the address that was looked at, whatever the name server says next', async () => {
  answers = [[PUBLIC], [LOOPBACK]];
  expect(await resolve(true)).toEqual([[PUBLIC], undefined]);
  expect(questions).toBe(1);
  await expect(resolve(true)).rejects.toMatchObject({ code: 'blocked_target' });
});

test('a socket that wants one address gets one', async () => {
  answers = [[PUBLIC]];
  expect(await resolve(false)).toEqual([PUBLIC.address, PUBLIC.family]);
});

test('a name with a private address alone reaches no server', async () => {
  let requests = 0;
  const { port } = new URL(await serve(() => requests++));
  answers = [[LOOPBACK]];
  expect(await failureOf({ url: `http://rebound.example:${port}/` }, { allowHosts: [] })).toMatchObject({
    code: 'blocked_target',
  });
  expect({ questions, requests }).toEqual({ questions: 1, requests: 0 });
});
