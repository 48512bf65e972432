import { setTimeout as delay } from 'node:timers/promises';
import type OpenAI from 'openai';
import { type JsonObject, ThreadlineError } from 'threadline/provider';
import { withDeadline } from '../base/deadline.ts';
import { type FileServer, request } from './file-server.ts';

type VectorStoreFileBatch = OpenAI.VectorStores.VectorStoreFileBatch;

/** An uploaded file on its way into a vector store. */
export interface IndexedFile {
  fileId: string;
  /** As failures name it. */
  name: string;
  /** What searches can filter by: up to 16. */
  attributes?: Record<string, string | number | boolean>;
}

/** A file that a vector store could not read. */
export interface IndexFailure {
  fileId: string;
  name: string;
  /** `unsupported_file`, `invalid_file`, `server_error`, or `cancelled`. */
  code: string;
  message: string;
}

/** How texts are cut, in tokens. */
export interface Chunking {
  size: number;
  overlap: number;
}

/** Where the server takes 2000, it wants fewer for those that make a store. */
const BATCH = 500;
const PAGE = 100;
const TIMEOUT_MS = 600_000;
const POLL_MS = { usual: 1000, least: 50, most: 30_000 };
/** Whatever else a server may say: it is not over. */
const ENDED = new Set(['completed', 'failed', 'cancelled']);

/**
 * Adds files to a vector store and waits until it has read them. Resolves with those that it could not read; rejects with
 * `timeout` when it takes longer than `limitMs`, ten minutes by default: then it may still be reading.
 */
export async function indexFiles(
  server: FileServer,
  vectorStoreId: string,
  files: IndexedFile[],
  { chunking, limitMs = TIMEOUT_MS }: { chunking?: Chunking | undefined; limitMs?: number } = {},
): Promise<IndexFailure[]> {
  const late = new ThreadlineError('timeout', `The vector store did not read its files within ${limitMs / 1000} seconds.`, {
    details: { vector_store_id: vectorStoreId },
    hint: 'It may still be reading: try again later.',
  });
  return withDeadline(limitMs, late, server.signal, async (signal) => {
    const failed: IndexFailure[] = [];
    for (const batch of batchesOf(files))
      failed.push(...(await indexBatch({ ...server, signal }, vectorStoreId, batch, chunking)));
    return failed;
  });
}

/** Adds files, and does not wait until they can be searched. */
export async function startIndexing(
  server: FileServer,
  vectorStoreId: string,
  files: IndexedFile[],
  chunking?: Chunking,
): Promise<void> {
  for (const batch of batchesOf(files)) await startBatch(server, vectorStoreId, batch, chunking);
}

const batchesOf = (files: IndexedFile[]): IndexedFile[][] =>
  Array.from({ length: Math.ceil(files.length / BATCH) }, (_, at) => files.slice(at * BATCH, (at + 1) * BATCH));

function startBatch(
  server: FileServer,
  vectorStoreId: string,
  files: IndexedFile[],
  chunking?: Chunking,
): Promise<VectorStoreFileBatch> {
  const strategy = chunking && { chunking_strategy: strategyOf(chunking) };
  // With attributes each file stands for itself; otherwise in the form that more servers know.
  const body = files.some(({ attributes }) => attributes)
    ? { files: files.map(({ fileId, attributes = {} }) => ({ file_id: fileId, attributes, ...strategy })) }
    : { file_ids: files.map(({ fileId }) => fileId), ...strategy };
  return request(server, (options) => server.client.vectorStores.fileBatches.create(vectorStoreId, body, options));
}

const strategyOf = ({ size, overlap }: Chunking): OpenAI.FileChunkingStrategyParam => ({
  type: 'static',
  static: { max_chunk_size_tokens: size, chunk_overlap_tokens: overlap },
});

async function indexBatch(server: FileServer, vectorStoreId: string, files: IndexedFile[], chunking?: Chunking) {
  const batch = await ended(server, vectorStoreId, await startBatch(server, vectorStoreId, files, chunking));
  const { failed = 0, cancelled = 0 } = batch.file_counts ?? {};
  if (batch.status === 'completed' && failed + cancelled === 0) return [];
  const names = new Map(files.map(({ fileId, name }) => [fileId, name]));
  const failures = await failuresOf(server, batch, names);
  if (failures.length > 0) return failures;
  throw new ThreadlineError('step_failed', `The vector store ended reading its files: ${batch.status}.`, {
    details: { vector_store_id: vectorStoreId, batch_id: batch.id, file_counts: { ...batch.file_counts } },
  });
}

/** The SDK's own way to wait has no end, and spins on words that it does not know. */
async function ended(server: FileServer, vectorStoreId: string, begun: VectorStoreFileBatch): Promise<VectorStoreFileBatch> {
  const { fileBatches } = server.client.vectorStores;
  for (let batch = begun; ; ) {
    if (ENDED.has(batch.status)) return batch;
    const { data, response } = await request(server, (options) =>
      fileBatches.retrieve(begun.id, { vector_store_id: vectorStoreId }, options).withResponse(),
    );
    batch = data;
    if (!ENDED.has(batch.status)) await pause(response.headers.get('openai-poll-after-ms'), server.signal);
  }
}

async function pause(wished: string | null, signal: AbortSignal): Promise<void> {
  const { usual, least, most } = POLL_MS;
  const wishedMs = wished === null ? usual : Number(wished) || usual;
  await delay(Math.min(Math.max(wishedMs, least), most), undefined, { signal }).catch(() => signal.throwIfAborted());
}

async function failuresOf(server: FileServer, { id, vector_store_id }: VectorStoreFileBatch, names: Map<string, string>) {
  const { fileBatches } = server.client.vectorStores;
  const failures: IndexFailure[] = [];
  for (const filter of ['failed', 'cancelled'] as const) {
    await request(server, async (options) => {
      for await (const file of fileBatches.listFiles(id, { vector_store_id, filter, limit: PAGE }, options)) {
        const { code = filter, message = `The file was ${filter}.` } = file.last_error ?? {};
        failures.push({ fileId: file.id, name: names.get(file.id) ?? file.id, code, message });
      }
    });
  }
  const order = [...names.keys()];
  return failures.sort((one, other) => order.indexOf(one.fileId) - order.indexOf(other.fileId));
}

/** For a step that needs them all. */
export function failureOfFiles(failed: IndexFailure[], of: number): ThreadlineError {
  const [first] = failed;
  const which = failed.length > 1 ? `${failed.length} of ${of} files` : first?.name;
  return new ThreadlineError('step_failed', `The vector store cannot search ${which}: ${first?.message}`, {
    details: { failed: failed.map(describe) },
    // What the server broke on may go the next time; a file of the wrong kind stays one.
    retryable: failed.every(({ code }) => code === 'server_error'),
  });
}

export const describe = ({ fileId, name, code, message }: IndexFailure): JsonObject => ({
  file_id: fileId,
  filename: name,
  code,
  message,
});
