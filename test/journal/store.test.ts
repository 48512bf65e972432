import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from '@jest/globals';
import { openRunStore } from '../../src/journal/sqlite.ts';
import { folderWith } from '../support/cli.ts';

const start = (id: string) => ({
  id,
  workflow: 'w',
  file: 'w.yml',
  offline: false,
  request: { inputs: {} },
  sources: { 'w.yml': 'text' },
  seal: 'seal',
});
const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3, cost_usd: null };
const end = { status: 'succeeded', atMs: 2000, error: null, outputs: { a: 1 }, usage } as const;
const newFile = () => join(folderWith({}), 'runs.db');

describe('the run store', () => {
  test('has the start and the end of runs, latest first', async () => {
    const store = openRunStore(newFile());
    for (const id of ['r1', 'r2', 'r3']) await store.create(start(id), 1000).end(end);
    expect(store.list({ limit: 2 }).map(({ id }) => id)).toEqual(['r3', 'r2']);
    expect(store.list({ before: 'r2' }).map(({ id }) => id)).toEqual(['r1']);
    expect(store.list({ workflow: 'other' })).toEqual([]);
    expect(store.get('r2')).toMatchObject({ status: 'succeeded', outputs: { a: 1 }, usage, sources: { 'w.yml': 'text' } });
    store.close();
  });

  test('tokens that no server told are unknown, not 0', async () => {
    const store = openRunStore(newFile());
    const unknown = { prompt_tokens: null, completion_tokens: null, total_tokens: null, cost_usd: null };
    await store.create(start('r1'), 1000).end({ ...end, usage: unknown });
    expect(store.get('r1')?.usage).toEqual(unknown);
    store.close();
  });

  test('a run is executed by one process; another one is refused until the first is dead', () => {
    const file = newFile();
    const [one, other] = [openRunStore(file), openRunStore(file)];
    one.create(start('r1'), 1000);
    expect(other.list({ status: 'running' })).toHaveLength(1);
    expect(() => other.take('r1', {})).toThrow(expect.objectContaining({ code: 'run_busy' }));
    one.close();
    expect(other.list({ status: 'interrupted' })).toHaveLength(1);
    other.take('r1', {});
    expect(other.list({ status: 'interrupted' })).toEqual([]);
    other.close();
  });

  test('a run resumes after a failed write that left a gap', async () => {
    const file = newFile();
    const entry = (path: string) => ({ kind: 'kept', path, atMs: 1, data: path }) as const;
    const store = openRunStore(file);
    const held = store.create(start('r1'), 1000);
    for (const path of ['a', 'b', 'c']) await held.append(entry(path));
    held.release(usage);
    const database = new DatabaseSync(file);
    database.exec('DELETE FROM entries WHERE position = 1');
    database.close();
    await store.take('r1', {}).append(entry('d'));
    expect(store.entries('r1').map(({ path }) => path)).toEqual(['a', 'c', 'd']);
    store.close();
  });

  test('only a copy that no process has executed can be discarded', () => {
    const store = openRunStore(newFile());
    store.create(start('r1'), 1000).release(usage);
    for (const id of ['untaken', 'taken']) store.copy('r1', id, [], 1000);
    store.take('taken', {}).release(usage);
    for (const id of ['r1', 'untaken', 'taken']) store.discard(id);
    expect(store.list({ limit: 9, status: 'interrupted' }).map(({ id }) => id)).toEqual(['taken', 'r1']);
    store.close();
  });

  test('a process that was silent for too long and lost its run writes nothing more', async () => {
    const file = newFile();
    const [one, other] = [openRunStore(file), openRunStore(file)];
    const held = one.create(start('r1'), 1000);
    await held.append({ kind: 'kept', path: 'a', atMs: 1, data: 1 });
    const database = new DatabaseSync(file);
    database.exec('UPDATE owners SET until = 0');
    const taken = other.take('r1', {});
    expect(taken.entries).toHaveLength(1);
    await expect(held.append({ kind: 'kept', path: 'b', atMs: 2, data: 2 })).rejects.toMatchObject({ code: 'lock_lost' });
    expect(held.cancelled.aborted).toBe(true);
    await taken.append({ kind: 'kept', path: 'b', atMs: 3, data: 3 });
    expect(other.entries('r1').map(({ data }) => data)).toEqual([1, 3]);
    database.close();
    one.close();
    other.close();
  });

  test('a run is aborted when another process asks to cancel it', async () => {
    const file = newFile();
    const [one, other] = [openRunStore(file), openRunStore(file)];
    const held = one.create(start('r1'), 1000);
    const heard = new Promise((resolve) => held.cancelled.addEventListener('abort', resolve));
    expect(other.cancel('r1', 2000)).toBe('asked');
    await heard;
    expect(held.cancelled.reason).toMatchObject({ code: 'cancelled' });
    one.close();
    expect(other.cancel('r1', 3000)).toBe('cancelled');
    expect(() => other.cancel('r1', 3000)).toThrow(expect.objectContaining({ code: 'run_ended' }));
    other.close();
  });

  test('a run is not suspended if its signal is there', () => {
    const file = newFile();
    const store = openRunStore(file);
    const held = store.create(start('r1'), 1000);
    store.send('r1', 'go', 1, 1500);
    expect(held.suspend({ names: ['go'], wakeAtMs: undefined, usage })).toBe(false);
    expect(held.signal('go', 'w')).toBe(1);
    expect(held.suspend({ names: ['go'], wakeAtMs: 5000, usage })).toBe(true);
    expect(store.list({ status: 'waiting' })).toMatchObject([{ waitsFor: ['go'], wakeAtMs: 5000, usage }]);
    store.close();
  });

  test('old runs are pruned with all their data; runs in progress stay', async () => {
    const file = newFile();
    const store = openRunStore(file);
    const old = store.create(start('old'), 1000);
    await old.append({ kind: 'kept', path: 'a', atMs: 1, data: 'x'.repeat(100_000) });
    await old.end(end);
    store.create(start('new'), 1000);
    expect(readdirSync(join(file, '../results'))).toHaveLength(1);
    expect(store.prune(3000)).toBe(1);
    expect(store.get('old')).toBeUndefined();
    expect(store.get('new')).toBeDefined();
    store.close();
    const database = new DatabaseSync(file);
    expect(database.prepare('SELECT count(*) AS n FROM entries').get()).toEqual({ n: 0 });
    database.close();
  });

  test('a run has the text of its workflow although another process has pruned it meanwhile', async () => {
    const file = newFile();
    const [one, other] = [openRunStore(file), openRunStore(file)];
    await one.create(start('old'), 1000).end(end);
    expect(other.prune(3000)).toBe(1);
    one.create(start('new'), 4000);
    expect(one.get('new')?.sources).toEqual({ 'w.yml': 'text' });
    one.close();
    other.close();
  });

  test('a file of a newer Threadline is refused and not changed', () => {
    const file = newFile();
    openRunStore(file).close();
    const database = new DatabaseSync(file);
    database.exec('PRAGMA user_version = 99');
    database.close();
    expect(() => openRunStore(file)).toThrow(/version 99/);
    expect(existsSync(file)).toBe(true);
  });

  test('long lists are read by an index', () => {
    const file = newFile();
    openRunStore(file).close();
    const database = new DatabaseSync(file);
    const plan = (where: string) =>
      JSON.stringify(database.prepare(`EXPLAIN QUERY PLAN SELECT id FROM runs ${where} ORDER BY number DESC LIMIT 20`).all());
    expect(plan("WHERE workflow = 'w'")).toContain('runs_by_workflow');
    expect(plan("WHERE status = 'failed'")).toContain('runs_by_status');
    for (const where of ['', "WHERE workflow = 'w'", "WHERE status = 'failed'"]) expect(plan(where)).not.toContain('TEMP B-TREE');
    database.close();
  });
});
