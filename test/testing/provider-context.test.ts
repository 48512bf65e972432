import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import type { ThreadlineError } from 'threadline/provider';
import { testContext } from 'threadline/testing';

test.each(['127.0.0.1', 'localhost'])('a context to test with reaches a server of the test at %s', async (name) => {
  const server = createServer((_, response) => response.end('here')).listen(0);
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const answer = await testContext({}).fetch(`http://${name}:${port}/`);
  expect(await answer.text()).toBe('here');
  server.close();
});

test('a context to test with may reach a server at [::1], where the machine has that address', async () => {
  const code = await testContext({})
    .fetch('http://[::1]:1/')
    .then(
      () => 'reached',
      (error: ThreadlineError) => error.code,
    );
  expect(code).toBe('connection_failed');
});

test('it reaches nothing else that is private, and this machine only where no other hosts are named', async () => {
  const refused = { code: 'blocked_target' };
  await expect(testContext({}).fetch('http://10.0.0.1/')).rejects.toMatchObject(refused);
  await expect(testContext({}, { allowHosts: ['10.0.0.2'] }).fetch('http://127.0.0.1:1/')).rejects.toMatchObject(refused);
});
