import type { ServerResponse } from 'node:http';
import { expect, test } from '@jest/globals';
import type { JsonObject } from 'threadline/provider';
import { serve } from '../testing/test-assistant.ts';
import type { FileServer } from './file-server.ts';
import { failureOfFiles, indexFiles } from './indexing.ts';
import { bytesOf, failureOf, openAt, withServer } from './test-file-server.ts';
import { upload } from './uploads.ts';
import {
  createVectorStore,
  deleteVectorStore,
  ensureVectorStore,
  fileCountsOf,
  removeFile,
  underLock,
  vectorStoreWith,
} from './vector-stores.ts';

const uploaded = async (server: FileServer, name: string, text = name) => ({
  name,
  fileId: (await upload(server, { name, bytes: bytesOf(text) }, 'assistants')).fileId,
});

const wanted = { name: 'runbooks', expiresAfterDays: 7, metadata: { team: 'core' } };

test('I8: a vector store is made with its name, its end and its metadata', () =>
  withServer(async ({ open, emulator }) => {
    const server = await open();
    const id = await createVectorStore(server, wanted);
    expect(emulator.requests[0]?.body).toEqual({
      name: 'runbooks',
      expires_after: { anchor: 'last_active_at', days: 7 },
      metadata: { team: 'core' },
    });
    expect(await server.client.vectorStores.retrieve(id)).toMatchObject({ name: 'runbooks', metadata: { team: 'core' } });
  }));

test('I9: files are added with attributes, cut as wished, and can be searched when that is done', () =>
  withServer(async ({ open }) => {
    const server = await open();
    const id = await createVectorStore(server, wanted);
    const file = { ...(await uploaded(server, 'disk.md', 'Clean the disk.')), attributes: { path: 'runbooks/disk.md' } };
    expect(await indexFiles(server, id, [file], { chunking: { size: 200, overlap: 50 } })).toEqual([]);
    const { data } = await server.client.vectorStores.files.list(id);
    expect(data).toMatchObject([
      { id: file.fileId, attributes: file.attributes, chunking_strategy: { static: { max_chunk_size_tokens: 200 } } },
    ]);
    const found = await server.client.vectorStores.search(id, { query: 'disk' });
    expect(found.data[0]).toMatchObject({ filename: 'disk.md' });
  }));

test('I9: what cannot be read is told by name and reason, although the batch is `completed`', () =>
  withServer(async ({ open }) => {
    const server = await open();
    const id = await createVectorStore(server, wanted);
    const files = [await uploaded(server, 'good.md'), await uploaded(server, 'bad.zip'), await uploaded(server, 'worse.exe')];
    const failed = await indexFiles(server, id, files);
    expect(failed).toEqual([
      { fileId: files[1]?.fileId, name: 'bad.zip', code: 'unsupported_file', message: expect.stringContaining('bad.zip') },
      { fileId: files[2]?.fileId, name: 'worse.exe', code: 'unsupported_file', message: expect.any(String) },
    ]);
    expect(failureOfFiles(failed, 3)).toMatchObject({
      code: 'step_failed',
      message: expect.stringContaining('2 of 3 files'),
      details: { failed: [{ filename: 'bad.zip', code: 'unsupported_file' }, { filename: 'worse.exe' }] },
      retryable: false,
    });
    expect(await fileCountsOf(server, id)).toMatchObject({ completed: 1, failed: 2 });
  }));

test('I9: more than 500 files go in batches', () =>
  withServer(async ({ open, emulator, traffic }) => {
    const server = await open();
    const id = await createVectorStore(server, wanted);
    const one = await uploaded(server, 'a.md');
    traffic();
    await indexFiles(server, id, Array(501).fill(one));
    const sizes = emulator.requests.filter(({ path }) => path.endsWith('/file_batches')).map(({ body }) => body as JsonObject);
    expect(sizes.map(({ file_ids: ids }) => (ids as string[]).length)).toEqual([500, 1]);
  }));

test('I10: a file is taken out; a store is deleted with its files, or without', () =>
  withServer(async ({ open }) => {
    const server = await open();
    const [one, two] = [await uploaded(server, 'a.md'), await uploaded(server, 'b.md')];
    const id = await createVectorStore(server, wanted);
    await indexFiles(server, id, [one, two]);
    expect(await removeFile(server, id, one.fileId)).toBe(true);
    expect(await removeFile(server, id, one.fileId)).toBe(false);
    expect(await deleteVectorStore(server, id, true)).toEqual({ isGone: false, files: 1 });
    expect(await deleteVectorStore(server, id, true)).toEqual({ isGone: true, files: 0 });
    const { data: left } = await server.client.files.list();
    expect(left.map(({ filename }) => filename)).toEqual(['a.md']);
  }));

test('I8: the vector store of a key is made once, also by two at once, and anew when it is lost', () =>
  withServer(async ({ open, config, traffic }) => {
    const ensure = async (server: FileServer) => underLock(server, 'k', (held) => ensureVectorStore(held, 'k', wanted));
    const server = await open();
    const both = await Promise.all([ensure(server), ensure(await open())]);
    expect(both.map(({ isNew }) => isNew).sort()).toEqual([false, true]);
    expect(traffic()).toEqual(['POST /vector_stores']);
    const [{ id }] = both;
    await server.client.vectorStores.delete(id);
    const other = await open({ config: { ...config, api_key: 'sk-another-0123456789' } });
    expect(await ensure(other)).toEqual({ id: expect.not.stringMatching(id), isNew: true });
  }));

test('I8: files of a key are added once', () =>
  withServer(async ({ open, traffic }) => {
    const server = await open();
    const [one, two] = [await uploaded(server, 'a.md'), await uploaded(server, 'b.md')];
    const id = await vectorStoreWith(server, 'k', wanted, [one]);
    traffic();
    expect(await vectorStoreWith(server, 'k', wanted, [one])).toBe(id);
    expect(traffic()).toEqual([]);
    expect(await vectorStoreWith(server, 'k', wanted, [one, two])).toBe(id);
    expect(await fileCountsOf(server, id)).toMatchObject({ completed: 2 });
    const failure = await failureOf(vectorStoreWith(server, 'k', wanted, [await uploaded(server, 'c.zip')]));
    expect(failure).toMatchObject({ code: 'step_failed', message: expect.stringContaining('c.zip') });
  }));

/** A server whose batch goes through these states, one for each time that it is asked. */
async function serveBatch(statuses: string[]) {
  let asked = 0;
  const batch = (status = 'completed') => {
    const file_counts = { in_progress: 0, completed: 1, failed: 0, cancelled: 0, total: 1 };
    return { id: 'vsfb_1', object: 'vector_store.files_batch', created_at: 1, vector_store_id: 'vs_1', status, file_counts };
  };
  const send = (response: ServerResponse, body: unknown) =>
    response.writeHead(200, { 'content-type': 'application/json', 'openai-poll-after-ms': '1' }).end(JSON.stringify(body));
  const base_url = await serve((request, response) => {
    request.resume();
    const isList = request.url?.includes('/files?');
    send(response, isList ? { object: 'list', data: [], has_more: false } : batch(statuses[asked++]));
  });
  return { server: await openAt({ base_url }), asked: () => asked };
}

const file = { fileId: 'file-1', name: 'a.md' };

test('a status that nobody has heard of is waited out, at the pace that the server wishes', async () => {
  const { server, asked } = await serveBatch(['in_progress', 'pondering', 'in_progress', 'completed']);
  expect(await indexFiles(server, 'vs_1', [file])).toEqual([]);
  expect(asked()).toBe(4);
});

test('a batch that fails without naming a file fails the step', async () => {
  const { server } = await serveBatch(['failed']);
  expect(await failureOf(indexFiles(server, 'vs_1', [file]))).toMatchObject({
    code: 'step_failed',
    details: { vector_store_id: 'vs_1', batch_id: 'vsfb_1' },
  });
});

test('a batch that does not end is waited for until the deadline', async () => {
  const { server } = await serveBatch(Array(10_000).fill('in_progress'));
  const failure = await failureOf(indexFiles(server, 'vs_1', [file], { limitMs: 100 }));
  expect(failure).toMatchObject({ code: 'timeout', details: { vector_store_id: 'vs_1' } });
});
