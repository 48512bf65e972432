import { expect, test } from '@jest/globals';
import type { JsonObject } from 'threadline/provider';
import type { ThreadItem, ThreadStore } from 'threadline/runtime';
import { attach } from '../knowledge/attachments.ts';
import { bytesOf, failureOf, type Setup, withServer } from '../knowledge/test-file-server.ts';
import { serve } from '../testing/test-assistant.ts';
import { operate } from './test-operations.ts';

const message = (role: string, text: string, more: JsonObject = {}): ThreadItem => ({
  type: 'message',
  role,
  parts: [{ type: 'text', text }],
  ...more,
});
const ITEMS = [
  message('user', 'Why?'),
  { type: 'tool_call', callId: 'c1', name: 'look', arguments: '{}' } as ThreadItem,
  message('assistant', 'Because.', { id: 'msg_1', runId: 'resp_1' }),
];

interface Kept {
  setup: Setup;
  store: ThreadStore;
  /** The thread's conversation at the server. */
  conversationId: string;
}

/** A thread `thr_1` with the key `db-1`, which has a conversation at the server. */
const withThread = (work: (kept: Kept) => Promise<void>) =>
  withServer(async (setup) => {
    const server = await setup.open();
    const { store } = server;
    const items = [{ type: 'message', role: 'user', content: 'Why?' } as const];
    const { id: conversationId } = await server.client.conversations.create({ items });
    store.create({ id: 'thr_1', tenant: 'triage', key: { name: 'db-1', workflow: 'triage' }, metadata: { team: 'sre' } }, 1000);
    store.append('thr_1', ITEMS, 2000);
    store.setRemote('thr_1', `${new URL(setup.emulator.url).host}/responses`, { id: conversationId, synced: 3 });
    setup.traffic();
    await work({ setup, store, conversationId });
  });

test('T10: threads are listed for a tenant, by default the workflow, and by metadata', () =>
  withThread(async ({ setup, store }) => {
    store.create({ id: 'thr_2', tenant: 'triage', metadata: { team: 'db' }, expiresAtMs: 9000 }, 3000);
    store.create({ id: 'thr_3', tenant: 'other' }, 4000);
    const list = (more: JsonObject = {}) => operate(setup, { operation: 'list_threads', ...more });
    expect(await list()).toEqual({
      count: 2,
      threads: [
        {
          thread_id: 'thr_2',
          key: null,
          scope: null,
          tenant: 'triage',
          metadata: { team: 'db' },
          created_at: '1970-01-01T00:00:03.000Z',
          last_used_at: '1970-01-01T00:00:03.000Z',
          expires_at: '1970-01-01T00:00:09.000Z',
        },
        expect.objectContaining({ thread_id: 'thr_1', key: 'db-1', scope: 'workflow', expires_at: null }),
      ],
    });
    expect(await list({ metadata: { team: 'sre' } })).toMatchObject({ threads: [{ thread_id: 'thr_1' }], count: 1 });
    expect(await list({ tenant: 'other' })).toMatchObject({ threads: [{ thread_id: 'thr_3' }] });
    expect(await list({ limit: 1 })).toMatchObject({ threads: [{ thread_id: 'thr_2' }], count: 1 });
    expect(setup.traffic()).toEqual([]);
  }));

test.each(['thread_id', 'key', 'remote id'])('T12: all messages of a thread are returned, by its %s', (how) =>
  withThread(async ({ setup, conversationId }) => {
    const names: Record<string, JsonObject> = {
      thread_id: { thread_id: 'thr_1' },
      key: { key: 'db-1' },
      'remote id': { thread_id: conversationId },
    };
    const question = {
      id: null,
      role: 'user',
      text: 'Why?',
      content: 'Why?',
      run_id: null,
      created_at: '1970-01-01T00:00:02.000Z',
    };
    const answer = {
      id: 'msg_1',
      role: 'assistant',
      text: 'Because.',
      content: 'Because.',
      run_id: 'resp_1',
      created_at: '1970-01-01T00:00:02.000Z',
    };
    const get = (more: JsonObject = {}) => operate(setup, { operation: 'get_messages', ...names[how], ...more });
    expect(await get()).toEqual({ thread_id: 'thr_1', key: 'db-1', messages: [question, answer], count: 2 });
    expect(await get({ order: 'desc', limit: 1 })).toMatchObject({ messages: [answer], count: 1 });
  }),
);

test('T12: of a conversation that was begun elsewhere, the server is asked', () =>
  withServer(async (setup) => {
    const { client } = await setup.open();
    const items = [{ type: 'message', role: 'user', content: 'Hello' } as const];
    const { id } = await client.conversations.create({ items });
    expect(await operate(setup, { operation: 'get_messages', thread_id: id })).toMatchObject({
      thread_id: id,
      messages: [{ role: 'user', text: 'Hello', created_at: null }],
    });
    const failure = await failureOf(operate(setup, { operation: 'get_messages', thread_id: 'conv_none' }));
    expect(failure.code).toBe('thread_not_found');
  }));

test.each([{ thread_id: 'thr_none' }, { key: 'none' }])('T12: an unknown thread %j has no messages and no metadata', (name) =>
  withServer(async (setup) => {
    const of = (params: JsonObject) => failureOf(operate(setup, { ...params, ...name }));
    expect((await of({ operation: 'get_messages' })).code).toBe('thread_not_found');
    expect((await of({ operation: 'update_thread_metadata', metadata: { a: 'b' } })).code).toBe('thread_not_found');
  }),
);

test('a key is sought among the keys of the workflow, and among shared ones where `scope` says so', () =>
  withThread(async ({ setup, store }) => {
    store.create({ id: 'thr_2', tenant: 'other', key: { name: 'db-1', workflow: 'other' } }, 1);
    store.create({ id: 'thr_3', tenant: 'other', key: { name: 'db-1', workflow: null } }, 1);
    const get = (more: JsonObject = {}) => operate(setup, { operation: 'get_messages', key: 'db-1', ...more });
    expect(await get()).toMatchObject({ thread_id: 'thr_1' });
    expect(await get({ scope: 'shared' })).toMatchObject({ thread_id: 'thr_3', count: 0 });
    await operate(setup, { operation: 'delete_thread', key: 'db-1' });
    expect(['thr_1', 'thr_2', 'thr_3'].map((id) => store.get(id)?.id)).toEqual([undefined, 'thr_2', 'thr_3']);
    const failure = await failureOf(get());
    expect(failure).toMatchObject({ code: 'thread_not_found', hint: expect.stringContaining('`scope: shared`') });
    const misplaced = operate(setup, { operation: 'get_messages', thread_id: 'thr_2', scope: 'shared' });
    expect((await failureOf(misplaced)).message).toBe('`scope` is about a `key`.');
  }));

test('T9: metadata is added to, here and at the server', () =>
  withThread(async ({ setup, conversationId }) => {
    const metadata = { status: 'resolved' };
    expect(await operate(setup, { operation: 'update_thread_metadata', key: 'db-1', metadata })).toMatchObject({
      thread_id: 'thr_1',
      metadata: { team: 'sre', status: 'resolved' },
    });
    const { client } = await setup.open();
    expect(await client.conversations.retrieve(conversationId)).toMatchObject({ metadata: { team: 'sre', status: 'resolved' } });
    expect(await operate(setup, { operation: 'list_threads', metadata })).toMatchObject({ count: 1 });
    const many = Object.fromEntries(Array.from({ length: 15 }, (_, at) => [`k${at}`, 'v']));
    const failure = await failureOf(operate(setup, { operation: 'update_thread_metadata', key: 'db-1', metadata: many }));
    expect(failure).toMatchObject({ code: 'invalid_params', message: expect.stringContaining('16') });
  }));

test('T8: a thread is deleted at its server, item by item, with what was attached to it, and here', () =>
  withThread(async ({ setup, store, conversationId }) => {
    const server = await setup.open({ files: { 'a.md': bytesOf('text') } });
    await attach(server, [{ path: 'a.md', tools: ['file_search'] }], 'thr_1');
    setup.traffic();
    expect(await operate(setup, { operation: 'delete_thread', key: 'db-1' })).toEqual({
      thread_id: 'thr_1',
      key: 'db-1',
      deleted: true,
      left: [],
    });
    expect(setup.traffic()).toEqual([
      'GET /conversations/ID/items',
      'DELETE /conversations/ID/items/ID',
      'DELETE /conversations/ID',
      'DELETE /vector_stores/ID',
    ]);
    expect(store.get('thr_1')).toBeUndefined();
    await expect(server.client.conversations.retrieve(conversationId)).rejects.toThrow('404');
    expect(await operate(setup, { operation: 'delete_thread', key: 'db-1' })).toMatchObject({ deleted: false });
  }));

test('T8: a thread that the server has lost is deleted here', () =>
  withThread(async ({ setup, store, conversationId }) => {
    await (await setup.open()).client.conversations.delete(conversationId);
    expect(await operate(setup, { operation: 'delete_thread', thread_id: 'thr_1' })).toMatchObject({ deleted: true });
    expect(store.get('thr_1')).toBeUndefined();
  }));

test('T8: a conversation that our store never had is deleted by its id', () =>
  withServer(async (setup) => {
    const { client } = await setup.open();
    const { id } = await client.conversations.create();
    expect(await operate(setup, { operation: 'delete_thread', thread_id: id })).toEqual({
      thread_id: id,
      key: null,
      deleted: true,
      left: [],
    });
    await expect(client.conversations.retrieve(id)).rejects.toThrow('404');
    expect(await operate(setup, { operation: 'delete_thread', thread_id: id })).toMatchObject({ deleted: false });
  }));

test('T8: a copy at another server is told, and deleted with the configuration of that one', () =>
  withThread(async ({ setup, store }) => {
    const requests: string[] = [];
    const base_url = await serve((request, response) => {
      requests.push(`${request.method} ${request.url} ${request.headers['openai-beta']}`);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"deleted":true}');
    });
    const remoteKey = `${new URL(base_url).host}/assistants`;
    store.setRemote('thr_1', remoteKey, { id: 'thread_1', synced: 3 });
    const remove = (config?: JsonObject) => operate(setup, { operation: 'delete_thread', key: 'db-1' }, config ? { config } : {});
    expect(await remove()).toMatchObject({ thread_id: 'thr_1', deleted: false, left: [remoteKey] });
    expect(store.items('thr_1')).toEqual([]);
    expect(requests).toEqual([]);
    expect(await remove({ base_url })).toMatchObject({ thread_id: 'thr_1', deleted: true, left: [] });
    expect(requests).toEqual(['DELETE /v1/threads/thread_1 assistants=v2']);
    expect(store.get('thr_1')).toBeUndefined();
  }));

test.each([404, 405])('T8: a server that answers %i keeps nothing', (status) =>
  withThread(async ({ setup, store }) => {
    const base_url = await serve((_, response) => response.writeHead(status).end());
    store.create({ id: 'thr_2', tenant: 'triage' }, 1);
    store.setRemote('thr_2', `${new URL(base_url).host}/assistants`, { id: 'thread_2', synced: 1 });
    store.setRemote('thr_2', `${new URL(base_url).host}/responses`, { id: 'conv_2', synced: 1 });
    const deleted = await operate(setup, { operation: 'delete_thread', thread_id: 'thr_2' }, { config: { base_url } });
    expect(deleted).toMatchObject({ deleted: true });
  }),
);

test('T8: a server that fails keeps the thread here, so that it can be deleted again', () =>
  withThread(async ({ setup, store }) => {
    const base_url = await serve((_, response) => response.writeHead(500).end());
    store.setRemote('thr_1', `${new URL(base_url).host}/assistants`, { id: 'thread_1', synced: 1 });
    const running = operate(setup, { operation: 'delete_thread', thread_id: 'thr_1' }, { config: { base_url } });
    expect(await failureOf(running)).toMatchObject({ code: 'server_error', retryable: true });
    expect(store.items('thr_1').length).toBe(3);
  }));
