import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { failureOf, run, serve } from './test-server.ts';

test('requests to the same server share a connection', async () => {
  const sockets = new Set<Socket>();
  const url = await serve((request, response) => {
    sockets.add(request.socket);
    response.end('x');
  });
  for (let count = 0; count < 3; count++) await run({ url });
  expect(sockets.size).toBe(1);
});

/** A server that hangs up when a connection is used again, as one whose keep-alive ended a moment ago. */
async function serveOncePerConnection() {
  const counts = new Map<Socket, number>();
  const url = await serve((request, response) => {
    const count = (counts.get(request.socket) ?? 0) + 1;
    counts.set(request.socket, count);
    if (count > 1) request.socket.resetAndDestroy();
    else response.end('x');
  });
  return { url, connections: () => counts.size };
}

test('an idle connection that was just closed is replaced', async () => {
  const { url, connections } = await serveOncePerConnection();
  await run({ url });
  expect((await run({ url })).body).toBe('x');
  expect(connections()).toBe(2);
});

test('a POST is not repeated by itself', async () => {
  const { url, connections } = await serveOncePerConnection();
  await run({ url });
  expect(await failureOf({ url, method: 'POST' })).toMatchObject({ code: 'connection_failed', retryable: true });
  expect(connections()).toBe(1);
});

test('an idle connection does not keep the process', async () => {
  const url = await serve((_, response) => response.end('x'));
  const provider = fileURLToPath(new URL('./index.ts', import.meta.url));
  const guarded = fileURLToPath(new URL('../../src/fetch/guarded-fetch.ts', import.meta.url));
  const script = `
    const { default: provider } = await import(${JSON.stringify(provider)});
    const { guardedFetch } = await import(${JSON.stringify(guarded)});
    const { signal } = new AbortController();
    const context = { config: {}, signal, idempotencyKey: 'k', fetch: guardedFetch(['127.0.0.1'], signal), emit() {} };
    const { body } = await provider.run({ url: ${JSON.stringify(url)} }, context);
    console.log(body);`;
  const child = spawn(process.execPath, ['--conditions=threadline-source', '--input-type=module', '-e', script]);
  const started = performance.now();
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  const exitCode = await new Promise((resolve) => child.on('exit', resolve));
  expect({ exitCode, output }).toEqual({ exitCode: 0, output: 'x\n' });
  expect(performance.now() - started).toBeLessThan(4000);
});
