import { isObject, type Json, type JsonObject, ThreadlineError } from 'threadline/provider';
import { messagesOf, type StoredItem, scopeOf, type Thread } from 'threadline/runtime';
import type { OperationParams } from '../contract/operation-schema.ts';
import { type FileServer, hostOf, request, requestIfThere } from '../knowledge/file-server.ts';
import { threadKeyOf } from '../thread/thread-key.ts';
import { remoteThreadsAt, remoteThreadsOf } from './remote-threads.ts';

const LISTED = 100;
/** The most pairs of metadata that servers take; ours takes no more, so that both stay the same. */
const MOST_PAIRS = 16;

/** Lists threads, the latest used first. */
export async function listThreads({ tenant, metadata, limit = LISTED }: OperationParams, server: FileServer): Promise<Json> {
  const filter = { tenant: tenant ?? server.context.run.workflow, metadata, limit };
  const threads = server.store.list(filter).map(threadRow);
  return { threads, count: threads.length };
}

const threadRow = ({ id, key, tenant, metadata, createdAtMs, lastUsedAtMs, expiresAtMs }: Thread): JsonObject => ({
  thread_id: id,
  key: key?.name ?? null,
  scope: key && scopeOf(key),
  tenant,
  metadata,
  created_at: isoTime(createdAtMs),
  last_used_at: isoTime(lastUsedAtMs),
  expires_at: expiresAtMs === null ? null : isoTime(expiresAtMs),
});

const isoTime = (ms: number): string => new Date(ms).toISOString();

/** Finds a thread by its id, a server's id of it, or its key. */
export function findThread({ thread_id: threadId, key, scope }: OperationParams, server: FileServer): Thread | undefined {
  const { store, context } = server;
  if (threadId !== undefined) return store.get(threadId) ?? store.byRemoteId(threadId);
  return key === undefined ? undefined : store.byKey(threadKeyOf({ key, ...(scope && { scope }) }, context), Date.now());
}

const notFound = ({ thread_id: threadId, key, scope }: OperationParams) =>
  new ThreadlineError('thread_not_found', `There is no thread \`${threadId ?? key}\`.`, {
    ...(key === undefined || scope === 'shared'
      ? {}
      : {
          hint: "A key belongs to its workflow: `scope: shared` is for keys that were shared, `thread_id` for another workflow's.",
        }),
    details: { thread_id: threadId ?? null, key: key ?? null },
  });

/** The messages of a thread from our store; from the server where the conversation was begun elsewhere. */
export async function getMessages(params: OperationParams, server: FileServer): Promise<Json> {
  const thread = findThread(params, server);
  const all = thread ? server.store.items(thread.id).flatMap(messageRow) : await messagesAtServer(params, server);
  const ordered = params.order === 'desc' ? all.toReversed() : all;
  const messages = ordered.slice(0, params.limit);
  return { thread_id: thread?.id ?? params.thread_id ?? null, key: thread?.key?.name ?? null, messages, count: messages.length };
}

const messageRow = (stored: StoredItem): JsonObject[] =>
  messagesOf([stored]).map((message) => ({ ...message, run_id: stored.item.runId ?? null }));

async function messagesAtServer(params: OperationParams, server: FileServer): Promise<JsonObject[]> {
  const { thread_id: threadId = '' } = params;
  const remote = remoteThreadsOf(threadId)?.items;
  if (!remote) throw notFound(params);
  const items = await request(server, (options) => remote.list(server.client, threadId, options));
  return items.filter(({ type }) => type === 'message').map(serverMessageRow);
}

/** A message of a conversation at the server; it has no time there. */
function serverMessageRow({ id = null, role = null, content }: JsonObject): JsonObject {
  const texts = (Array.isArray(content) ? content : []).flatMap((part) =>
    isObject(part) && typeof part.text === 'string' ? [part.text] : [],
  );
  return { id, role, text: texts.join('\n'), run_id: null, created_at: null };
}

/** Adds and changes pairs of metadata, in our store, by which threads are found, and at the servers. */
export async function updateMetadata(params: OperationParams, server: FileServer): Promise<Json> {
  const thread = findThread(params, server);
  if (!thread) throw notFound(params);
  const metadata = { ...thread.metadata, ...params.metadata };
  if (Object.keys(metadata).length > MOST_PAIRS)
    throw new ThreadlineError('invalid_params', `A thread has ${MOST_PAIRS} pairs of metadata at most.`);
  for (const { place: remoteKey, remote } of server.store.remotes(thread.id)) {
    const threads = remoteThreadsAt(remoteKey, hostOf(server.client));
    if (threads)
      await requestIfThere(server, (options) =>
        server.client.post(threads.pathOf(remote.id), { ...options, body: { metadata }, headers: threads.headers }),
      );
  }
  server.store.setMetadata(thread.id, metadata);
  return threadRow({ ...thread, metadata });
}
