import { expect, test } from '@jest/globals';
import { serve } from '../testing/test-assistant.ts';
import { bytesOf, failureOf, openAt, withServer } from './test-file-server.ts';
import { deleteFile, upload, uploadOnce } from './uploads.ts';

const log = { name: 'app.log', bytes: bytesOf('disk full') };

test('I4: a file is uploaded with its name and content, and remembered', () =>
  withServer(async ({ open, traffic, emulator }) => {
    const first = await uploadOnce(await open(), log, 'user_data');
    expect(first).toEqual({ fileId: expect.stringMatching(/^file-/), name: 'app.log', bytes: 9, isNew: true });
    const [request] = emulator.requests;
    expect(request?.body).toEqual({ file: 'app.log', purpose: 'user_data' });
    expect(Number(request?.headers['content-length'])).toBeGreaterThan(9);
    expect(await uploadOnce(await open(), log, 'user_data')).toEqual({ ...first, isNew: false });
    expect(traffic()).toEqual(['POST /files']);
    const content = await (await open()).client.files.content(first.fileId);
    expect(await content.text()).toBe('disk full');
  }));

test('I4: another content, name or purpose is another file', () =>
  withServer(async ({ open, traffic }) => {
    const server = await open();
    await uploadOnce(server, log, 'assistants');
    await uploadOnce(server, { ...log, bytes: bytesOf('all fine') }, 'assistants');
    await uploadOnce(server, { ...log, name: 'other.log' }, 'assistants');
    await uploadOnce(server, log, 'user_data');
    await uploadOnce(server, log, 'assistants', 3600);
    expect(traffic()).toEqual(Array(5).fill('POST /files'));
  }));

test('a picture for the model to look at is uploaded as what it is, and anything else is not', () =>
  withServer(async ({ open, traffic, emulator }) => {
    const jpeg = new Uint8Array([0xff, 0xd8, 0xff, 0xe0]);
    const uploaded = await uploadOnce(await open(), { name: 'shot.png', bytes: jpeg }, 'vision');
    expect(uploaded.name).toBe('shot.png.jpg');
    expect(emulator.requests[0]?.body).toEqual({ file: 'shot.png.jpg', purpose: 'vision' });
    traffic();
    const svg = { name: 'shot.png', bytes: bytesOf('<svg></svg>') };
    expect(await failureOf(uploadOnce(await open(), svg, 'vision'))).toMatchObject({
      code: 'invalid_params',
      message: expect.stringMatching(/shot.png is an SVG picture: models take PNG, JPEG/),
    });
    expect(traffic()).toEqual([]);
  }));

test('concurrent asks for one content upload it once', () =>
  withServer(async ({ open, traffic }) => {
    const steps = await Promise.all(Array.from({ length: 5 }, () => open()));
    const made = await Promise.all(steps.map((server) => uploadOnce(server, log, 'assistants')));
    expect(new Set(made.map(({ fileId }) => fileId)).size).toBe(1);
    expect(traffic()).toEqual(['POST /files']);
  }));

test('a step that joined an upload goes on when the one that began it is cancelled', () =>
  withServer(async ({ open }) => {
    const cancel = new AbortController();
    const first = uploadOnce(await open({ signal: cancel.signal }), log, 'assistants');
    const second = uploadOnce(await open(), log, 'assistants');
    cancel.abort();
    await expect(first).rejects.toThrow();
    expect(await second).toMatchObject({ isNew: true });
  }));

test('a file that the server lost is uploaded again', () =>
  withServer(async ({ open, config, traffic }) => {
    const server = await open();
    const { fileId } = await uploadOnce(server, log, 'assistants');
    await server.client.files.delete(fileId);
    // Another key's sighting does not count: the server is asked.
    const other = await open({ config: { ...config, api_key: 'sk-another-0123456789' } });
    const again = await uploadOnce(other, log, 'assistants');
    expect(again).toMatchObject({ isNew: true });
    expect(again.fileId).not.toBe(fileId);
    expect(traffic()).toEqual(['POST /files', 'DELETE /files/ID', 'GET /files/ID', 'POST /files']);
  }));

test('a file that has expired is uploaded again, and one that was seen long ago is looked for', () =>
  withServer(async ({ open, traffic }) => {
    const server = await open();
    const age = (times: { seenAtMs?: number; expiresAtMs?: number }) => {
      for (const { key, ...object } of server.store.objects(server.remoteKey, 'file'))
        server.store.setObject(server.remoteKey, 'file', key, {
          ...object,
          expiresAtMs: times.expiresAtMs ?? object.expiresAtMs,
          data: { account: server.account, seenAtMs: times.seenAtMs ?? Date.now() },
        });
    };
    const { fileId } = await uploadOnce(server, log, 'assistants', 7200);
    age({ seenAtMs: 0 });
    expect(await uploadOnce(server, log, 'assistants', 7200)).toMatchObject({ fileId, isNew: false });
    expect(await uploadOnce(server, log, 'assistants', 7200)).toMatchObject({ fileId, isNew: false });
    age({ expiresAtMs: Date.now() - 1 });
    expect(await uploadOnce(server, log, 'assistants', 7200)).toMatchObject({ isNew: true });
    expect(traffic()).toEqual(['POST /files', 'GET /files/ID', 'POST /files']);
  }));

test('an expiry is asked for in seconds after the upload', () =>
  withServer(async ({ open, emulator }) => {
    await upload(await open(), log, 'assistants', 3600);
    expect(emulator.requests[0]?.body).toMatchObject({ expires_after: { anchor: 'created_at', seconds: 3600 } });
  }));

test('I10: a file that is deleted is forgotten; one that is not there is no failure', () =>
  withServer(async ({ open, traffic }) => {
    const server = await open();
    const { fileId } = await uploadOnce(server, log, 'assistants');
    expect(await deleteFile(server, fileId)).toBe(true);
    expect(await deleteFile(server, fileId)).toBe(false);
    await uploadOnce(server, log, 'assistants');
    expect(traffic()).toEqual(['POST /files', 'DELETE /files/ID', 'DELETE /files/ID', 'POST /files']);
  }));

test('an empty file is refused before it is sent', () =>
  withServer(async ({ open, traffic }) => {
    const failure = await failureOf(uploadOnce(await open(), { name: 'a.txt', bytes: bytesOf('') }, 'assistants'));
    expect(failure).toMatchObject({ code: 'invalid_params', message: expect.stringContaining('a.txt is empty') });
    expect(traffic()).toEqual([]);
  }));

test('a server without files says so', async () => {
  const base_url = await serve((request, response) => {
    request.resume();
    response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":{"message":"not here"}}');
  });
  const failure = await failureOf(upload(await openAt({ base_url }), log, 'assistants'));
  expect(failure).toMatchObject({ code: 'unsupported', hint: expect.stringContaining('without `tools`') });
});

test('a server that fails is named, and nothing is remembered', async () => {
  const base_url = await serve((request, response) => {
    request.resume();
    response.writeHead(500, { 'content-type': 'application/json' }).end('{"error":{"message":"broken"}}');
  });
  const server = await openAt({ base_url });
  expect(await failureOf(uploadOnce(server, log, 'assistants'))).toMatchObject({ code: 'server_error', retryable: true });
  expect(server.store.objects(server.remoteKey, 'file')).toEqual([]);
});
