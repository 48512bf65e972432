import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Holder } from '../../src/locks/lease-table.ts';
import { holdLock } from '../../src/locks/lock.ts';
import { Ingress } from '../../src/restate/ingress.ts';
import { remoteLeases } from '../../src/restate/remote-leases.ts';
import { folderWith } from '../support/cli.ts';
import { type RestateServer, register, startRestate, startWorkerProcess, type WorkerProcess } from '../support/restate.ts';

/** Leases that all workers share: what calls hold, such as threads. */

let server: RestateServer & { stop(): Promise<void> };
let worker: WorkerProcess;

beforeAll(async () => {
  server = await startRestate();
  worker = await startWorkerProcess(server, folderWith({}));
  await register(server, `http://127.0.0.1:${worker.port}`);
}, 60_000);

afterAll(async () => {
  await worker?.kill();
  await server?.stop();
});

const table = () => remoteLeases(new Ingress(server.ingress));
const holder = (runId: string): Holder => ({ runId, token: `token of ${runId}` });
const newKey = () => crypto.randomUUID();

describe('a key at the server', () => {
  const takeAt = (key: string) => (runId: string, nowMs: number, places?: number) =>
    table().take(key, holder(runId), nowMs, nowMs + 100, places);

  test('is held by one at a time, and given on in the order of the line', async () => {
    const key = newKey();
    const take = takeAt(key);
    expect(await take('a', 0)).toEqual({ taken: true });
    for (const runId of ['b', 'c']) await table().enqueue(key, holder(runId), 1000);
    expect(await take('b', 10)).toEqual({ taken: false, by: 'a' });
    await table().release(key, holder('a'));
    expect(await take('c', 20)).toEqual({ taken: false, by: 'b' });
    expect(await take('b', 20)).toEqual({ taken: true });
    await table().release(key, holder('b'));
    expect(await take('c', 30)).toEqual({ taken: true });
  });

  test('is free when its holder was not heard of for too long', async () => {
    const key = newKey();
    const take = takeAt(key);
    await take('a', 0);
    expect(await table().renew(key, holder('a'), 150)).toEqual({ isThere: true, endFor: undefined });
    expect(await take('b', 140)).toEqual({ taken: false, by: 'a' });
    expect(await take('b', 160)).toEqual({ taken: true });
    expect(await table().renew(key, holder('a'), 300)).toEqual({ isThere: false, endFor: undefined });
  });

  test('may have several places', async () => {
    const take = takeAt(newKey());
    expect(await take('a', 0, 2)).toEqual({ taken: true });
    expect(await take('b', 0, 2)).toEqual({ taken: true });
    expect(await take('c', 0, 2)).toEqual({ taken: false, by: 'a' });
  });

  test('tells those before that another one wants them to end', async () => {
    const key = newKey();
    await takeAt(key)('a', 0);
    for (const runId of ['b', 'c']) await table().enqueue(key, holder(runId), 1000);
    await table().askToEnd(key, holder('b'));
    const endFor = async (runId: string) => (await table().renew(key, holder(runId), 1000)).endFor;
    expect([await endFor('a'), await endFor('b'), await endFor('c')]).toEqual(['b', undefined, undefined]);
  });

  test('once more, for who has not heard the answer, changes nothing', async () => {
    const take = takeAt(newKey());
    expect([await take('a', 0), await take('a', 0), await take('b', 0)]).toEqual([
      { taken: true },
      { taken: true },
      { taken: false, by: 'a' },
    ]);
  });
});

test('two that hold the same lock hold it one after the other', async () => {
  const key = newKey();
  const signal = new AbortController().signal;
  const said: string[] = [];
  const hold = (runId: string) =>
    holdLock(table(), { key, runId, onBusy: 'queue', signal, onWait: (by) => said.push(`${runId} behind ${by}`) });
  const first = await hold('a');
  const second = hold('b').then((lock) => {
    said.push('b holds');
    lock.release();
  });
  while (said.length === 0) await new Promise(setImmediate);
  said.push('a lets go');
  first.release();
  await second;
  expect(said).toEqual(['b behind a', 'a lets go', 'b holds']);
});
