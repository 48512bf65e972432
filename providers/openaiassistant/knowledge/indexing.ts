import { setTimeout as delay } from 'node:timers/promises';
import type OpenAI from 'openai';
import { type JsonObject, ThreadlineError, withDeadline } from 'threadline/provider';
import { type FileServer, request } from './file-server.ts';

type VectorStoreFileBatch = OpenAI.VectorStores.VectorStoreFileBatch;

/** An uploaded file on its way into a vector store. */
export interface IndexedFile {
  fileId: string;
  /** The file's name in failures. */
  name: string;
  /** Up to 16 values that searches can filter by. */
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

/** How texts are cut into pieces, in tokens. */
export interface Chunking {
  size: number;
  overlap: number;
}

/** Files that are added at once; servers take 2000 at most. */
const BATCH = 500;
const PAGE = 100;
const TIMEOUT_MS = 600_000;
const POLL_MS = { usual: 1000, least: 50, most: 30_000 };
/** With any other status, known or not, the work goes on. */
const ENDED = new Set(['completed', 'failed', 'cancelled']);

/**
 * Adds files to a vector store and waits until it has read them. Resolves with the files that it could not read; rejects with
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
  // Attributes need the form with an entry for each file; more servers know the other one.
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
  const batch = await batchEnd(server, vectorStoreId, await startBatch(server, vectorStoreId, files, chunking));
  const { failed = 0, cancelled = 0 } = batch.file_counts ?? {};
  if (batch.status === 'completed' && failed + cancelled === 0) return [];
  const names = new Map(files.map(({ fileId, name }) => [fileId, name]));
  const failures = await failuresOf(server, batch, names);
  if (failures.length > 0) return failures;
  throw new ThreadlineError('step_failed', `The vector store ended reading its files: ${batch.status}.`, {
    details: { vector_store_id: vectorStoreId, batch_id: batch.id, file_counts: { ...batch.file_counts } },
  });
}

/** Waits for the end of a batch. The SDK's own waiting has no deadline, and spins on unknown statuses. */
async function batchEnd(server: FileServer, vectorStoreId: string, begun: VectorStoreFileBatch): Promise<VectorStoreFileBatch> {
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

/** The failure of a step that needs all of the files. */
export function failureOfFiles(failed: IndexFailure[], of: number): ThreadlineError {
  const [first] = failed;
  const which = failed.length > 1 ? `${failed.length} of ${of} files` : first?.name;
  return new ThreadlineError('step_failed', `The vector store cannot search ${which}: ${first?.message}`, {
    details: { failed: failed.map(failureReport) },
    // A failure of the server may pass; a file of the wrong kind stays one.
    retryable: failed.every(({ code }) => code === 'server_error'),
  });
}

export const failureReport = ({ fileId, name, code, message }: IndexFailure): JsonObject => ({
  file_id: fileId,
  filename: name,
  code,
  message,
});
