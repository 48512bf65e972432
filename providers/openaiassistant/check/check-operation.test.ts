import { expect, test } from '@jest/globals';
import type { JsonObject } from 'threadline/provider';
import { OPERATIONS } from '../contract/operation-schema.ts';
import { checkOperation } from './check-operation.ts';

test.each<JsonObject>([
  { prompt: 'Hi' },
  { operation: 'ask', prompt: 'Hi', thread_id: 't', metadata: {}, timeout: '1m' },
  { operation: 'upload', path: 'a.md', name: 'b.md', purpose: 'vision', expires_after: '1h', timeout: '1m' },
  { operation: 'upload', data: 'x', name: 'a.txt' },
  { operation: 'upload', paths: ['a', 'b'] },
  { operation: 'delete_file', file_id: 'f' },
  { operation: 'create_vector_store' },
  { operation: 'create_vector_store', name: 'n', paths: ['a'], file_ids: ['f'], wait: false, metadata: {} },
  { operation: 'add_to_vector_store', vector_store_id: 'v', file_ids: ['f'] },
  { operation: 'delete_vector_store', vector_store_id: 'v', with_files: true },
  { operation: 'list_threads', tenant: 't', metadata: {}, limit: 5 },
  { operation: 'delete_thread', key: 'k' },
  { operation: 'get_messages', thread_id: 't', limit: 5, order: 'desc' },
  { operation: 'update_thread_metadata', thread_id: 't', metadata: {} },
  { operation: '{{ inputs.operation }}', path: 'a' },
  { operation: 'unknown' },
])('%j is complete', (params) => {
  expect(checkOperation(params)).toEqual([]);
});

test.each<[JsonObject, string]>([
  [{ operation: 'upload' }, '`operation: upload` needs `path` or `paths` or `data`'],
  [{ operation: 'upload', path: 'a', paths: ['b'] }, 'only one of `path` or `paths` or `data` can be given'],
  [{ operation: 'upload', data: 'x' }, '`data` needs a `name`'],
  [{ operation: 'upload', paths: ['a'], name: 'b' }, '`name` is for one file'],
  [{ operation: 'upload', path: 'a', prompt: 'Hi' }, '`prompt` means nothing to `operation: upload`'],
  [{ operation: 'delete_file' }, '`operation: delete_file` needs `file_id`'],
  [{ operation: 'add_to_vector_store', file_ids: ['f'] }, '`operation: add_to_vector_store` needs `vector_store_id`'],
  [{ operation: 'add_to_vector_store', vector_store_id: 'v' }, '`operation: add_to_vector_store` needs `file_ids` or `paths`'],
  [{ operation: 'delete_vector_store' }, '`operation: delete_vector_store` needs `vector_store_id`'],
  [{ operation: 'delete_thread' }, '`operation: delete_thread` needs `thread_id` or `key`'],
  [{ operation: 'get_messages', key: 'k', thread_id: 't' }, 'only one of `thread_id` or `key` can be given'],
  [{ operation: 'update_thread_metadata', key: 'k' }, '`operation: update_thread_metadata` needs `metadata`'],
])('%j is a mistake', (params, message) => {
  expect(checkOperation(params)).toMatchObject([{ message }]);
});

test('a key of an operation in a question says where it belongs', () => {
  expect(checkOperation({ prompt: 'Hi', vector_store_id: 'v' })).toEqual([
    {
      path: ['vector_store_id'],
      part: 'key',
      message: '`vector_store_id` means nothing to `operation: ask`',
      hint: 'It belongs to `operation: add_to_vector_store`, `operation: delete_vector_store`.',
    },
  ]);
});

test('every operation is told from its keys alone', () => {
  expect(Object.keys(OPERATIONS).length).toBe(9);
  for (const operation of Object.keys(OPERATIONS))
    expect(checkOperation({ operation, model: 'm' })).toContainEqual(expect.objectContaining({ path: ['model'] }));
});
