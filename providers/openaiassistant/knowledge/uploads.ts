import type OpenAI from 'openai';
import { ThreadlineError } from 'threadline/provider';
import type { RemoteObject } from 'threadline/runtime';
import { fileKindOf, pictureType } from '../base/file-kind.ts';
import { mediaTypeOf } from '../base/media-type.ts';
import { orAborted } from '../base/or-aborted.ts';
import { type Content, endingLike } from './content.ts';
import { type FileServer, hostOf, isGone, request, requestIfThere, seenNow, sha256, wasJustSeen } from './file-server.ts';

/** The use of an upload: tools of the server, messages, or pictures. */
export type Purpose = 'assistants' | 'user_data' | 'vision';

export interface Uploaded {
  fileId: string;
  name: string;
  /** The size of the file. */
  bytes: number;
  /** False where the server had it already. */
  isNew: boolean;
}

/** The lifetimes that servers take for a file. */
export const EXPIRY_SECONDS = { minimum: 3600, maximum: 2_592_000 };

const KIND = 'file';
/** Files of knowledge bases are remembered apart: each belongs to one vector store. */
export const KNOWLEDGE_FILE = 'knowledge_file';
const LARGEST_BYTES = 512 * 1024 * 1024;
/** A file that expires within five minutes counts as expired: it could go while it is being read. */
const MARGIN_MS = 300_000;
const AZURE = /(^|\.)(openai\.azure\.com|services\.ai\.azure\.com)$/;

/** Uploads under way in this process: at most one for each content. */
const underWay = new Map<string, { work: Promise<Uploaded>; signal: AbortSignal }>();

/**
 * Uploads a file, unless the same content was uploaded before under the same name for the same purpose, and is still there.
 * Rejects with `invalid_params` for files that are empty or larger than 512 MB.
 */
export function uploadOnce(
  server: FileServer,
  content: Content,
  purpose: Purpose,
  expiresAfterSeconds?: number,
): Promise<Uploaded> {
  // Files that stay and files that expire are kept apart.
  const key = `${purpose}/${expiresAfterSeconds ?? 'stays'}/${sha256(content.bytes)}/${content.name}`;
  const everywhere = `${server.remoteKey} ${server.account} ${key}`;
  const known = underWay.get(everywhere);
  if (known) {
    return orAborted(known.work, server.signal).catch((thrown) => {
      // The step that began the upload was cancelled, and this one was not.
      if (known.signal.aborted && !server.signal.aborted) return uploadOnce(server, content, purpose, expiresAfterSeconds);
      throw thrown;
    });
  }
  const work = find(server, key, content).then(
    (found) => found ?? makeAndKeep(server, key, content, purpose, expiresAfterSeconds),
  );
  underWay.set(everywhere, { work, signal: server.signal });
  const end = () => underWay.delete(everywhere);
  work.then(end, end);
  return work;
}

async function find(server: FileServer, key: string, content: Content): Promise<Uploaded | undefined> {
  const known = server.store.object(server.remoteKey, KIND, key, Date.now());
  if (!known) return undefined;
  if (!wasJustSeen(known, server)) {
    const there = await requestIfThere(server, (options) => server.client.files.retrieve(known.id, options));
    if (!there) return undefined;
    server.store.setObject(server.remoteKey, KIND, key, { ...known, data: seenNow(server) });
  }
  return { fileId: known.id, name: content.name, bytes: content.bytes.length, isNew: false };
}

async function makeAndKeep(server: FileServer, key: string, content: Content, purpose: Purpose, expiresAfterSeconds?: number) {
  const made = await upload(server, content, purpose, expiresAfterSeconds);
  const expiresAtMs = expiresAfterSeconds === undefined ? null : Date.now() + expiresAfterSeconds * 1000 - MARGIN_MS;
  const object: RemoteObject = { id: made.fileId, data: seenNow(server), createdAtMs: Date.now(), expiresAtMs };
  server.store.setObject(server.remoteKey, KIND, key, object);
  return made;
}

/** Uploads in any case, and remembers nothing. */
export async function upload(
  server: FileServer,
  content: Content,
  purpose: Purpose,
  expiresAfterSeconds?: number,
): Promise<Uploaded> {
  const { name, bytes } = purpose === 'vision' ? endingLike(content, pictureType(content.name, content.bytes)) : content;
  checkSize(name, bytes.length);
  const type = fileKindOf(bytes)?.mediaType ?? mediaTypeOf(name, 'application/octet-stream');
  const body = {
    // With a File the request has a content length: servers refuse uploads without one.
    file: new File([bytes as Uint8Array<ArrayBuffer>], name, { type }),
    purpose: purposeAt(server, purpose),
    ...(expiresAfterSeconds === undefined
      ? {}
      : { expires_after: { anchor: 'created_at' as const, seconds: expiresAfterSeconds } }),
  };
  const made = await request(server, (options) => server.client.files.create(body, options)).catch(withoutFiles(server));
  return { fileId: fileIdOf(made, server), name, bytes: bytes.length, isNew: true };
}

function checkSize(name: string, size: number): void {
  if (size === 0) throw new ThreadlineError('invalid_params', `${name} is empty: servers take no empty files.`);
  if (size <= LARGEST_BYTES) return;
  throw new ThreadlineError('invalid_params', `${name} is larger than 512 MB.`);
}

/** Azure does not know `user_data`. */
const purposeAt = ({ client }: FileServer, purpose: Purpose): Purpose =>
  purpose === 'user_data' && AZURE.test(new URL(client.baseURL).hostname) ? 'assistants' : purpose;

function fileIdOf(made: Partial<OpenAI.FileObject>, { client }: FileServer): string {
  if (typeof made?.id === 'string') return made.id;
  throw new ThreadlineError('server_error', `${hostOf(client)} took a file and did not tell its id.`, {
    retryable: false,
  });
}

/** Explains the answer of a server without files. */
export const withoutFiles =
  ({ client }: FileServer) =>
  (thrown: unknown): never => {
    if (!isGone(thrown)) throw thrown;
    throw new ThreadlineError('unsupported', `${hostOf(client)} keeps no files.`, {
      hint: 'Attach files without `tools`: then they are sent inside of the request.',
      cause: thrown,
    });
  };

/** Deletes a file at the server and forgets it; false where it was not there. */
export async function deleteFile(server: FileServer, fileId: string): Promise<boolean> {
  const gone = await requestIfThere(server, (options) => server.client.files.delete(fileId, options));
  for (const kind of [KIND, KNOWLEDGE_FILE])
    for (const { id, key } of server.store.objects(server.remoteKey, kind))
      if (id === fileId) server.store.forgetObject(server.remoteKey, kind, key);
  return gone !== undefined;
}
