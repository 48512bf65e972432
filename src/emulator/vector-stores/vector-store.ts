import { isObject, type JsonObject } from '../../shared/json/json.ts';
import { notFound } from '../base/api-error.ts';
import { newId, nowInSeconds } from '../base/identifiers.ts';
import type { Listed } from '../check/paging.ts';
import type { Chunking } from './chunks.ts';
import type { StoredFile } from './stored-file.ts';

/** A file in a vector store. */
export interface IndexedFile {
  file: StoredFile;
  storeId: string;
  createdAt: number;
  status: 'in_progress' | 'completed' | 'failed' | 'cancelled';
  error: { code: 'unsupported_file' | 'invalid_file'; message: string } | undefined;
  attributes: JsonObject;
  chunking: Chunking;
}

export interface VectorStore {
  id: string;
  createdAt: number;
  lastActiveAt: number;
  name: string;
  metadata: JsonObject;
  expiresAfterDays: number | undefined;
  /** Keyed by file id. */
  files: Map<string, IndexedFile>;
}

/** Files that were added to a vector store together. */
export interface FileBatch {
  id: string;
  createdAt: number;
  storeId: string;
  files: IndexedFile[];
  isCancelled: boolean;
}

const SECONDS_PER_DAY = 86_400;

export function newVectorStore(body: JsonObject): VectorStore {
  const now = nowInSeconds();
  return {
    id: newId('vs'),
    createdAt: now,
    lastActiveAt: now,
    // The API requires a string even for a store without a name.
    name: typeof body.name === 'string' ? body.name : '',
    metadata: isObject(body.metadata) ? body.metadata : {},
    expiresAfterDays: daysOf(body),
    files: new Map(),
  };
}

export const daysOf = ({ expires_after: after }: JsonObject): number | undefined =>
  isObject(after) ? Number(after.days) : undefined;

export function addToStore(store: VectorStore, file: StoredFile, attributes: JsonObject, chunking: Chunking): IndexedFile {
  const createdAt = nowInSeconds();
  const indexed: IndexedFile = {
    file,
    storeId: store.id,
    createdAt,
    status: 'in_progress',
    error: undefined,
    attributes,
    chunking,
  };
  store.files.set(file.id, indexed);
  store.lastActiveAt = createdAt;
  return indexed;
}

export function fileInStore(store: VectorStore, id: string): IndexedFile {
  const indexed = store.files.get(id);
  if (!indexed) throw notFound(`No file found with id '${id}' in vector store '${store.id}'.`, 'file_id');
  return indexed;
}

export function storeResource(store: VectorStore): Listed {
  const { id, createdAt, lastActiveAt, name, metadata, expiresAfterDays: days } = store;
  const files = [...store.files.values()];
  const counts = countsOf(files);
  return {
    id,
    object: 'vector_store',
    created_at: createdAt,
    name,
    usage_bytes: files.reduce((sum, file) => sum + usageBytesOf(file), 0),
    file_counts: counts,
    status: counts.in_progress > 0 ? 'in_progress' : 'completed',
    ...(days === undefined ? {} : { expires_after: { anchor: 'last_active_at', days } }),
    expires_at: days === undefined ? null : lastActiveAt + days * SECONDS_PER_DAY,
    last_active_at: lastActiveAt,
    metadata,
  };
}

export const fileResource = (indexed: IndexedFile): Listed => ({
  id: indexed.file.id,
  object: 'vector_store.file',
  usage_bytes: usageBytesOf(indexed),
  created_at: indexed.createdAt,
  vector_store_id: indexed.storeId,
  status: indexed.status,
  last_error: indexed.error ?? null,
  chunking_strategy: { type: 'static', static: { ...indexed.chunking } },
  attributes: indexed.attributes,
});

export function batchResource({ id, createdAt, storeId, files, isCancelled }: FileBatch): JsonObject {
  const counts = countsOf(files);
  const status = counts.in_progress > 0 ? 'in_progress' : 'completed';
  return {
    id,
    object: 'vector_store.files_batch',
    created_at: createdAt,
    vector_store_id: storeId,
    status: isCancelled ? 'cancelled' : status,
    file_counts: counts,
  };
}

function countsOf(files: IndexedFile[]) {
  const count = (status: IndexedFile['status']) => files.filter((file) => file.status === status).length;
  return {
    in_progress: count('in_progress'),
    completed: count('completed'),
    failed: count('failed'),
    cancelled: count('cancelled'),
    total: files.length,
  };
}

const usageBytesOf = ({ status, file }: IndexedFile): number => (status === 'completed' ? file.bytes.length : 0);
