import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { openDatabase } from '../../src/database/sqlite.ts';
import { holdLock } from '../../src/locks/lock.ts';
import { openLeaseTable } from '../../src/locks/sqlite.ts';
import { folderWith } from '../support/cli.ts';

const SOURCES = join(import.meta.dirname, '../../src/locks');
const HOLDER = `import { openLeaseTable } from '${SOURCES}/sqlite.ts';
import { holdLock } from '${SOURCES}/lock.ts';
const table = openLeaseTable(process.argv[2]);
await holdLock(table, { key: 'k', runId: 'killed', onBusy: 'queue', signal: new AbortController().signal, onWait() {}, leaseMs: 300 });
process.send('holds');
setInterval(() => undefined, 1000);
`;

test('the key of a process that was killed goes to the next one when its lease has run out', async () => {
  const folder = folderWith({ 'holder.ts': HOLDER });
  const file = join(folder, 'locks.db');
  const child = fork(join(folder, 'holder.ts'), [file], { execArgv: ['--disable-warning=ExperimentalWarning'] });
  await once(child, 'message');
  const table = openLeaseTable(file);
  const waits: string[] = [];
  const request = { key: 'k', runId: 'next', onBusy: 'queue', leaseMs: 300, onWait: (by: string) => waits.push(by) } as const;
  const next = holdLock(table, { ...request, signal: new AbortController().signal });
  await new Promise((resolve) => setImmediate(resolve));
  child.kill('SIGKILL');
  const lock = await next;
  expect(waits).toEqual(['killed']);
  expect(lock.signal.aborted).toBe(false);
  lock.release();
  table.close();
});

test('a holder that has not renewed its lease for too long learns that it has lost the key', async () => {
  const file = join(folderWith({}), 'locks.db');
  const [table, other] = [openLeaseTable(file), openLeaseTable(file)];
  const signal = new AbortController().signal;
  const lock = await holdLock(table, { key: 'k', runId: 'slow', onBusy: 'queue', signal, onWait: () => undefined, leaseMs: 200 });
  // As if the process had slept: another one finds that the lease has run out.
  other.take('k', { runId: 'quick', token: 't' }, Date.now() + 10_000, Date.now() + 20_000);
  await once(lock.signal, 'abort');
  expect(lock.signal.reason).toMatchObject({ code: 'lock_lost' });
  lock.release();
  expect(other.renew('k', { runId: 'quick', token: 't' }, Date.now() + 20_000).isThere).toBe(true);
  table.close();
  other.close();
});

test('of several runs that cancel each other the newest runs, and none that waits starts in between', async () => {
  const table = openLeaseTable(':memory:');
  const waits: string[] = [];
  const hold = (runId: string) => {
    const onWait = (by: string) => waits.push(`${runId} waits for ${by}`);
    return holdLock(table, { key: 'k', runId, onBusy: 'cancel', signal: new AbortController().signal, onWait, leaseMs: 3000 });
  };
  const first = await hold('a');
  const second = hold('b').catch((thrown: unknown) => thrown);
  const third = hold('c');
  expect(await second).toMatchObject({ code: 'cancelled', message: expect.stringContaining('Run c took the place') });
  await once(first.signal, 'abort');
  expect(first.signal.reason).toMatchObject({ code: 'cancelled', message: 'Run c took the place of this one (`k`).' });
  first.release();
  (await third).release();
  expect(waits).toEqual(['b waits for a', 'c waits for a']);
  table.close();
});

test('a holder whose file is unusable learns of its loss when its lease has run out, and releases without an error', async () => {
  const file = join(folderWith({}), 'locks.db');
  const table = openLeaseTable(file);
  const signal = new AbortController().signal;
  const lock = await holdLock(table, { key: 'k', runId: 'a', onBusy: 'queue', signal, onWait: () => undefined, leaseMs: 200 });
  const started = Date.now();
  openDatabase(file, ['', '', '']).run('DROP TABLE leases');
  await once(lock.signal, 'abort');
  expect(Date.now() - started).toBeGreaterThanOrEqual(100);
  expect(lock.signal.reason).toMatchObject({ code: 'lock_lost', message: expect.stringContaining('no such table') });
  expect(() => lock.release()).not.toThrow();
  table.close();
});
