import { type JsonObject, ThreadlineError, withDeadline } from 'threadline/provider';
import { fileKindOf } from '../base/file-kind.ts';
import { inParallel } from '../base/in-parallel.ts';
import { dataUrlOf, mediaTypeOf } from '../base/media-type.ts';
import { type FileServer, request } from './file-server.ts';

/**
 * A file that the model made, in a form that the next step takes as it is: `data_url` fits an image's `url` and an attachment's
 * `data`. It is null where the file could not be fetched; then `error` says why.
 */
export interface AnswerFile extends JsonObject {
  file_id: string;
  filename: string;
  media_type: string;
  /** Size in bytes; 0 where it could not be fetched. */
  bytes: number;
  data_url: string | null;
  error: string | null;
}

/** Larger files stay at the server: results are kept with the run. */
const FILE_BYTES = 5_000_000;
const ALL_BYTES = 20_000_000;
const FETCH_MS = 60_000;
const AT_ONCE = 4;
const MOST_NAMES = 1000;
const MADE = new Set(['container_file_citation', 'file_path', 'image_file']);

/** File names by server and file id; they never change. Null where the file is gone. */
const names = new Map<string, string | null>();

/** Adds the names of cited files where the API leaves them out, and where they can be found out. */
export async function nameCitations(server: FileServer, annotations: readonly JsonObject[]): Promise<JsonObject[]> {
  const unnamed = new Set(annotations.filter(isUnnamed).map((annotation) => String(annotation.file_id)));
  const found = new Map(
    await inParallel([...unnamed], AT_ONCE, async (fileId) => [fileId, await filenameAt(server, fileId)] as const),
  );
  return annotations.map((annotation) => {
    const filename = isUnnamed(annotation) ? found.get(String(annotation.file_id)) : undefined;
    return filename ? { ...annotation, filename } : annotation;
  });
}

const isUnnamed = ({ type, file_id: fileId, filename }: JsonObject): boolean =>
  (type === 'file_citation' || type === 'file_path' || type === 'image_file') && typeof fileId === 'string' && !filename;

async function filenameAt(server: FileServer, fileId: string): Promise<string | null> {
  const key = `${server.remoteKey} ${fileId}`;
  const known = names.get(key);
  if (known !== undefined) return known;
  const filename = await request(server, (options) => server.client.files.retrieve(fileId, options)).then(
    (file) => file.filename ?? null,
    (thrown) => {
      server.signal.throwIfAborted();
      // A failure does not matter: the answer is there and paid for. A file that was deleted since has no name.
      if (!(thrown instanceof ThreadlineError) || thrown.code !== 'not_found') return undefined;
      return null;
    },
  );
  if (filename === undefined) return null;
  if (names.size >= MOST_NAMES) names.delete(names.keys().next().value ?? '');
  names.set(key, filename);
  return filename;
}

/**
 * Fetches the files that an answer's annotations point to, right after the answer, because servers delete containers within
 * minutes. Takes 5 MB each and 20 MB together. Rejects only when the step is cancelled: the answer is paid for.
 */
export async function fetchFiles(server: FileServer, annotations: readonly JsonObject[]): Promise<AnswerFile[]> {
  const made = new Map(
    annotations.filter(({ type }) => MADE.has(String(type))).map((one) => [`${one.container_id} ${one.file_id}`, one]),
  );
  const files: AnswerFile[] = [];
  let left = ALL_BYTES;
  for (const annotation of made.values()) {
    const file = await fetchFile(server, annotation, Math.min(FILE_BYTES, left));
    left -= file.bytes;
    files.push(file);
  }
  return files;
}

async function fetchFile(server: FileServer, annotation: JsonObject, limit: number): Promise<AnswerFile> {
  const fileId = String(annotation.file_id);
  const filename = typeof annotation.filename === 'string' ? annotation.filename.split('/').at(-1) || fileId : fileId;
  const kind = annotation.type === 'image_file' ? 'image/png' : 'application/octet-stream';
  const file = { file_id: fileId, filename, media_type: mediaTypeOf(filename, kind) };
  const late = new ThreadlineError('timeout', `the file did not arrive within ${FETCH_MS / 1000} seconds`);
  try {
    const bytes = await withDeadline(FETCH_MS, late, server.signal, (signal) =>
      request({ ...server, signal }, async (options) => bytesWithin(await requestContent(server, annotation, options), limit)),
    );
    const media_type = fileKindOf(bytes)?.mediaType ?? file.media_type;
    return { ...file, media_type, bytes: bytes.length, data_url: dataUrlOf(bytes, media_type), error: null };
  } catch (thrown) {
    server.signal.throwIfAborted();
    return { ...file, bytes: 0, data_url: null, error: (thrown as Error).message };
  }
}

function requestContent(
  { client }: FileServer,
  { container_id, file_id }: JsonObject,
  options: { signal: AbortSignal },
): Promise<Response> {
  if (typeof container_id !== 'string') return client.files.content(String(file_id), options);
  return client.containers.files.content.retrieve(String(file_id), { container_id }, options);
}

async function bytesWithin({ body }: Response, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > limit) throw new ThreadlineError('response_too_large', `the file is larger than ${limit / 1_000_000} MB`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
