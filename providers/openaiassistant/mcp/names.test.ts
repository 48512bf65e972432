import { expect, test } from '@jest/globals';
import { LOOPBACK, nameServer } from '../../../test/support/name-server.ts';

const { failureOf, open, serve } = await import('./test-mcp.ts');

test('a server whose public name has a private address is refused, and hears nothing', async () => {
  let requests = 0;
  const { origin } = await serve(() => requests++);
  nameServer.answers([LOOPBACK]);
  const failure = await failureOf(open([{ url: origin.replace('127.0.0.1', 'rebound.example'), name: 'ops' }]));
  expect(failure).toMatchObject({
    code: 'blocked_target',
    message: 'MCP server `ops`: The request is refused: rebound.example leads to 127.0.0.1, a loopback address.',
    hint: expect.stringContaining('allow_hosts: ["rebound.example"]'),
    details: { host: 'rebound.example', mcp_server: 'ops' },
  });
  expect(requests).toBe(0);
});
