import type { Json, Thread } from 'threadline/provider';
import { inParallel } from '../base/in-parallel.ts';
import type { OperationParams } from '../contract/operation-schema.ts';
import { threadStoreKey } from '../knowledge/attachments.ts';
import { type FileServer, hostOf, isGone, requestIfThere } from '../knowledge/file-server.ts';
import { deleteVectorStoreOf } from '../knowledge/vector-stores.ts';
import { pathOfRemote } from './remote-thread.ts';
import { findThread, itemsOf } from './threads.ts';

const AT_ONCE = 4;

/**
 * Deletes a thread at the servers where it lives, and then here. A copy at a server that this configuration does not lead to
 * is told in `left`: then what was said is gone here, and the thread itself stays until the last copy is deleted.
 */
export async function deleteThread(params: OperationParams, server: FileServer): Promise<Json> {
  const thread = findThread(params, server);
  if (!thread) return deleteUnknown(params, server);
  const { context, signal } = server;
  // In the order in which asks take them: otherwise each would wait for the other.
  const names = [...(thread.key === null ? [] : [`key:${thread.key}`]), thread.id];
  const onWait = (by: string) => context.emit({ type: 'progress', message: `the thread is used by run ${by}: waiting` });
  const locks = [];
  try {
    for (const name of names) locks.push(await context.threads.lock(name, { isPatient: true, signal, onWait }));
    return await deleteHeld(thread, server);
  } finally {
    for (const lock of locks) lock.release();
  }
}

async function deleteHeld({ id, key }: Thread, server: FileServer): Promise<Json> {
  const { store } = server;
  const host = hostOf(server.client);
  const left: string[] = [];
  for (const { place, remote } of store.remotes(id)) {
    const isElsewhere = place.slice(0, place.lastIndexOf('/')) !== host;
    if (isElsewhere) left.push(place);
    else {
      await deleteRemote(place, remote.id, server);
      store.forgetRemote(id, place);
    }
  }
  await deleteVectorStoreOf(server, threadStoreKey(id));
  if (left.length === 0) store.delete(id);
  else emptyHere(id, left, server);
  return { thread_id: id, key, deleted: left.length === 0, left };
}

async function deleteRemote(place: string, remoteId: string, server: FileServer): Promise<boolean> {
  const path = pathOfRemote(place, remoteId, hostOf(server.client));
  if (!path) return false;
  if (path.wire === 'responses') await deleteItems(remoteId, server);
  const { url, headers } = path;
  return (await requestIfThere(server, (options) => server.client.delete(url, { ...options, headers }))) !== undefined;
}

/** They outlive their conversation. */
async function deleteItems(conversationId: string, server: FileServer): Promise<void> {
  const { items } = server.client.conversations;
  const found = await itemsOf(server.client, conversationId, server).catch((thrown) => {
    if (isGone(thrown)) return [];
    throw thrown;
  });
  const ids = found.flatMap(({ id }) => (typeof id === 'string' ? [id] : []));
  await inParallel(ids, AT_ONCE, (id) =>
    requestIfThere(server, (options) => items.delete(id, { conversation_id: conversationId }, options)),
  );
}

function emptyHere(id: string, left: string[], { store, context }: FileServer): void {
  store.replaceFrom(id, 0, [], Date.now());
  const message = `The thread ${id} also lives at ${left.join(', ')}: delete it there with the configuration of that server.`;
  context.emit({ type: 'log', level: 'warning', message });
}

/** One that our store never had, or has no more: a server may know it. */
async function deleteUnknown({ thread_id: id, key }: OperationParams, server: FileServer): Promise<Json> {
  const wire = id?.startsWith('conv_') ? 'responses' : id?.startsWith('thread_') ? 'assistants' : undefined;
  const deleted = id !== undefined && wire !== undefined && (await deleteRemote(`${hostOf(server.client)}/${wire}`, id, server));
  return { thread_id: id ?? null, key: key ?? null, deleted, left: [] };
}
