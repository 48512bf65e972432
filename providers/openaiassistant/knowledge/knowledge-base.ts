import type { JsonObject } from 'threadline/provider';
import { inParallel } from '../base/in-parallel.ts';
import { type FileServer, sha256 } from './file-server.ts';
import { type Chunking, type IndexFailure, indexFiles } from './indexing.ts';
import { searchable } from './searchable.ts';
import { deleteFile, KNOWLEDGE_FILE as KIND, upload } from './uploads.ts';
import { removeFile } from './vector-stores.ts';

/** A file of a knowledge base, as the store remembers it. */
export interface KnowledgeFile {
  path: string;
  /** A hash of its content and of the chunking. */
  hash: string;
  /** Empty where the server does not have the file, because it cannot be searched. */
  fileId: string;
  vectorStoreId: string;
  /** `uploaded` is left by a process that ended before the file was indexed. */
  state: 'uploaded' | 'ready' | 'failed';
  code?: string;
  message?: string;
}

/** Files are added in portions: a process that dies loses the work on one at most. */
const PORTION = 500;
const AT_ONCE = 4;

/** A vector store, the files in it, and the store's memory of both. Its caller holds the lock of the key. */
export class KnowledgeBase {
  private readonly server: FileServer;
  private readonly digest: string;
  readonly vectorStoreId: string;
  private readonly chunking: Chunking | undefined;

  constructor(server: FileServer, digest: string, vectorStoreId: string, chunking: Chunking | undefined) {
    this.server = server;
    this.digest = digest;
    this.vectorStoreId = vectorStoreId;
    this.chunking = chunking;
  }

  /** All files that are remembered, also the ones of a vector store that was lost. */
  files(): KnowledgeFile[] {
    const { store, remoteKey } = this.server;
    const own = store.objects(remoteKey, KIND).filter(({ key }) => key.startsWith(`${this.digest}/`));
    return own.map(({ id, data }) => ({ ...(data as unknown as KnowledgeFile), fileId: id }));
  }

  /** Whether a file is in this vector store, or is known to be unsearchable. */
  isSettled({ vectorStoreId, state }: KnowledgeFile): boolean {
    return vectorStoreId === this.vectorStoreId && state !== 'uploaded';
  }

  async add(paths: string[]): Promise<KnowledgeFile[]> {
    const added: KnowledgeFile[] = [];
    for (let at = 0; at < paths.length; at += PORTION) {
      const portion = await inParallel(paths.slice(at, at + PORTION), AT_ONCE, (path) => this.bring(path));
      added.push(...(await this.index(portion)));
    }
    return added;
  }

  private async bring(path: string): Promise<KnowledgeFile> {
    const { name, bytes } = await this.server.context.files.read(path);
    const file = { path, hash: hashOf(bytes, this.chunking), vectorStoreId: this.vectorStoreId };
    const found = searchable({ name, bytes });
    if ('message' in found) return this.keep({ ...file, fileId: '', state: 'failed', ...found });
    const { fileId } = await upload(this.server, found.content, 'assistants');
    return this.keep({ ...file, fileId, state: 'uploaded' });
  }

  private async index(files: KnowledgeFile[]): Promise<KnowledgeFile[]> {
    const pending = files.filter(({ state }) => state === 'uploaded');
    const entries = pending.map(({ fileId, path }) => ({ fileId, name: path, attributes: { path: path.slice(0, 512) } }));
    const failures = await indexFiles(this.server, this.vectorStoreId, entries, { chunking: this.chunking });
    const byId = new Map(failures.map((failure) => [failure.fileId, failure]));
    return Promise.all(files.map((file) => (file.state === 'uploaded' ? this.settle(file, byId.get(file.fileId)) : file)));
  }

  private async settle(file: KnowledgeFile, failure: IndexFailure | undefined): Promise<KnowledgeFile> {
    if (!failure) return this.keep({ ...file, state: 'ready' });
    await this.remove(file);
    const { code, message } = failure;
    const failed: KnowledgeFile = { ...file, fileId: '', state: 'failed', code, message };
    // Not remembered, so that it is tried again the next time: the failure was the server's.
    return code === 'server_error' || code === 'cancelled' ? failed : this.keep(failed);
  }

  async removeAll(files: KnowledgeFile[]): Promise<void> {
    await inParallel(files, AT_ONCE, (file) => this.remove(file));
  }

  private async remove(file: KnowledgeFile): Promise<void> {
    const { fileId, vectorStoreId } = file;
    if (fileId && vectorStoreId === this.vectorStoreId) await removeFile(this.server, vectorStoreId, fileId);
    if (fileId) await deleteFile(this.server, fileId);
    this.server.store.forgetObject(this.server.remoteKey, KIND, this.keyOf(file));
  }

  private keep(file: KnowledgeFile): KnowledgeFile {
    const { fileId, ...data } = file;
    const object = { id: fileId, data: data as JsonObject, createdAtMs: Date.now(), expiresAtMs: null };
    this.server.store.setObject(this.server.remoteKey, KIND, this.keyOf(file), object);
    return file;
  }

  /** Contains the file's id, so that a new version is not forgotten together with the old one. */
  private keyOf = ({ path, hash, fileId }: KnowledgeFile) => `${this.digest}/${fileId}/${hash}/${path}`;
}

/** The chunking counts: a file that is cut differently has to be indexed again. */
export const hashOf = (bytes: Uint8Array, chunking: Chunking | undefined): string =>
  sha256(`${sha256(bytes)} ${JSON.stringify(chunking ?? null)}`);
