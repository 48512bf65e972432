import { createServer } from 'node:https';
import { setDefaultCACertificates } from 'node:tls';
import { expect, test } from '@jest/globals';
import type { ProviderEvent } from 'threadline/provider';
import { failureOf, listen, run } from './test-server.ts';

/** Made for this test, for localhost, from 2020 to 2120. It opens nothing. */
const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgAb/o//yB65vsZZOm
1Z08yA82JsVvFo6LgK8LeSuMw5KhRANCAAReXEvQfkTDkfA1Y+/vc+YIfXs4MG1X
iuzU2QsxXhMHYKliQnTyd335LLyVNDzHoSYxd3L8LvWa6mCojA4nzVHY
-----END PRIVATE KEY-----`;

const cert = `-----BEGIN CERTIFICATE-----
MIIBXjCCAQSgAwIBAgIBAjAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlsb2NhbGhv
c3QwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBQxEjAQBgNVBAMM
CWxvY2FsaG9zdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABF5cS9B+RMOR8DVj
7+9z5gh9ezgwbVeK7NTZCzFeEwdgqWJCdPJ3ffksvJU0PMehJjF3cvwu9ZrqYKiM
DifNUdijRTBDMBQGA1UdEQQNMAuCCWxvY2FsaG9zdDAMBgNVHRMEBTADAQH/MB0G
A1UdDgQWBBSBRnR78NgYrokHv3utF0zhalSdDDAKBggqhkjOPQQDAgNIADBFAiEA
nuveM+ku55v/h7iS3D/AKIjvkm+MvqDhRD7QSNVNDJUCIEyydEmB1PKr+kX8RRIQ
uTIfPyppuZhXqy22hEwr0oSQ
-----END CERTIFICATE-----`;

const server = createServer({ key, cert }, (_, response) => response.end('secret'));
const url = (await listen(server)).replace('http:', 'https:');

test('a certificate that nobody vouches for ends the request, and a retry would not help', async () => {
  const failure = await failureOf({ url });
  expect(failure).toMatchObject({ code: 'connection_failed', retryable: false, hint: expect.stringContaining('verify: false') });
});

test('verify: false goes on, with a warning that names the host', async () => {
  const events: ProviderEvent[] = [];
  expect((await run({ url, verify: false }, { events })).body).toBe('secret');
  expect(events).toEqual([{ type: 'log', level: 'warning', message: expect.stringContaining(new URL(url).host) }]);
});

test('a connection without verification is not handed to a request with it', async () => {
  await run({ url, verify: false });
  expect(await failureOf({ url })).toMatchObject({ code: 'connection_failed' });
});

test('a trusted certificate is for its own names only', async () => {
  setDefaultCACertificates([cert]);
  const named = url.replace('127.0.0.1', 'localhost');
  expect((await run({ url: named }, { allowHosts: ['localhost'] })).body).toBe('secret');
  expect(await failureOf({ url })).toMatchObject({ details: { reason: 'ERR_TLS_CERT_ALTNAME_INVALID' }, retryable: false });
});

test('plain http has no certificate to warn of', async () => {
  const events: ProviderEvent[] = [];
  await failureOf({ url: 'http://127.0.0.1:1/', verify: false }, { events });
  expect(events).toEqual([]);
});
