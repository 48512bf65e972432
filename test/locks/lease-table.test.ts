import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Holder, openLeaseTable } from '../../src/locks/lease-table.ts';
import { folderWith } from '../support/cli.ts';

let table: ReturnType<typeof openLeaseTable>;
beforeEach(() => {
  table = openLeaseTable(':memory:');
});
afterEach(() => table.close());

const holder = (runId: string): Holder => ({ runId, token: `token of ${runId}` });
const take = (runId: string, nowMs: number, key = 'k') => table.take(key, holder(runId), nowMs, nowMs + 100);

describe('a key', () => {
  test('is held by one, and says by whom', () => {
    expect(take('a', 0)).toEqual({ taken: true });
    expect(take('b', 50)).toEqual({ taken: false, by: 'a' });
    expect(take('b', 50, 'other')).toEqual({ taken: true });
    table.release('k', holder('a'));
    expect(take('b', 60)).toEqual({ taken: true });
  });

  test('is free when its holder has not renewed it in time, and the late holder learns it', () => {
    take('a', 0);
    expect(table.renew('k', holder('a'), 150)).toEqual({ isThere: true, endFor: undefined });
    expect(take('b', 120)).toEqual({ taken: false, by: 'a' });
    expect(take('b', 151)).toEqual({ taken: true });
    expect(table.renew('k', holder('a'), 300).isThere).toBe(false);
    table.release('k', holder('a'));
    expect(take('c', 160)).toEqual({ taken: false, by: 'b' });
  });

  test('goes to those in line in their order, and past those that died there', () => {
    take('a', 0);
    for (const [runId, until] of [
      ['b', 1000],
      ['c', 20],
      ['d', 1000],
    ] as const)
      table.enqueue('k', holder(runId), until);
    table.release('k', holder('a'));
    expect(take('late', 50)).toEqual({ taken: false, by: 'b' });
    expect(take('d', 50)).toEqual({ taken: false, by: 'b' });
    expect(take('b', 50)).toEqual({ taken: true });
    table.release('k', holder('b'));
    expect(take('d', 60)).toEqual({ taken: true });
  });

  test('tells its holder, and those who stand before in line, for whose sake they should end', () => {
    take('a', 0);
    for (const runId of ['b', 'c', 'd']) table.enqueue('k', holder(runId), 1000);
    table.askToEnd('k', holder('c'));
    const endFor = (runId: string) => table.renew('k', holder(runId), 1000).endFor;
    expect(['a', 'b', 'c', 'd'].map(endFor)).toEqual(['c', 'c', undefined, undefined]);
  });

  test('may have several places; each that is free is for one of those in front', () => {
    const share = (runId: string, nowMs: number) => table.take('k', holder(runId), nowMs, nowMs + 100, 2).taken;
    expect(['a', 'b', 'c'].map((runId) => share(runId, 0))).toEqual([true, true, false]);
    for (const runId of ['d', 'e', 'f']) table.enqueue('k', holder(runId), 1000);
    table.release('k', holder('b'));
    expect(['f', 'e', 'd', 'e'].map((runId) => share(runId, 10))).toEqual([false, false, true, false]);
    // The lease of a has run out; d has the other place.
    expect(['f', 'late', 'e', 'f'].map((runId) => share(runId, 105))).toEqual([false, false, true, false]);
    table.release('k', holder('d'));
    expect(share('f', 106)).toBe(true);
  });

  test('may be any text, of any length', () => {
    const keys = ['', '\u0000', '\u0000a', "'; DROP TABLE leases; --", '__proto__', 'x'.repeat(1_000_000), 'ключ'];
    expect(keys.map((key) => take('a', 0, key))).toEqual(keys.map(() => ({ taken: true })));
    expect(keys.map((key) => take('b', 0, key))).toEqual(keys.map(() => ({ taken: false, by: 'a' })));
  });
});

test('a file of leases does not hold the keys themselves', () => {
  const file = join(folderWith({}), 'locks.db');
  const leases = openLeaseTable(file);
  leases.take('tenant-4711', holder('a'), 0, 100);
  leases.enqueue('tenant-4711', holder('b'), 100);
  leases.close();
  expect(readFileSync(file, 'latin1')).not.toContain('4711');
});

test('what a run held whose process is dead is given back at once, and what those held that it called', () => {
  const table = openLeaseTable(':memory:');
  const holder = (runId: string) => ({ runId, token: crypto.randomUUID() });
  const take = (key: string, runId: string) => table.take(key, holder(runId), 0, 1000) as { taken: boolean };
  for (const [key, runId] of [
    ['a', 'r1'],
    ['b', 'r1/call'],
    ['c', 'r10'],
  ] as const)
    expect(take(key, runId).taken).toBe(true);
  table.releaseRun('r1');
  expect(['a', 'b', 'c'].map((key) => take(key, 'r2').taken)).toEqual([true, true, false]);
  table.close();
});
