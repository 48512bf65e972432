import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { openDatabase } from '../../src/database/sqlite.ts';
import { MIGRATIONS } from '../../src/threads/migrations.ts';
import { openThreadStore } from '../../src/threads/sqlite.ts';
import type { ThreadItem, ThreadKey, ThreadSnapshot, ThreadStore } from '../../src/threads/store.ts';

const newFile = () => join(mkdtempSync(join(tmpdir(), 'threads-')), 'state', 'threads.db');
const message = (text: string): ThreadItem => ({ type: 'message', role: 'user', parts: [{ type: 'text', text }] });
const tenant = 'triage';
const own = (name: string, workflow: string | null = tenant): ThreadKey => ({ name, workflow });

test('T6: a key leads to its thread and its items after a restart', () => {
  const file = newFile();
  const before = openThreadStore(file);
  before.create({ id: 'thr_1', tenant, key: own('host:db-1') }, 1000);
  before.append('thr_1', [message('a'), message('b')], 1001);
  before.append('thr_1', [message('c')], 1002);
  before.close();
  const after = openThreadStore(file);
  expect(after.byKey(own('host:db-1'), 2000)?.id).toBe('thr_1');
  expect(after.items('thr_1').map(({ item, atMs }) => [(item.parts as { text: string }[])[0]?.text, atMs])).toEqual([
    ['a', 1001],
    ['b', 1001],
    ['c', 1002],
  ]);
  after.close();
});

test('two processes share one store', () => {
  const file = newFile();
  const [one, other] = [openThreadStore(file), openThreadStore(file)];
  one.create({ id: 'thr_1', tenant, key: own('k') }, 1);
  other.append('thr_1', [message('from the other')], 2);
  expect(one.items('thr_1')).toHaveLength(1);
  expect(other.byKey(own('k'), 3)).toEqual(one.get('thr_1'));
  one.close();
  other.close();
});

test('a key has one thread; an expired one leads nowhere', () => {
  const store = openThreadStore(':memory:');
  store.create({ id: 'old', tenant, key: own('k'), expiresAtMs: 100 }, 1);
  expect(store.byKey(own('k'), 99)?.id).toBe('old');
  expect(store.byKey(own('k'), 100)).toBeUndefined();
  store.create({ id: 'new', tenant, key: own('k') }, 100);
  expect(store.byKey(own('k'), 101)?.id).toBe('new');
  expect(store.get('old')).toMatchObject({ key: null });
  store.touch('new', 200, 300);
  expect(store.byKey(own('k'), 300)).toBeUndefined();
});

test('a key belongs to its workflow, or to all that share it', () => {
  const store = openThreadStore(':memory:');
  store.create({ id: 'mine', tenant, key: own('db-1') }, 1);
  store.create({ id: 'theirs', tenant: 'other', key: own('db-1', 'other') }, 2);
  store.create({ id: 'all', tenant, key: own('db-1', null) }, 3);
  const found = [own('db-1'), own('db-1', 'other'), own('db-1', null), own('db-1', 'third')].map(
    (key) => store.byKey(key, 9)?.id,
  );
  expect(found).toEqual(['mine', 'theirs', 'all', undefined]);
  expect(store.list({ key: 'db-1' }).map(({ key }) => key?.workflow)).toEqual([null, 'other', tenant]);
  store.create({ id: 'newer', tenant, key: own('db-1') }, 4);
  expect([store.get('mine')?.key, store.get('theirs')?.key, store.byKey(own('db-1'), 9)?.id]).toEqual([
    null,
    own('db-1', 'other'),
    'newer',
  ]);
});

test('a key of a store of before belongs to the workflow that began its thread; what was said stays', () => {
  const file = newFile();
  const before = openDatabase(file, MIGRATIONS.slice(0, 1));
  before.run(
    "INSERT INTO threads (id, key, tenant, metadata, created_at, last_used_at) VALUES ('thr_1', 'db-1', 'triage', '{}', 1, 1)",
  );
  before.run(`INSERT INTO items (thread, position, at, body) VALUES ('thr_1', 0, 1, '${JSON.stringify(message('a'))}')`);
  before.close();
  const store = openThreadStore(file);
  expect(store.byKey(own('db-1'), 2)).toMatchObject({ id: 'thr_1', key: own('db-1') });
  expect(store.byKey(own('db-1', 'other'), 2)).toBeUndefined();
  expect(store.items('thr_1').map(({ item }) => item)).toEqual([message('a')]);
  store.close();
});

test('T10: lists the threads of a tenant, or with certain metadata, most recently used first', () => {
  const store = openThreadStore(':memory:');
  store.create({ id: 'a', tenant, metadata: { team: 'sre', "odd'key": 'x' } }, 1);
  store.create({ id: 'b', tenant, metadata: { team: 'db' } }, 2);
  store.create({ id: 'c', tenant: 'other', metadata: { team: 'sre' } }, 3);
  store.touch('a', 9);
  const ids = (filter: Parameters<typeof store.list>[0]) => store.list(filter).map(({ id }) => id);
  expect(ids({})).toEqual(['a', 'c', 'b']);
  expect(ids({ tenant })).toEqual(['a', 'b']);
  expect(ids({ metadata: { team: 'sre' } })).toEqual(['a', 'c']);
  expect(ids({ tenant, metadata: { team: 'sre', "odd'key": 'x' } })).toEqual(['a']);
  expect(ids({ limit: 1 })).toEqual(['a']);
});

test('T9: metadata is replaced, and threads are found by the new metadata', () => {
  const store = openThreadStore(':memory:');
  store.create({ id: 'a', tenant, metadata: { status: 'open', team: 'sre' } }, 1);
  store.setMetadata('a', { status: 'closed' });
  expect(store.get('a')?.metadata).toEqual({ status: 'closed' });
  expect(store.list({ metadata: { status: 'open' } })).toEqual([]);
  expect(store.list({ metadata: { status: 'closed' } }).length).toBe(1);
});

test('T8: deleting a thread deletes everything of it', () => {
  const store = openThreadStore(':memory:');
  store.create({ id: 'a', tenant, key: own('k') }, 1);
  store.append('a', [message('x')], 1);
  store.setRemote('a', 'api.openai.com/responses', { id: 'conv_1', synced: 1 });
  expect(store.byRemoteId('conv_1')?.id).toBe('a');
  expect(store.delete('a')).toBe(true);
  expect(store.delete('a')).toBe(false);
  expect([store.items('a'), store.remotes('a'), store.byKey(own('k'), 2)]).toEqual([[], [], undefined]);
});

test('stores the remote ids of threads and files, and their expiry', () => {
  const store = openThreadStore(':memory:');
  store.create({ id: 'a', tenant }, 1);
  store.setRemote('a', 'one', { id: 'conv_1', synced: 0 });
  store.setRemote('a', 'one', { id: 'conv_1', synced: 4 });
  store.setRemote('a', 'two', { id: 'thread_9', synced: 2 });
  expect(store.remotes('a').map(({ place, remote }) => [place, remote.id, remote.synced])).toEqual([
    ['one', 'conv_1', 4],
    ['two', 'thread_9', 2],
  ]);
  store.forgetRemote('a', 'one');
  expect(store.remote('a', 'one')).toBeUndefined();
  const object = { id: 'file-1', data: { bytes: 3 }, createdAtMs: 1, expiresAtMs: 50 };
  store.setObject('one', 'file', 'sha', object);
  expect(store.object('one', 'file', 'sha', 49)).toMatchObject(object);
  expect([store.object('one', 'file', 'sha', 50), store.object('two', 'file', 'sha', 1)]).toEqual([undefined, undefined]);
  expect(store.objects('one', 'file')).toEqual([{ key: 'sha', ...object }]);
  store.forgetObject('one', 'file', 'sha');
  expect(store.objects('one', 'file')).toEqual([]);
});

test('items can be replaced from a position on', () => {
  const store = openThreadStore(':memory:');
  store.create({ id: 'a', tenant }, 1);
  store.append('a', [message('a'), message('b'), message('c')], 1);
  store.replaceFrom('a', 1, [{ item: message('B'), atMs: 2 }]);
  expect(store.items('a').map(({ item }) => item)).toEqual([message('a'), message('B')]);
});

describe('a snapshot of a thread', () => {
  const textsAt = (store: ThreadStore, snapshot: ThreadSnapshot) =>
    store.itemsAt(snapshot)?.map(({ item }) => (item.parts as { text: string }[])[0]?.text);
  const at2 = (...texts: string[]) => texts.map((text) => ({ item: message(text), atMs: 2 }));

  test('stays what it was, whatever is appended or replaced afterwards', () => {
    const store = openThreadStore(':memory:');
    store.create({ id: 'a', tenant }, 1);
    expect(textsAt(store, store.snapshot('a'))).toEqual([]);
    store.append('a', [message('a'), message('b'), message('c')], 1);
    const first = store.snapshot('a');
    store.append('a', [message('d')], 1);
    store.replaceFrom('a', 2, at2('C', 'D', 'E'));
    const second = store.snapshot('a');
    store.replaceFrom('a', 0, at2('1'));
    store.append('a', [message('2'), message('3'), message('4'), message('5'), message('6')], 3);
    expect(textsAt(store, first)).toEqual(['a', 'b', 'c']);
    expect(textsAt(store, second)).toEqual(['a', 'b', 'C', 'D', 'E']);
    expect(textsAt(store, store.snapshot('a'))).toEqual(['1', '2', '3', '4', '5', '6']);
    expect(store.itemsAt(first)?.map(({ atMs }) => atMs)).toEqual([1, 1, 1]);
  });

  test('what nobody refers to is not kept', () => {
    const file = newFile();
    const store = openThreadStore(file);
    store.create({ id: 'a', tenant }, 1);
    store.append('a', [message('a')], 1);
    store.snapshot('a');
    store.append('a', [message('b'), message('c')], 1);
    store.replaceFrom('a', 1, at2('B', 'C'));
    store.close();
    const database = openDatabase(file, MIGRATIONS);
    expect(database.all('SELECT * FROM replaced_items')).toEqual([]);
    database.close();
  });

  test('is gone with its thread, also when another one gets its id', () => {
    const store = openThreadStore(':memory:');
    store.create({ id: 'a', tenant }, 1);
    store.append('a', [message('x')], 1);
    const snapshot = store.snapshot('a');
    store.delete('a');
    expect(store.itemsAt(snapshot)).toBeUndefined();
    store.create({ id: 'a', tenant }, 2);
    store.append('a', [message('y')], 2);
    expect(store.itemsAt(snapshot)).toBeUndefined();
  });

  test('outlives that its thread is emptied and filled again', () => {
    const store = openThreadStore(':memory:');
    store.create({ id: 'a', tenant }, 1);
    store.append('a', [message('x')], 1);
    const snapshot = store.snapshot('a');
    store.replaceFrom('a', 0, []);
    store.append('a', [message('y'), message('z')], 2);
    expect(textsAt(store, snapshot)).toEqual(['x']);
  });
});
