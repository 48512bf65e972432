import { expect, test } from '@jest/globals';
import { LOOPBACK, nameServer } from '../../../test/support/name-server.ts';

const { guardedFetch } = await import('../../../src/fetch/guarded-fetch.ts');
const { serve } = await import('../testing/test-assistant.ts');
const { download } = await import('./download.ts');
const { failureOf } = await import('./test-file-server.ts');

const { signal } = new AbortController();
const from = (url: string) => failureOf(download(url, guardedFetch(['127.0.0.1'], signal), signal));

test.each(['asked for', 'redirected to'])('a name with a private address that is %s reaches no server', async (how) => {
  let requests = 0;
  const { port } = new URL(await serve(() => requests++));
  const target = `http://rebound.example:${port}/file`;
  const start = await serve((_, response) => response.writeHead(302, { location: target }).end());
  nameServer.answers([LOOPBACK]);
  const failure = await from(how === 'asked for' ? target : start);
  expect(failure).toMatchObject({
    code: 'blocked_target',
    message: 'The request is refused: rebound.example leads to 127.0.0.1, a loopback address.',
  });
  expect(requests).toBe(0);
});
