import { expect, test } from '@jest/globals';
import { nonPublicKind } from '../../src/fetch/addresses.ts';
import { isAllowedHost } from '../../src/fetch/guard.ts';
import { failureOf, run, serve } from './test-server.ts';

test.each([
  ['loopback', '127.0.0.1', '127.255.255.254', '::1'],
  ['unspecified', '0.0.0.0', '0.1.2.3', '::'],
  ['private', '10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', 'fc00::1', 'fdff::1', 'fec0::1'],
  ['carrier', '100.64.0.1', '100.127.255.255'],
  ['link-local', '169.254.1.1', 'fe80::1', 'fe80::1%eth0', 'febf::1'],
  ['metadata', '169.254.169.254', '100.100.100.200', '168.63.129.16', '192.0.0.192', 'fd00:ec2::254'],
  ['multicast', '224.0.0.1', '239.255.255.255', 'ff02::1'],
  ['dress', '::ffff:127.0.0.1', '::ffff:8.8.8.8', '::7f00:1', '64:ff9b::a00:1', '64:ff9b:1::1', '2002:7f00:1::', '2001:0:1::1'],
  [
    'reserved',
    '192.0.0.1',
    '192.0.2.1',
    '198.18.0.1',
    '198.19.255.255',
    '198.51.100.1',
    '203.0.113.1',
    '240.0.0.1',
    '255.255.255.255',
  ],
  ['reserved', '100::1', '2001:db8::1', '2001:2::1', '3fff::1', '5f00::1', '4000::1', 'e000::1'],
])('%s addresses are not public', (kind, ...addresses) => {
  for (const address of addresses) expect([address, nonPublicKind(address)]).toEqual([address, expect.stringContaining(kind)]);
});

test('addresses beside the ranges are public', () => {
  const open = ['1.1.1.1', '9.255.255.255', '11.0.0.1', '100.63.255.255', '100.128.0.1', '126.255.255.255', '128.0.0.1'];
  open.push('169.253.1.1', '172.15.255.255', '172.32.0.1', '192.167.1.1', '192.169.0.1', '198.17.1.1', '223.255.255.254');
  open.push('2606:4700:4700::1111', '2a00:1450::1', '2001:4860:4860::8888');
  for (const address of open) expect([address, nonPublicKind(address)]).toEqual([address, undefined]);
});

/** Every way to write an address of this machine or of a private network into a url. */
const DISGUISES = [
  'localhost',
  'LOCALHOST',
  'localhost.',
  '127.0.0.1',
  '127.0.0.1.',
  '127.1',
  '2130706433',
  '0x7f000001',
  '0x7f.0.0.1',
  '0177.0.0.1',
  '017700000001',
  '１２７.0.0.1',
  '0',
  '0.0.0.0',
  '[::1]',
  '[::]',
  '[0:0:0:0:0:0:0:1]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[64:ff9b::7f00:1]',
  '[fe80::1]',
  '[fd00:ec2::254]',
  '169.254.169.254',
  '10.0.0.1',
  '192.168.0.1',
  '100.64.0.1',
];

test.each(DISGUISES)('http://%s is blocked', async (host) => {
  let requests = 0;
  const { port } = new URL(await serve((_, response) => response.end(String(requests++))));
  const failure = await failureOf({ url: `http://${host}:${port}/`, timeout: '5s' }, { allowHosts: [] });
  expect(failure).toMatchObject({ code: 'blocked_target', retryable: false });
  expect(requests).toBe(0);
});

test('the failure names the host, why, and what allows it', async () => {
  const failure = await failureOf({ url: 'http://localhost:9/' }, { allowHosts: [] });
  expect(failure.message).toMatch(/^The request is refused: localhost leads to (127\.0\.0\.1|::1), a loopback address\.$/);
  expect(failure.hint).toContain('http: { allow_hosts: ["localhost"] }');
  expect(failure.hint).toContain('threadline.config.yaml');
});

test.each([
  ['http://localhost:3000/', 'localhost', true],
  ['http://LocalHost:3000/', 'LOCALhost', true],
  ['http://localhost.:3000/', 'localhost', true],
  ['http://localhost:3000/', 'localhost:3000', true],
  ['http://localhost:3001/', 'localhost:3000', false],
  ['http://localhost/', 'localhost:80', true],
  ['https://localhost/', 'localhost:443', true],
  ['https://localhost/', 'localhost:80', false],
  ['http://127.0.0.1/', 'localhost', false],
  ['http://[::1]:3000/', '[::1]:3000', true],
  ['http://[::1]:3000/', '[::1]', true],
  ['http://[::1]:3000/', '::1', true],
  ['http://2130706433/', '127.0.0.1', true],
  ['http://a.example.com/', '*.example.com', true],
  ['http://a.b.example.com/', '*.example.com', true],
  ['http://example.com/', '*.example.com', false],
  ['http://evilexample.com/', '*.example.com', false],
  ['http://a.example.com:8080/', '*.example.com:8080', true],
  ['http://a.example.com.evil.org/', '*.example.com', false],
  ['http://xexample.com/', '.example.com', false],
  ['http://a.example.com/', 'example.com', false],
])('%s under allow_hosts %s: %p', (url, entry, wanted) => {
  expect(isAllowedHost(new URL(url), ['other.org', entry])).toBe(wanted);
});

test('an allowed host is reached by its name', async () => {
  const url = await serve((_, response) => response.end('in'));
  const named = url.replace('127.0.0.1', 'localhost');
  expect((await run({ url: named }, { allowHosts: ['localhost'] })).body).toBe('in');
  expect((await run({ url: named }, { allowHosts: [new URL(named).host] })).body).toBe('in');
});

test('a connection that one request was allowed to make is not handed to another', async () => {
  const url = (await serve((_, response) => response.end('in'))).replace('127.0.0.1', 'localhost');
  await run({ url }, { allowHosts: ['localhost'] });
  expect(await failureOf({ url }, { allowHosts: [] })).toMatchObject({ code: 'blocked_target' });
});
