import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { guardedFetch } from '../../src/fetch/guarded-fetch.ts';

test('a body that nobody wants to read ends its connection', async () => {
  const server = createServer((_, response) => response.writeHead(404).write('x')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const hungUp = once(server, 'connection').then(([socket]) => once(socket, 'close'));
  const fetch = guardedFetch(['127.0.0.1'], new AbortController().signal);
  const { status, body } = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  await body?.cancel();
  expect(status).toBe(404);
  await hungUp;
  server.close();
});
