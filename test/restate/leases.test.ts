import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Holder } from '../../src/locks/lease-table.ts';
import { holdLock } from '../../src/locks/lock.ts';
import { Ingress } from '../../src/restate/ingress.ts';
import { remoteLeases } from '../../src/restate/remote-leases.ts';
import { describeLeases } from '../contract/leases.ts';
import { folderWith } from '../support/cli.ts';
import { type RestateServer, register, startRestate, startWorkerProcess, type WorkerProcess } from '../support/restate.ts';

/** Leases that all workers share, for locks that calls hold, such as those of threads. */

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

describeLeases('Restate', table);

test('a take that is repeated because its answer was lost changes nothing', async () => {
  const key = crypto.randomUUID();
  const take = async (runId: string) => table().take(key, holder(runId), 0, 100);
  expect([await take('a'), await take('a'), await take('b')]).toEqual([
    { taken: true },
    { taken: true },
    { taken: false, by: 'a' },
  ]);
});

test('two runs hold the same lock one after the other', async () => {
  const key = crypto.randomUUID();
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
