import type OpenAI from 'openai';
import { isObject, type JsonObject, ThreadlineError } from 'threadline/provider';
import type { RemoteObject } from 'threadline/runtime';
import { type FileServer, hostOf, request, requestIfThere, seenNow, wasJustSeen } from './file-server.ts';
import { failureOfFiles, type IndexedFile, indexFiles } from './indexing.ts';
import { deleteFile, withoutFiles } from './uploads.ts';

export interface NewVectorStore {
  name: string;
  /** The server deletes it after so many days without use: 1 to 365. */
  expiresAfterDays?: number | undefined;
  metadata?: Record<string, string> | undefined;
}

const KIND = 'vector_store';
const PAGE = 100;

/** Makes an empty vector store; `indexFiles` adds files. */
export async function createVectorStore(
  server: FileServer,
  { name, expiresAfterDays: days, metadata }: NewVectorStore,
): Promise<string> {
  const body: OpenAI.VectorStoreCreateParams = { name };
  if (metadata) body.metadata = metadata;
  if (days !== undefined) body.expires_after = { anchor: 'last_active_at', days };
  const made = await request(server, (options) => server.client.vectorStores.create(body, options)).catch(withoutFiles(server));
  if (typeof made?.id === 'string') return made.id;
  throw new ThreadlineError('server_error', `${hostOf(server.client)} made a vector store and did not tell its id.`, {
    retryable: false,
  });
}

/** The numbers of its files by status. */
export async function fileCountsOf(server: FileServer, vectorStoreId: string): Promise<JsonObject> {
  const { file_counts: counts } = await request(server, (options) => server.client.vectorStores.retrieve(vectorStoreId, options));
  return { ...counts };
}

/** Takes a file out of a vector store, and leaves it at the server; false where it was not in it. */
export async function removeFile(server: FileServer, vectorStoreId: string, fileId: string): Promise<boolean> {
  const { files } = server.client.vectorStores;
  const params = { vector_store_id: vectorStoreId };
  return (await requestIfThere(server, (options) => files.delete(fileId, params, options))) !== undefined;
}

/** Deletes a vector store and forgets it, with its files where that is wished. `isGone`: it was not there. */
export async function deleteVectorStore(
  server: FileServer,
  vectorStoreId: string,
  withFiles = false,
): Promise<{ isGone: boolean; files: number }> {
  const { vectorStores } = server.client;
  const fileIds = withFiles ? await fileIdsOf(server, vectorStoreId) : [];
  const deleted = await requestIfThere(server, (options) => vectorStores.delete(vectorStoreId, options));
  for (const { id, key } of server.store.objects(server.remoteKey, KIND))
    if (id === vectorStoreId) server.store.forgetObject(server.remoteKey, KIND, key);
  let files = 0;
  for (const fileId of fileIds) if (await deleteFile(server, fileId)) files++;
  return { isGone: deleted === undefined, files };
}

/** Deletes the vector store of a key, if there is one. */
export async function deleteVectorStoreOf(server: FileServer, key: string): Promise<void> {
  const known = server.store.object(server.remoteKey, KIND, key, Date.now());
  if (known) await deleteVectorStore(server, known.id);
}

async function fileIdsOf(server: FileServer, vectorStoreId: string): Promise<string[]> {
  const listed = await requestIfThere(server, async (options) => {
    const ids: string[] = [];
    for await (const { id } of server.client.vectorStores.files.list(vectorStoreId, { limit: PAGE }, options)) ids.push(id);
    return ids;
  });
  return listed ?? [];
}

/**
 * The vector store of a key, which is made where there is none any more: then its files have to be added again. The caller holds
 * the lock of the key: see `underLock`.
 */
export async function ensureVectorStore(
  server: FileServer,
  key: string,
  wanted: NewVectorStore,
): Promise<{ id: string; isNew: boolean }> {
  const known = await findVectorStore(server, key);
  if (known !== undefined) return { id: known, isNew: false };
  const id = await createVectorStore(server, wanted);
  server.store.setObject(server.remoteKey, KIND, key, { id, data: seenNow(server), createdAtMs: Date.now(), expiresAtMs: null });
  return { id, isNew: true };
}

/** The vector store of a key; undefined where none was made, or where the server does not have it any more. */
export async function findVectorStore(server: FileServer, key: string): Promise<string | undefined> {
  const known = server.store.object(server.remoteKey, KIND, key, Date.now());
  if (!known || wasJustSeen(known, server)) return known?.id;
  const found = await requestIfThere(server, (options) => server.client.vectorStores.retrieve(known.id, options));
  if (!found || found.status === 'expired') return undefined;
  server.store.setObject(server.remoteKey, KIND, key, { ...known, data: { ...dataOf(known), ...seenNow(server) } });
  return known.id;
}

/** The vector store of a key with these files in it; only missing ones are added. Throws when one cannot be searched. */
export function vectorStoreWith(server: FileServer, key: string, wanted: NewVectorStore, files: IndexedFile[]): Promise<string> {
  return underLock(server, key, async (held) => {
    const { id } = await ensureVectorStore(held, key, wanted);
    const known = held.store.object(held.remoteKey, KIND, key, Date.now());
    const data = dataOf(known);
    const has = new Set(Array.isArray(data.files) ? data.files : []);
    const missing = files.filter(({ fileId }) => !has.has(fileId));
    const failed = await indexFiles(held, id, missing);
    if (failed.length > 0) throw failureOfFiles(failed, files.length);
    for (const { fileId } of missing) has.add(fileId);
    if (known && missing.length > 0)
      held.store.setObject(held.remoteKey, KIND, key, { ...known, data: { ...data, files: [...has] } });
    return id;
  });
}

const dataOf = (known: RemoteObject | undefined): JsonObject => (isObject(known?.data) ? known.data : {});

/** Works at the vector store of a key under its lock: one step at a time, of all processes of the working folder. */
export async function underLock<Result>(
  server: FileServer,
  key: string,
  work: (held: FileServer) => Promise<Result>,
): Promise<Result> {
  const { context, signal, remoteKey } = server;
  const onWait = (by: string) => context.emit({ type: 'progress', message: `waits for run ${by} at the same vector store` });
  const lock = await context.runtime.threads.lock(`vector-store/${remoteKey}/${key}`, { isPatient: true, signal, onWait });
  try {
    return await work({ ...server, signal: AbortSignal.any([signal, lock.signal]) });
  } finally {
    lock.release();
  }
}
