import type { Json } from 'threadline/provider';
import { lockNamesOf, type Thread } from 'threadline/runtime';
import { inParallel } from '../base/in-parallel.ts';
import type { OperationParams } from '../contract/operation-schema.ts';
import { threadStoreKey } from '../knowledge/attachments.ts';
import { type FileServer, hostOf, requestIfThere } from '../knowledge/file-server.ts';
import { deleteVectorStoreOf } from '../knowledge/vector-stores.ts';
import type { RemoteItems, RemoteThreads } from '../wires/wire.ts';
import { remoteThreadsAt, remoteThreadsOf } from './remote-threads.ts';
import { findThread } from './threads.ts';

const AT_ONCE = 4;

/**
 * Deletes a thread at the servers that have copies, and then here. `left` has the copies at servers that this configuration does
 * not lead to: then the thread is emptied here, and stays until the last copy is deleted.
 */
export async function deleteThread(params: OperationParams, server: FileServer): Promise<Json> {
  const thread = findThread(params, server);
  if (!thread) return deleteUnknown(params, server);
  const { context, signal } = server;
  const onWait = (by: string) => context.emit({ type: 'progress', message: `the thread is used by run ${by}: waiting` });
  const locks = [];
  try {
    for (const name of lockNamesOf(thread))
      locks.push(await context.runtime.threads.lock(name, { isPatient: true, signal, onWait }));
    return await deleteLocked(thread, server);
  } finally {
    for (const lock of locks) lock.release();
  }
}

async function deleteLocked({ id, key }: Thread, server: FileServer): Promise<Json> {
  const { store } = server;
  const host = hostOf(server.client);
  const left: string[] = [];
  for (const { place: remoteKey, remote } of store.remotes(id)) {
    const isElsewhere = remoteKey.slice(0, remoteKey.lastIndexOf('/')) !== host;
    if (isElsewhere) left.push(remoteKey);
    else {
      await deleteRemote(remoteThreadsAt(remoteKey, host), remote.id, server);
      store.forgetRemote(id, remoteKey);
    }
  }
  await deleteVectorStoreOf(server, threadStoreKey(id));
  if (left.length === 0) store.delete(id);
  else emptyHere(id, left, server);
  return { thread_id: id, key: key?.name ?? null, deleted: left.length === 0, left };
}

/** Whether the server had it. */
async function deleteRemote(threads: RemoteThreads | undefined, remoteId: string, server: FileServer): Promise<boolean> {
  if (!threads) return false;
  if (threads.items) await deleteItems(threads.items, remoteId, server);
  const { headers } = threads;
  const path = threads.pathOf(remoteId);
  return (await requestIfThere(server, (options) => server.client.delete(path, { ...options, headers }))) !== undefined;
}

async function deleteItems(items: RemoteItems, remoteId: string, server: FileServer): Promise<void> {
  const { client } = server;
  const found = (await requestIfThere(server, (options) => items.list(client, remoteId, options))) ?? [];
  const ids = found.flatMap(({ id }) => (typeof id === 'string' ? [id] : []));
  await inParallel(ids, AT_ONCE, (id) => requestIfThere(server, (options) => items.delete(client, remoteId, id, options)));
}

function emptyHere(id: string, left: string[], { store, context }: FileServer): void {
  store.replaceFrom(id, 0, []);
  const message = `The thread ${id} also lives at ${left.join(', ')}: delete it there with the configuration of that server.`;
  context.emit({ type: 'log', level: 'warning', message });
}

/** A thread that is not in our store: a server may know it. */
async function deleteUnknown({ thread_id: id, key }: OperationParams, server: FileServer): Promise<Json> {
  const deleted = id !== undefined && (await deleteRemote(remoteThreadsOf(id), id, server));
  return { thread_id: id ?? null, key: key ?? null, deleted, left: [] };
}
