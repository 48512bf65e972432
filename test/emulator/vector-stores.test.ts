import { describe, expect, test } from '@jest/globals';
import OpenAI, { toFile } from 'openai';
import { collect, send, withEmulator } from './with-emulator.ts';

const poll = { pollIntervalMs: 5 };

const upload = async (client: OpenAI, name: string, text: string) =>
  (await client.files.create({ file: await toFile(Buffer.from(text), name), purpose: 'assistants' })).id;

const filesOf = (vectorStore: OpenAI.VectorStore) => vectorStore.file_counts;

describe('stores', () => {
  test('a store is created, read, updated, listed and deleted', () =>
    withEmulator([], async ({ client }) => {
      const created = await client.vectorStores.create({
        name: 'Runbooks',
        description: 'What to do',
        metadata: { team: 'sre' },
        expires_after: { anchor: 'last_active_at', days: 7 },
      });
      expect(created).toMatchObject({ object: 'vector_store', name: 'Runbooks', status: 'completed', usage_bytes: 0 });
      expect(created.id).toMatch(/^vs_emulated/);
      expect(created.expires_at).toBe(created.created_at + 7 * 86_400);
      expect(await client.vectorStores.retrieve(created.id)).toEqual(created);
      const expires_after = { anchor: 'last_active_at' as const, days: 1 };
      const updated = await client.vectorStores.update(created.id, { name: 'Old', expires_after });
      expect(updated).toMatchObject({ name: 'Old', metadata: { team: 'sre' }, expires_after });
      expect((await collect(client.vectorStores.list())).map(({ id }) => id)).toEqual([created.id]);
      expect(await client.vectorStores.delete(created.id)).toEqual({
        id: created.id,
        object: 'vector_store.deleted',
        deleted: true,
      });
      await expect(client.vectorStores.retrieve(created.id)).rejects.toThrow(OpenAI.NotFoundError);
    }));

  test('the files of a new store are read after the answer', () =>
    withEmulator([], async ({ client }) => {
      const fileIds = [await upload(client, 'a.md', 'disk'), await upload(client, 'b.txt', 'cpu')];
      const created = await client.vectorStores.create({ file_ids: fileIds });
      expect(created).toMatchObject({ status: 'in_progress', usage_bytes: 0, file_counts: { in_progress: 2, total: 2 } });
      await client.vectorStores.files.poll(created.id, fileIds[0] ?? '', poll);
      expect(await client.vectorStores.retrieve(created.id)).toMatchObject({
        status: 'completed',
        usage_bytes: 7,
        file_counts: { in_progress: 0, completed: 2, failed: 0, cancelled: 0, total: 2 },
      });
    }));

  test.each<[string, object, string]>([
    ['too many files', { file_ids: Array(501).fill('file-1') }, 'file_ids'],
    ['an expiry of no days', { expires_after: { anchor: 'last_active_at', days: 0 } }, 'expires_after.days'],
    ['an expiry of more than a year', { expires_after: { anchor: 'last_active_at', days: 366 } }, 'expires_after.days'],
    ['an unknown anchor', { expires_after: { anchor: 'created_at', days: 1 } }, 'expires_after.anchor'],
    ['an unknown chunking strategy', { chunking_strategy: { type: 'smart' } }, 'chunking_strategy.type'],
    [
      'chunks that are too small',
      { chunking_strategy: { type: 'static', static: { max_chunk_size_tokens: 99, chunk_overlap_tokens: 0 } } },
      'chunking_strategy.static.max_chunk_size_tokens',
    ],
    [
      'chunks that overlap by more than half',
      { chunking_strategy: { type: 'static', static: { max_chunk_size_tokens: 100, chunk_overlap_tokens: 51 } } },
      'chunking_strategy.static.chunk_overlap_tokens',
    ],
    ['an unknown parameter', { colour: 'red' }, 'colour'],
  ])('%s: refused', (_what, body, param) =>
    withEmulator([], async ({ emulator }) => {
      const response = await send(emulator, '/vector_stores', body);
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ error: { param } });
    }),
  );

  test('a file that does not exist is refused, and nothing is made', () =>
    withEmulator([], async ({ client }) => {
      const creating = client.vectorStores.create({ file_ids: ['file-none'] });
      await expect(creating).rejects.toMatchObject({ status: 404, param: 'file_ids[0]' });
      expect(await collect(client.vectorStores.list())).toEqual([]);
    }));
});

describe('files of a store', () => {
  test('a file is attached, polled, changed, read and detached', () =>
    withEmulator({ latencyMs: 30 }, async ({ client }) => {
      const { id } = await client.vectorStores.create({});
      const fileId = await upload(client, 'disk.md', 'Delete old logs.');
      const attached = await client.vectorStores.files.create(id, { file_id: fileId, attributes: { team: 'sre', year: 2024 } });
      expect(attached).toMatchObject({ id: fileId, object: 'vector_store.file', status: 'in_progress', last_error: null });
      expect(filesOf(await client.vectorStores.retrieve(id))).toMatchObject({ in_progress: 1, completed: 0, total: 1 });
      const done = await client.vectorStores.files.poll(id, fileId, poll);
      expect(done).toMatchObject({ status: 'completed', usage_bytes: 16, attributes: { team: 'sre', year: 2024 } });
      expect(done.chunking_strategy).toEqual({
        type: 'static',
        static: { max_chunk_size_tokens: 800, chunk_overlap_tokens: 400 },
      });
      const update = { vector_store_id: id, attributes: { solved: true } };
      expect((await client.vectorStores.files.update(fileId, update)).attributes).toEqual({ solved: true });
      const pages = await collect(client.vectorStores.files.content(fileId, { vector_store_id: id }));
      expect(pages).toEqual([{ type: 'text', text: 'Delete old logs.' }]);
      await client.vectorStores.files.delete(fileId, { vector_store_id: id });
      expect(filesOf(await client.vectorStores.retrieve(id)).total).toBe(0);
      expect((await client.files.retrieve(fileId)).id).toBe(fileId);
    }));

  test.each([
    ['without content', 'empty.md', '', 'invalid_file'],
    ['of a kind that cannot be searched', 'table.csv', 'a,b', 'unsupported_file'],
    ['without an extension', 'Makefile', 'all:', 'unsupported_file'],
  ])('a file %s fails, and the counts say so', (_what, name, text, code) =>
    withEmulator([], async ({ client }) => {
      const { id } = await client.vectorStores.create({});
      const fileId = await upload(client, name, text);
      const file = await client.vectorStores.files.createAndPoll(id, { file_id: fileId }, poll);
      expect(file).toMatchObject({ status: 'failed', usage_bytes: 0, last_error: { code } });
      expect(filesOf(await client.vectorStores.retrieve(id))).toMatchObject({ completed: 0, failed: 1, total: 1 });
    }),
  );

  test('files are listed in pages, both ways, and by their status', () =>
    withEmulator([], async ({ client }) => {
      const { id } = await client.vectorStores.create({});
      const ids: string[] = [];
      for (const name of ['a.md', 'b.csv', 'c.md']) {
        const fileId = await upload(client, name, name);
        await client.vectorStores.files.createAndPoll(id, { file_id: fileId }, poll);
        ids.push(fileId);
      }
      const listed = async (query: OpenAI.VectorStores.FileListParams) =>
        (await collect(client.vectorStores.files.list(id, query))).map((file) => ids.indexOf(file.id));
      expect(await listed({ limit: 2 })).toEqual([2, 1, 0]);
      expect(await listed({ limit: 1, order: 'asc' })).toEqual([0, 1, 2]);
      expect(await listed({ filter: 'failed' })).toEqual([1]);
      const before = await client.vectorStores.files.list(id, { before: ids[0] ?? '', limit: 1 });
      expect([before.data[0]?.id, before.has_more]).toEqual([ids[1], true]);
      await expect(listed({ filter: 'lost' as 'failed' })).rejects.toMatchObject({ status: 400, param: 'filter' });
    }));

  test('a deleted file leaves every store', () =>
    withEmulator([], async ({ client }) => {
      const fileId = await upload(client, 'a.md', 'x');
      const { id } = await client.vectorStores.create({ file_ids: [fileId] });
      await client.files.delete(fileId);
      await expect(client.vectorStores.files.retrieve(fileId, { vector_store_id: id })).rejects.toThrow(OpenAI.NotFoundError);
    }));

  test.each<[string, object, number, string]>([
    ['a file that does not exist', { file_id: 'file-none' }, 404, 'file_id'],
    ['no file', {}, 400, 'file_id'],
    [
      'too many attributes',
      { file_id: 'file-none', attributes: Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`k${index}`, 1])) },
      400,
      'attributes',
    ],
    ['an attribute that is a list', { file_id: 'file-none', attributes: { a: [] } }, 400, 'attributes.a'],
  ])('%s cannot be attached', (_what, body, status, param) =>
    withEmulator([], async ({ client, emulator }) => {
      const { id } = await client.vectorStores.create({});
      const response = await send(emulator, `/vector_stores/${id}/files`, body);
      expect(response.status).toBe(status);
      expect(await response.json()).toMatchObject({ error: { param } });
    }),
  );
});

describe('batches', () => {
  test('a batch that is completed can hide files that failed', () =>
    withEmulator([], async ({ client }) => {
      const { id } = await client.vectorStores.create({});
      const files = [await toFile(Buffer.from('x'), 'a.md'), await toFile(Buffer.from(''), 'b.md')];
      const batch = await client.vectorStores.fileBatches.uploadAndPoll(id, { files }, poll);
      expect(batch).toMatchObject({ status: 'completed', file_counts: { completed: 1, failed: 1, total: 2 } });
      const listed = await collect(
        client.vectorStores.fileBatches.listFiles(batch.id, { vector_store_id: id, filter: 'failed' }),
      );
      expect(listed).toMatchObject([{ last_error: { code: 'invalid_file' } }]);
    }));

  test('files of a batch share its attributes, or bring their own', () =>
    withEmulator([], async ({ client }) => {
      const { id } = await client.vectorStores.create({});
      const [first, second] = [await upload(client, 'a.md', 'x'), await upload(client, 'b.md', 'y')];
      await client.vectorStores.fileBatches.createAndPoll(id, { file_ids: [first], attributes: { team: 'sre' } }, poll);
      await client.vectorStores.fileBatches.createAndPoll(
        id,
        { files: [{ file_id: second, attributes: { team: 'db' } }], attributes: { team: 'sre' } },
        poll,
      );
      const files = await collect(client.vectorStores.files.list(id, { order: 'asc' }));
      expect(files.map(({ attributes }) => attributes)).toEqual([{ team: 'sre' }, { team: 'db' }]);
    }));

  test('a batch that is at work can be cancelled, and its files stay cancelled', () =>
    withEmulator({ latencyMs: 40 }, async ({ client }) => {
      const { id } = await client.vectorStores.create({});
      const [first, second] = [await upload(client, 'a.md', 'x'), await upload(client, 'b.md', 'y')];
      const batch = await client.vectorStores.fileBatches.create(id, { file_ids: [first] });
      expect(batch).toMatchObject({ status: 'in_progress', file_counts: { in_progress: 1, total: 1 } });
      const cancelled = await client.vectorStores.fileBatches.cancel(batch.id, { vector_store_id: id });
      expect(cancelled).toMatchObject({ status: 'cancelled', file_counts: { cancelled: 1, in_progress: 0, total: 1 } });
      // It began later, so when it is done, the time of the first one is over.
      await client.vectorStores.files.createAndPoll(id, { file_id: second }, poll);
      expect(filesOf(await client.vectorStores.retrieve(id))).toMatchObject({ cancelled: 1, completed: 1, total: 2 });
    }));

  test.each<[string, object, string | null]>([
    ['neither ids nor files', {}, 'file_ids'],
    ['no ids', { file_ids: [] }, 'file_ids'],
    ['more than 2000 ids', { file_ids: Array(2001).fill('file-1') }, 'file_ids'],
    ['both', { file_ids: ['file-1'], files: [{ file_id: 'file-1' }] }, null],
    ['a file without its id', { files: [{ attributes: {} }] }, 'files[0].file_id'],
  ])('%s: refused', (_what, body, param) =>
    withEmulator([], async ({ client, emulator }) => {
      const { id } = await client.vectorStores.create({});
      const response = await send(emulator, `/vector_stores/${id}/file_batches`, body);
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ error: { param } });
    }),
  );
});
