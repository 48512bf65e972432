import type OpenAI from 'openai';
import { isObject, type JsonObject, ThreadlineError } from 'threadline/provider';
import type { RemoteObject } from 'threadline/runtime';
import { type FileServer, hostOf, request, requestIfThere, seenNow, wasJustSeen } from './file-server.ts';
import { failureOfFiles, type IndexedFile, indexFiles } from './indexing.ts';
import { deleteFile, withoutFiles } from './uploads.ts';

export interface NewVectorStore {
  name: string;
  /** Days of not being used, after which the server deletes it: 1 to 365. */
  expiresAfterDays?: number | undefined;
  metadata?: Record<string, string> | undefined;
}

const KIND = 'vector_store';
const PAGE = 100;

/** Makes one, empty: files are added by `indexFiles`, which says what became of each. */
export async function createVectorStore(
  server: FileServer,
  { name, expiresAfterDays: days, metadata }: NewVectorStore,
): Promise<string> {
  const body: OpenAI.VectorStoreCreateParams = { name };
  if (metadata) body.metadata = metadata;
  if (days !== undefined) body.expires_after = { anchor: 'last_active_at', days };
  const made = await request(server, (options) => server.client.vectorStores.create(body, options)).catch(withoutFiles(server));
  if (typeof made?.id === 'string') return made.id;
  throw new ThreadlineError('server_error', `${hostOf(server.client)} made a vector store and did not say how it is called.`, {
    retryable: false,
  });
}

/** How many files it has, by what became of them. */
export async function fileCountsOf(server: FileServer, vectorStoreId: string): Promise<JsonObject> {
  const { file_counts: counts } = await request(server, (options) => server.client.vectorStores.retrieve(vectorStoreId, options));
  return { ...counts };
}

/** Takes a file out, and leaves it at the server; false where it was not in. */
export async function removeFile(server: FileServer, vectorStoreId: string, fileId: string): Promise<boolean> {
  const { files } = server.client.vectorStores;
  const place = { vector_store_id: vectorStoreId };
  return (await requestIfThere(server, (options) => files.delete(fileId, place, options))) !== undefined;
}

/** Deletes it, with the files in it where that is wished, and forgets it; `isGone` says that it was not there. */
export async function deleteVectorStore(
  server: FileServer,
  vectorStoreId: string,
  withFiles = false,
): Promise<{ isGone: boolean; files: number }> {
  const { vectorStores } = server.client;
  const fileIds = withFiles ? await fileIdsOf(server, vectorStoreId) : [];
  const deleted = await requestIfThere(server, (options) => vectorStores.delete(vectorStoreId, options));
  for (const { id, key } of server.store.objects(server.place, KIND))
    if (id === vectorStoreId) server.store.forgetObject(server.place, KIND, key);
  let files = 0;
  for (const fileId of fileIds) if (await deleteFile(server, fileId)) files++;
  return { isGone: deleted === undefined, files };
}

/** The one of a key, where there is one. */
export async function deleteVectorStoreOf(server: FileServer, key: string): Promise<void> {
  const known = server.store.object(server.place, KIND, key, Date.now());
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
 * The vector store of a key, made where there is none, or none any more; what was in one that is lost has to be added again.
 * For one who holds the key: see `underLock`.
 */
export async function ensureVectorStore(
  server: FileServer,
  key: string,
  wanted: NewVectorStore,
): Promise<{ id: string; isNew: boolean }> {
  const known = await findVectorStore(server, key);
  if (known !== undefined) return { id: known, isNew: false };
  const id = await createVectorStore(server, wanted);
  server.store.setObject(server.place, KIND, key, { id, data: seenNow(server), createdAtMs: Date.now(), expiresAtMs: null });
  return { id, isNew: true };
}

/** Undefined where none was made for the key, and where it is there no more. */
export async function findVectorStore(server: FileServer, key: string): Promise<string | undefined> {
  const known = server.store.object(server.place, KIND, key, Date.now());
  if (!known || wasJustSeen(known, server)) return known?.id;
  const found = await requestIfThere(server, (options) => server.client.vectorStores.retrieve(known.id, options));
  if (!found || found.status === 'expired') return undefined;
  server.store.setObject(server.place, KIND, key, { ...known, data: { ...dataOf(known), ...seenNow(server) } });
  return known.id;
}

/** The vector store of a key with these files in it: those that it has cost nothing. Throws when one cannot be searched. */
export function vectorStoreWith(server: FileServer, key: string, wanted: NewVectorStore, files: IndexedFile[]): Promise<string> {
  return underLock(server, key, async (held) => {
    const { id } = await ensureVectorStore(held, key, wanted);
    const known = held.store.object(held.place, KIND, key, Date.now());
    const data = dataOf(known);
    const has = new Set(Array.isArray(data.files) ? data.files : []);
    const missing = files.filter(({ fileId }) => !has.has(fileId));
    const failed = await indexFiles(held, id, missing);
    if (failed.length > 0) throw failureOfFiles(failed, files.length);
    for (const { fileId } of missing) has.add(fileId);
    if (known && missing.length > 0)
      held.store.setObject(held.place, KIND, key, { ...known, data: { ...data, files: [...has] } });
    return id;
  });
}

const dataOf = (known: RemoteObject | undefined): JsonObject => (isObject(known?.data) ? known.data : {});

/** Lets one step at a time, of all processes of the working folder, work at the vector store of a key. */
export async function underLock<Result>(
  server: FileServer,
  key: string,
  work: (held: FileServer) => Promise<Result>,
): Promise<Result> {
  const { context, signal, place } = server;
  const onWait = (by: string) => context.emit({ type: 'progress', message: `waits for run ${by} at the same vector store` });
  const lock = await context.runtime.threads.lock(`vector-store/${place}/${key}`, { isPatient: true, signal, onWait });
  try {
    return await work({ ...server, signal: AbortSignal.any([signal, lock.signal]) });
  } finally {
    lock.release();
  }
}
