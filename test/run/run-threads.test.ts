import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { RunThreads } from '../../src/run/run-threads.ts';

test('a store that cannot be opened fails the step that asks for it, not the end of the run; once it can be, it is', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'run-threads-'));
  const file = join(folder, 'threads.db');
  writeFileSync(file, 'This is no database, and it is long enough to look like a file of one at first sight.'.repeat(20));
  const threads = new RunThreads({ threads: file, locks: ':memory:' });
  const access = threads.accessOf('run-1');
  await expect(access.store()).rejects.toMatchObject({ code: 'invalid_config' });
  await expect(threads.close()).resolves.toBeUndefined();
  rmSync(file);
  expect((await access.store()).list({})).toEqual([]);
  await threads.close();
  rmSync(folder, { recursive: true });
});
