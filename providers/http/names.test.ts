import { expect, test } from '@jest/globals';
import { LOOPBACK, nameServer, PUBLIC } from '../../test/support/name-server.ts';

const { publicLookup } = await import('../../src/fetch/guard.ts');
const { failureOf, serve } = await import('./test-server.ts');

/** What a socket would connect to. */
const resolve = (all: boolean) =>
  new Promise((done, fail) =>
    publicLookup('some.example', { all }, (error, address, family) => (error ? fail(error) : done([address, family]))),
  );

test('one private address among public ones blocks the name', async () => {
  nameServer.answers([PUBLIC, { address: 'fd00::1', family: 6 }]);
  const failure = await failureOf({ url: 'http://some.example/' }, { allowHosts: [] });
  expect(failure).toMatchObject({ code: 'blocked_target', details: { host: 'some.example' } });
  expect(failure.message).toContain('some.example leads to fd00::1, a private address');
});

test('the socket gets the address that was looked at, whatever the name server says next', async () => {
  nameServer.answers([PUBLIC], [LOOPBACK]);
  expect(await resolve(true)).toEqual([[PUBLIC], undefined]);
  expect(nameServer.asked()).toBe(1);
  await expect(resolve(true)).rejects.toMatchObject({ code: 'blocked_target' });
});

test('a socket that wants one address gets one', async () => {
  nameServer.answers([PUBLIC]);
  expect(await resolve(false)).toEqual([PUBLIC.address, PUBLIC.family]);
});

test('a name with a private address alone reaches no server', async () => {
  let requests = 0;
  const { port } = new URL(await serve(() => requests++));
  nameServer.answers([LOOPBACK]);
  expect(await failureOf({ url: `http://rebound.example:${port}/` }, { allowHosts: [] })).toMatchObject({
    code: 'blocked_target',
  });
  expect({ questions: nameServer.asked(), requests }).toEqual({ questions: 1, requests: 0 });
});

test('a redirect to a name with a private address reaches no server', async () => {
  let requests = 0;
  const { port } = new URL(await serve(() => requests++));
  const start = await serve((_, response) => response.writeHead(307, { location: `http://rebound.example:${port}/` }).end());
  nameServer.answers([LOOPBACK]);
  expect(await failureOf({ url: start })).toMatchObject({ code: 'blocked_target', details: { host: 'rebound.example' } });
  expect(requests).toBe(0);
});
