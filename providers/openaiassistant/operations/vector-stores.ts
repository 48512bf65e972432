import type { Json, JsonObject } from 'threadline/provider';
import { inParallel } from '../base/in-parallel.ts';
import type { OperationParams } from '../contract/operation-schema.ts';
import type { FileServer } from '../knowledge/file-server.ts';
import { failureReport, type IndexedFile, type IndexFailure, indexFiles, startIndexing } from '../knowledge/indexing.ts';
import { daysOf } from '../knowledge/lifetime.ts';
import { searchable } from '../knowledge/searchable.ts';
import { uploadOnce } from '../knowledge/uploads.ts';
import { createVectorStore, deleteVectorStore, fileCountsOf } from '../knowledge/vector-stores.ts';
import { filesOf } from './files.ts';

const AT_ONCE = 4;
const CLEANUP_MS = 5000;

/** `failed` has the files that cannot be searched; the store is made with the others. */
export async function makeVectorStore(params: OperationParams, server: FileServer): Promise<Json> {
  const { name = server.context.run.workflow, expires_after: expiresAfter, metadata } = params;
  const expiresAfterDays = expiresAfter === undefined ? undefined : daysOf(expiresAfter);
  // Files come before the store, so that a file that cannot be read leaves no store behind.
  const files = await filesToIndex(params, server);
  const id = await createVectorStore(server, { name, expiresAfterDays, metadata });
  try {
    return await index(params, server, id, files);
  } catch (thrown) {
    // Deleted, because nobody knows its id; a failure of that is not the step's failure.
    await despiteAbort(server, (own) => deleteVectorStore(own, id)).catch(() => undefined);
    throw thrown;
  }
}

/** Works with a deadline of its own, also when the step has been cancelled. */
const despiteAbort = <Result>(server: FileServer, work: (own: FileServer) => Promise<Result>): Promise<Result> =>
  work({ ...server, signal: AbortSignal.timeout(CLEANUP_MS) });

export async function addToVectorStore(params: OperationParams, server: FileServer): Promise<Json> {
  return index(params, server, params.vector_store_id ?? '', await filesToIndex(params, server));
}

interface FilesToIndex {
  files: IndexedFile[];
  /** Rows of the results for files that are not even uploaded, because they cannot be searched. */
  refused: JsonObject[];
}

async function filesToIndex({ file_ids: fileIds = [], paths = [] }: OperationParams, server: FileServer): Promise<FilesToIndex> {
  const brought = await inParallel(await filesOf({ paths }, server), AT_ONCE, async ({ path, read }) => {
    const found = searchable(await read());
    if ('message' in found) return { refused: [{ file_id: null, filename: path, ...found }], files: [] };
    const { fileId } = await uploadOnce(server, found.content, 'assistants');
    return { refused: [], files: [{ fileId, name: path }] };
  });
  const given = fileIds.map((fileId) => ({ fileId, name: fileId }));
  return { files: [...given, ...brought.flatMap(({ files }) => files)], refused: brought.flatMap(({ refused }) => refused) };
}

async function index(
  { wait = true, chunking }: OperationParams,
  server: FileServer,
  id: string,
  { files, refused }: FilesToIndex,
): Promise<Json> {
  let failed: IndexFailure[] = [];
  if (files.length > 0 && wait) failed = await indexFiles(server, id, files, { chunking });
  else if (files.length > 0) await startIndexing(server, id, files, chunking);
  const rows = [...refused, ...failed.map(failureReport)];
  return { vector_store_id: id, file_counts: await fileCountsOf(server, id), failed: rows };
}

/** Deletes the files in the store only where that is asked for: others may use them. */
export async function removeVectorStore(params: OperationParams, server: FileServer): Promise<Json> {
  const { vector_store_id: id = '', with_files: withFiles = false } = params;
  const { isGone, files } = await deleteVectorStore(server, id, withFiles);
  return { vector_store_id: id, deleted: !isGone, files_deleted: files };
}
