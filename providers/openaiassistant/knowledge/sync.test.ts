import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { JsonObject } from 'threadline/provider';
import { RunThreads } from '../../../src/run/run-threads.ts';
import { folderWith } from '../../../test/support/cli.ts';
import { syncKnowledge } from './sync.ts';
import { bytesOf, failureOf, type Setup, withServer } from './test-file-server.ts';
import { deleteFile } from './uploads.ts';

type Files = Record<string, Uint8Array>;

const RUNBOOKS = 'runbooks/**/*.md';

/** Brings the runbooks that are on the disk in step. */
const sync = async (
  { open }: Pick<Setup, 'open'>,
  files: Files,
  more: { workflow?: string; key?: string; config?: JsonObject } = {},
) => {
  const { workflow = 'triage', config } = more;
  const run = { id: 'run-1', workflow, offline: false };
  return syncKnowledge(await open({ files, run, ...(config ? { config } : {}) }), RUNBOOKS);
};

const disk = (): Files => ({
  'runbooks/disk.md': bytesOf('Clean the disk.'),
  'runbooks/deep/network.md': bytesOf('Pull the plug.'),
  'notes.txt': bytesOf('no runbook'),
});

/** The paths of the files that a search of the store finds. */
async function pathsIn({ open }: Setup, vectorStoreId: string): Promise<unknown[]> {
  const { data } = await (await open()).client.vectorStores.files.list(vectorStoreId);
  return data.map(({ attributes }) => attributes?.path).sort();
}

const uploadsOf = async ({ open }: Setup) =>
  (await (await open()).client.files.list()).data.map(({ filename }) => filename).sort();

test('I9: files become a vector store, which costs no request while they stay as they are', () =>
  withServer(async (setup) => {
    const first = await sync(setup, disk());
    expect(first).toEqual({
      vectorStoreId: expect.stringMatching(/^vs_/),
      added: ['runbooks/deep/network.md', 'runbooks/disk.md'],
      removed: [],
      unchanged: 0,
      failed: [],
    });
    expect(await pathsIn(setup, first.vectorStoreId)).toEqual(['runbooks/deep/network.md', 'runbooks/disk.md']);
    setup.traffic();
    expect(await sync(setup, disk())).toEqual({ ...first, added: [], unchanged: 2 });
    expect(setup.traffic()).toEqual([]);
  }));

test('I10: only what is new or changed is uploaded, and what is gone is taken out and deleted', () =>
  withServer(async (setup) => {
    const { vectorStoreId } = await sync(setup, { ...disk(), 'runbooks/same.md': bytesOf('Same.') });
    setup.traffic();
    const changed = {
      'runbooks/disk.md': bytesOf('Buy a disk.'),
      'runbooks/same.md': bytesOf('Same.'),
      'runbooks/new.md': bytesOf('New.'),
    };
    expect(await sync(setup, changed)).toEqual({
      vectorStoreId,
      added: ['runbooks/disk.md', 'runbooks/new.md'],
      removed: ['runbooks/deep/network.md'],
      unchanged: 1,
      failed: [],
    });
    const traffic = setup.traffic();
    const count = (request: string) => traffic.filter((one) => one === request).length;
    expect([count('POST /files'), count('DELETE /vector_stores/ID/files/ID'), count('DELETE /files/ID')]).toEqual([2, 2, 2]);
    expect(await pathsIn(setup, vectorStoreId)).toEqual(['runbooks/disk.md', 'runbooks/new.md', 'runbooks/same.md']);
    expect(await uploadsOf(setup)).toEqual(['disk.md', 'new.md', 'same.md']);
    setup.traffic();
    expect(await sync(setup, changed)).toMatchObject({ added: [], removed: [], unchanged: 3 });
    expect(setup.traffic()).toEqual([]);
  }));

test('I9: two at once, each with its own view of the memory, make one store and upload once', () =>
  withServer(async (setup) => {
    const folder = folderWith({});
    const memory = { threads: join(folder, 'threads.db'), locks: join(folder, 'locks.db') };
    const processes = [new RunThreads(memory), new RunThreads(memory)];
    const openAs = (threads: RunThreads): Pick<Setup, 'open'> => ({ open: (host) => setup.open({ ...host, threads }) });
    const both = await Promise.all(processes.map((threads) => sync(openAs(threads), disk())));
    await Promise.all(processes.map((threads) => threads.close()));
    expect(new Set(both.map(({ vectorStoreId }) => vectorStoreId)).size).toBe(1);
    expect(both.map(({ unchanged }) => unchanged).sort()).toEqual([0, 2]);
    expect(await uploadsOf(setup)).toEqual(['disk.md', 'network.md']);
  }));

test('I9: another workflow has a store of its own', () =>
  withServer(async (setup) => {
    const one = await sync(setup, disk());
    const other = await sync(setup, disk(), { workflow: 'other' });
    expect(other.vectorStoreId).not.toBe(one.vectorStoreId);
    expect(other.added.length).toBe(2);
  }));

test('I9: a store that was lost is made anew, and nothing of the old one is left', () =>
  withServer(async (setup) => {
    const first = await sync(setup, disk());
    const server = await setup.open();
    await server.client.vectorStores.delete(first.vectorStoreId);
    for (const { key, ...object } of server.store.objects(server.remoteKey, 'vector_store'))
      server.store.setObject(server.remoteKey, 'vector_store', key, {
        ...object,
        data: { account: server.account, seenAtMs: 0 },
      });
    const again = await sync(setup, disk());
    expect(again).toMatchObject({ added: first.added, removed: [], unchanged: 0 });
    expect(again.vectorStoreId).not.toBe(first.vectorStoreId);
    expect(await pathsIn(setup, again.vectorStoreId)).toEqual(first.added);
    expect(await uploadsOf(setup)).toEqual(['disk.md', 'network.md']);
  }));

test('I9: a file that cannot be searched is told each time, and tried again only when it changes', () =>
  withServer(async (setup) => {
    const files = {
      'runbooks/empty.md': bytesOf(''),
      'runbooks/good.md': bytesOf('Good.'),
      'runbooks/bad.md/x.png': bytesOf('\u0000'),
    };
    const syncAll = async (given: Files) =>
      syncKnowledge(await setup.open({ files: given }), ['runbooks/*.md', 'runbooks/**/*.png']);
    const failed = [
      { path: 'runbooks/empty.md', code: 'invalid_file', message: 'The file is empty.' },
      { path: 'runbooks/bad.md/x.png', code: 'unsupported_file', message: expect.stringContaining('x.png') },
    ];
    expect(await syncAll(files)).toMatchObject({ added: ['runbooks/good.md'], failed: expect.arrayContaining(failed) });
    expect(await uploadsOf(setup)).toEqual(['good.md']);
    setup.traffic();
    expect(await syncAll(files)).toMatchObject({ added: [], unchanged: 1, failed: expect.arrayContaining(failed) });
    expect(setup.traffic()).toEqual([]);
    expect(await syncAll({ ...files, 'runbooks/empty.md': bytesOf('Full.') })).toMatchObject({
      added: ['runbooks/empty.md'],
      unchanged: 1,
    });
  }));

test('I9: what a process uploaded before it was killed is cleared away', () =>
  withServer(async (setup) => {
    const { vectorStoreId } = await sync(setup, disk());
    const server = await setup.open();
    // As it is remembered between the upload and the end of its indexing.
    for (const { key, ...object } of server.store.objects(server.remoteKey, 'knowledge_file'))
      server.store.setObject(server.remoteKey, 'knowledge_file', key, {
        ...object,
        data: { ...(object.data as JsonObject), state: 'uploaded' },
      });
    expect(await sync(setup, disk())).toMatchObject({
      vectorStoreId,
      added: ['runbooks/deep/network.md', 'runbooks/disk.md'],
      removed: [],
    });
    expect(await uploadsOf(setup)).toEqual(['disk.md', 'network.md']);
    expect(await pathsIn(setup, vectorStoreId)).toEqual(['runbooks/deep/network.md', 'runbooks/disk.md']);
    expect(await sync(setup, disk())).toMatchObject({ added: [], unchanged: 2 });
  }));

test('I9: a file that was deleted by its id is uploaded again', () =>
  withServer(async (setup) => {
    await sync(setup, disk());
    const server = await setup.open();
    const deleted = (await server.client.files.list()).data.find(({ filename }) => filename === 'disk.md');
    await deleteFile(server, deleted?.id ?? '');
    expect(await sync(setup, disk())).toMatchObject({ added: ['runbooks/disk.md'], unchanged: 1 });
  }));

test('I9: name, lifetime and cut are as wished; another cut uploads anew', () =>
  withServer(async ({ open, emulator }) => {
    const server = await open({ files: { 'a.md': bytesOf('Some text.') } });
    const wanted = { paths: ['a.md'], name: 'books', expires_after: '36h' };
    await syncKnowledge(server, wanted);
    expect(emulator.requests[0]?.body).toMatchObject({ name: 'books', expires_after: { days: 2 } });
    const chunking = { size: 200, overlap: 20 };
    const { vectorStoreId, added } = await syncKnowledge(server, { ...wanted, chunking });
    expect(added).toEqual(['a.md']);
    const { data } = await server.client.vectorStores.files.list(vectorStoreId);
    expect(data).toMatchObject([{ chunking_strategy: { static: { max_chunk_size_tokens: 200, chunk_overlap_tokens: 20 } } }]);
  }));

test('a pattern that matches nothing empties no store', () =>
  withServer(async (setup) => {
    await sync(setup, disk());
    setup.traffic();
    expect(await failureOf(sync(setup, { 'notes.txt': bytesOf('x') }))).toMatchObject({
      code: 'file_not_found',
      message: `No file matches \`${RUNBOOKS}\`.`,
    });
    expect(setup.traffic()).toEqual([]);
  }));

test('an upload that fails ends the step, and the next one goes on from there', () =>
  withServer(async (setup) => {
    const files = { ...disk(), 'runbooks/gone.md': bytesOf('x') };
    const server = await setup.open({ files });
    const { files: disked } = server.context;
    let reads = 0;
    // The file is there when it is looked at, and no more when it is sent.
    const context: typeof server.context = {
      ...server.context,
      files: {
        ...disked,
        read: async (path) => {
          if (path.endsWith('gone.md') && ++reads > 1) throw new Error('gone');
          return disked.read(path);
        },
      },
    };
    await expect(syncKnowledge({ ...server, context }, RUNBOOKS)).rejects.toThrow('gone');
    expect(await sync(setup, disk())).toMatchObject({ added: ['runbooks/deep/network.md', 'runbooks/disk.md'] });
    expect(await uploadsOf(setup)).toEqual(['disk.md', 'network.md']);
  }));
