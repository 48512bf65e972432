import type { JsonObject } from 'threadline/provider';
import { inParallel } from '../base/in-parallel.ts';
import { type FileServer, sha256 } from './file-server.ts';
import { type Chunking, type IndexFailure, indexFiles } from './indexing.ts';
import { searchable } from './searchable.ts';
import { deleteFile, KNOWLEDGE_FILE as KIND, upload } from './uploads.ts';
import { removeFile } from './vector-stores.ts';

/** A file that was brought to the server for a knowledge base, as it is remembered. */
export interface KnowledgeFile {
  path: string;
  /** Of its content, and of how it is cut. */
  hash: string;
  /** Empty of one that the server has not got, because it cannot be searched. */
  fileId: string;
  vectorStoreId: string;
  /** One that is only `uploaded` was left so by a process that ended before its work did. */
  state: 'uploaded' | 'ready' | 'failed';
  code?: string;
  message?: string;
}

/** What is done before it counts as done: the work on so many files is lost with a process at most. */
const PORTION = 500;
const AT_ONCE = 4;

/** One vector store, the files in it, and the memory of both. For one who holds its key. */
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

  /** Everything that is remembered, also of a vector store that was lost. */
  files(): KnowledgeFile[] {
    const { store, place } = this.server;
    const own = store.objects(place, KIND).filter(({ key }) => key.startsWith(`${this.digest}/`));
    return own.map(({ id, data }) => ({ ...(data as unknown as KnowledgeFile), fileId: id }));
  }

  /** Whether it is in this vector store, or is known not to fit into one. */
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
    if (bytes.length === 0)
      return this.keep({ ...file, fileId: '', state: 'failed', code: 'invalid_file', message: 'The file is empty.' });
    const { fileId } = await upload(this.server, searchable({ name, bytes }), 'assistants');
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
    // What the server itself broke on is tried again the next time.
    return code === 'server_error' || code === 'cancelled' ? failed : this.keep(failed);
  }

  async removeAll(files: KnowledgeFile[]): Promise<void> {
    await inParallel(files, AT_ONCE, (file) => this.remove(file));
  }

  private async remove(file: KnowledgeFile): Promise<void> {
    const { fileId, vectorStoreId } = file;
    if (fileId && vectorStoreId === this.vectorStoreId) await removeFile(this.server, vectorStoreId, fileId);
    if (fileId) await deleteFile(this.server, fileId);
    this.server.store.forgetObject(this.server.place, KIND, this.keyOf(file));
  }

  private keep(file: KnowledgeFile): KnowledgeFile {
    const { fileId, ...data } = file;
    const object = { id: fileId, data: data as JsonObject, createdAtMs: Date.now(), expiresAtMs: null };
    this.server.store.setObject(this.server.place, KIND, this.keyOf(file), object);
    return file;
  }

  /** With the file's id, so that what replaces a file is not forgotten together with it. */
  private keyOf = ({ path, hash, fileId }: KnowledgeFile) => `${this.digest}/${fileId}/${hash}/${path}`;
}

/** Cut in another way, a file is another one. */
export const hashOf = (bytes: Uint8Array, chunking: Chunking | undefined): string =>
  sha256(`${sha256(bytes)} ${JSON.stringify(chunking ?? null)}`);
