import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { Holder } from '../../src/locks/lease-table.ts';
import { openLeaseTable } from '../../src/locks/sqlite.ts';
import { describeLeases } from '../contract/leases.ts';
import { folderWith } from '../support/cli.ts';

describeLeases('SQLite', () => openLeaseTable(':memory:'));

const holder = (runId: string): Holder => ({ runId, token: `token of ${runId}` });

test('a file of leases does not contain the keys themselves', () => {
  const file = join(folderWith({}), 'locks.db');
  const leases = openLeaseTable(file);
  leases.take('tenant-4711', holder('a'), 0, 100);
  leases.enqueue('tenant-4711', holder('b'), 100);
  leases.close();
  expect(readFileSync(file, 'latin1')).not.toContain('4711');
});

test('the keys of a run whose process is dead are released at once, with those of the runs that it called', () => {
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
