import { expect, test } from '@jest/globals';
import type { JsonObject } from 'threadline/provider';
import { bytesOf, failureOf, withServer } from '../knowledge/test-file-server.ts';
import { runAssistant } from '../testing/test-assistant.ts';
import { operate } from './test-operations.ts';

const files = {
  'runbooks/disk.md': bytesOf('Clean the disk.'),
  'runbooks/values.yaml': bytesOf('replicas: 3'),
  'image.png': new Uint8Array([0x89, 0]),
};

const counts = (completed: number, failed = 0) => ({
  in_progress: 0,
  completed,
  failed,
  cancelled: 0,
  total: completed + failed,
});

test('I8 I9: a step makes a vector store of files, and says what cannot be searched', () =>
  withServer(async (setup) => {
    const paths = ['runbooks/*', 'image.png'];
    const made = await operate(
      setup,
      { operation: 'create_vector_store', name: 'runbooks', paths, expires_after: '7d' },
      { files },
    );
    expect(made).toEqual({
      vector_store_id: expect.stringMatching(/^vs_/),
      file_counts: counts(2),
      failed: [{ file_id: null, filename: 'image.png', code: 'unsupported_file', message: expect.stringContaining('image.png') }],
    });
    const created = setup.emulator.requests.find(({ path }) => path === '/vector_stores');
    expect(created?.body).toEqual({ name: 'runbooks', expires_after: { anchor: 'last_active_at', days: 7 } });
  }));

test('I8 I9: an empty store gets files later: uploaded before, or from the disk', () =>
  withServer(async (setup) => {
    const { vector_store_id, ...rest } = await operate(setup, { operation: 'create_vector_store', metadata: { team: 'core' } });
    expect(rest).toEqual({ file_counts: counts(0), failed: [] });
    const store = { operation: 'add_to_vector_store', vector_store_id: String(vector_store_id) } as const;
    const { file_ids } = await operate(setup, { operation: 'upload', path: 'runbooks/disk.md' }, { files });
    expect(await operate(setup, { ...store, file_ids: file_ids as string[] })).toMatchObject({ file_counts: counts(1) });
    const chunking = { size: 100, overlap: 10 };
    expect(await operate(setup, { ...store, paths: ['runbooks/*.yaml'], chunking }, { files })).toMatchObject({
      file_counts: counts(2),
    });
  }));

test('A12: what a step put into a store, a later one searches', () =>
  withServer(
    async (setup) => {
      const { vector_store_id } = await operate(setup, { operation: 'create_vector_store', paths: ['runbooks/*.md'] }, { files });
      const tools = [{ type: 'file_search' as const, vector_store_ids: [String(vector_store_id)] }];
      const answer = await runAssistant({ prompt: 'What about the disk?', tools }, { config: setup.config });
      expect(answer.annotations).toMatchObject([{ type: 'file_citation', filename: 'disk.md' }]);
    },
    { rules: [{ text: 'Clean it.', annotations: [{ type: 'file_citation', filename: 'disk.md' }] }] },
  ));

test('without `wait` the store is still reading', () =>
  withServer(async (setup) => {
    const made = await operate(setup, { operation: 'create_vector_store', paths: ['runbooks/*.md'], wait: false }, { files });
    expect(made).toMatchObject({ failed: [], file_counts: { total: 1 } });
    expect(setup.traffic()).toEqual([
      'POST /files',
      'POST /vector_stores',
      'POST /vector_stores/ID/file_batches',
      'GET /vector_stores/ID',
    ]);
  }));

test('a store whose files are not there leaves nothing behind', () =>
  withServer(async (setup) => {
    const failure = await failureOf(operate(setup, { operation: 'create_vector_store', file_ids: ['file-none'] }));
    expect(failure.code).toBe('not_found');
    const { client } = await setup.open();
    expect((await client.vectorStores.list()).data).toEqual([]);
    await failureOf(operate(setup, { operation: 'create_vector_store', paths: ['none/*'] }));
    expect(setup.traffic().filter((one) => one === 'POST /vector_stores').length).toBe(1);
  }));

test('I10: a store is deleted, with its files where that is wished', () =>
  withServer(async (setup) => {
    const make = () => operate(setup, { operation: 'create_vector_store', paths: ['runbooks/*'] }, { files });
    const remove = (made: JsonObject, with_files: boolean) =>
      operate(setup, { operation: 'delete_vector_store', vector_store_id: String(made.vector_store_id), with_files });
    const one = await make();
    expect(await remove(one, false)).toEqual({ vector_store_id: one.vector_store_id, deleted: true, files_deleted: 0 });
    expect(await remove(one, false)).toEqual({ vector_store_id: one.vector_store_id, deleted: false, files_deleted: 0 });
    expect(await remove(await make(), true)).toMatchObject({ deleted: true, files_deleted: 2 });
    expect((await (await setup.open()).client.files.list()).data).toEqual([]);
  }));
