import type { RequestListener } from 'node:http';
import { expect, test } from '@jest/globals';
import { guardedFetch } from '../../../src/fetch/guarded-fetch.ts';
import { serve } from '../testing/test-assistant.ts';
import { download } from './download.ts';
import { failureOf } from './test-file-server.ts';

const ALLOWED = ['127.0.0.1'];
const { signal } = new AbortController();

const from = async (listener: RequestListener, path = '/file', allowHosts: string[] = ALLOWED, within = signal) =>
  download(`${await serve(listener)}${path}`, guardedFetch(allowHosts, within), within);

const text = ({ bytes }: { bytes: Uint8Array }) => new TextDecoder().decode(bytes);

test.each([
  ['/logs/app.log?token=secret', 'text/plain', 'app.log'],
  ['/report', 'application/pdf', 'report.pdf'],
  ['/a%20b', 'text/markdown; charset=utf-8', 'a b.md'],
  ['/a%2F..%2Fb.txt', 'text/plain', 'a_.._b.txt'],
  ['/%zz', 'application/x-unknown', '%zz'],
  ['/', 'text/csv', 'download.csv'],
])('%s as %s is the file %s', async (path, contentType, name) => {
  const content = await from((_, response) => response.setHeader('content-type', contentType).end('hello'), path);
  expect([content.name, text(content)]).toEqual([name, 'hello']);
});

test('redirects are followed, to the name at their end', async () => {
  const content = await from((request, response) => {
    if (request.url?.endsWith('/file')) response.writeHead(302, { location: '/v1/next.txt' }).end();
    else response.end('there');
  });
  expect([content.name, text(content)]).toEqual(['next.txt', 'there']);
});

test.each([
  ['127.0.0.1', 'http://127.0.0.1:1/x'],
  ['localhost', 'http://localhost:1/x'],
  ['::1', 'http://[::1]:1/x'],
  ['a private address', 'https://192.168.1.1/x'],
  ['cloud metadata', 'http://169.254.169.254/latest/meta-data'],
  ['127.0.0.1 as a number', 'http://2130706433:1/x'],
])('%s is refused', async (_, url) => {
  expect(await failureOf(download(url, guardedFetch([], signal), signal))).toMatchObject({ code: 'blocked_target' });
});

test.each([
  ['a private address', 'http://10.0.0.1/x'],
  ['another host of this machine', 'http://localhost:1/x'],
  ['a file', 'file:///etc/passwd'],
])('a redirect to %s is refused', async (_, location) => {
  const failure = await failureOf(from((_request, response) => response.writeHead(302, { location }).end()));
  expect(failure.code).toBe('blocked_target');
  expect(JSON.stringify([failure.message, failure.hint])).not.toContain('secret');
});

test('credentials in a redirect are not sent', async () => {
  let authorization: string | undefined = 'nothing was asked';
  const target = await serve((request, response) => {
    authorization = request.headers.authorization;
    response.end('there');
  });
  const location = `${target.replace('//', '//me:secret@')}/x.txt`;
  const content = await from((_request, response) => response.writeHead(302, { location }).end());
  expect({ text: text(content), authorization }).toEqual({ text: 'there', authorization: undefined });
});

test.each(['ftp://example.com/x', 'file:///etc/passwd', 'data:,x', 'nonsense', 'https://me:secret@example.com/x'])(
  '%s is no address to download from',
  async (url) => {
    const failure = await failureOf(download(url, guardedFetch(ALLOWED, signal), signal));
    expect(failure.code).toBe('invalid_params');
    expect(failure.message).not.toContain('secret');
  },
);

test('redirects without end are left', async () => {
  const failure = await failureOf(from((_, response) => response.writeHead(302, { location: '/v1/file' }).end()));
  expect(failure.message).toContain('redirects more than 5 times');
});

test.each([
  [404, 'not_found'],
  [403, 'bad_request'],
  [503, 'server_error'],
])('an answer of %i is a failure', async (status, code) => {
  expect(await failureOf(from((_, response) => response.writeHead(status).end()))).toMatchObject({ code, details: { status } });
});

test('what is larger than 50 MB is left', async () => {
  const chunk = Buffer.alloc(1_000_000);
  const failure = await failureOf(
    from((_, response) => {
      const more = () => {
        while (response.write(chunk)) if (response.destroyed) return;
      };
      response.on('drain', more);
      more();
    }),
  );
  expect(failure.code).toBe('response_too_large');
});

test('a connection that breaks is named without the query', async () => {
  const failure = await failureOf(from((_, response) => response.destroy(), '/file?key=secret'));
  expect(failure.code).toBe('connection_failed');
  expect(failure.message).not.toContain('secret');
});

test('a download ends with the step', async () => {
  const cancel = new AbortController();
  const failure = await failureOf(from(() => cancel.abort(), '/file', ALLOWED, cancel.signal));
  expect(failure.code).toBe('cancelled');
});
