import { setMaxListeners } from 'node:events';
import type { JsonObject } from '../../shared/json/json.ts';
import type { Assistant } from '../assistants/assistant.ts';
import type { Thread } from '../assistants/thread.ts';
import { notFound } from '../base/api-error.ts';
import { newFileId, newId, nowInSeconds } from '../base/identifiers.ts';
import type { Item } from '../transcript/items.ts';
import type { ResponseRun } from '../transcript/run.ts';
import type { ContainerFile, StoredFile } from '../vector-stores/stored-file.ts';
import type { FileBatch, VectorStore } from '../vector-stores/vector-store.ts';

export interface Conversation {
  id: string;
  createdAt: number;
  metadata: JsonObject;
  items: Item[];
  /** The active response; there is at most one. */
  lockedBy: string | undefined;
}

/** All state of the emulator, in memory. */
export class Store {
  readonly conversations = new Map<string, Conversation>();
  readonly responses = new Map<string, ResponseRun>();
  readonly assistants = new Map<string, Assistant>();
  readonly threads = new Map<string, Thread>();
  readonly models = new Set<string>();
  readonly files = new Map<string, StoredFile>();
  readonly containerFiles = new Map<string, ContainerFile>();
  readonly vectorStores = new Map<string, VectorStore>();
  readonly fileBatches = new Map<string, FileBatch>();
  readonly #closing = new AbortController();

  constructor() {
    setMaxListeners(0, this.closing);
  }

  /** Aborted when the emulator closes, to end background work. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  close(): void {
    for (const run of this.responses.values()) run.stop();
    for (const thread of this.threads.values()) thread.stop();
    this.#closing.abort();
  }

  createConversation(metadata: JsonObject, items: Item[]): Conversation {
    const conversation = { id: newId('conv'), createdAt: nowInSeconds(), metadata, items, lockedBy: undefined };
    this.conversations.set(conversation.id, conversation);
    return conversation;
  }

  conversation(id: string): Conversation {
    const conversation = this.conversations.get(id);
    if (!conversation) throw notFound(`Conversation with id '${id}' not found.`);
    return conversation;
  }

  response(id: string): ResponseRun {
    const run = this.responses.get(id);
    if (!run) throw notFound(`Response with id '${id}' not found.`);
    return run;
  }

  assistant(id: string): Assistant {
    const assistant = this.assistants.get(id);
    if (!assistant) throw notFound(`No assistant found with id '${id}'.`);
    return assistant;
  }

  thread(id: string): Thread {
    const thread = this.threads.get(id);
    if (!thread) throw notFound(`No thread found with id '${id}'.`);
    return thread;
  }

  addFile(filename: string, purpose: string, bytes: Buffer, lifetimeInSeconds?: number): StoredFile {
    const createdAt = nowInSeconds();
    const expiresAt = lifetimeInSeconds === undefined ? undefined : createdAt + lifetimeInSeconds;
    const file = { id: newFileId(), filename, purpose, bytes, createdAt, expiresAt };
    this.files.set(file.id, file);
    return file;
  }

  /** `param` names the request's parameter in the error. */
  file(id: string, param = 'id'): StoredFile {
    const file = this.files.get(id);
    if (!file) throw notFound(`No such File object: ${id}`, param);
    return file;
  }

  addContainerFile(containerId: string, bytes: Buffer): ContainerFile {
    const file = { id: newId('cfile'), containerId, bytes };
    this.containerFiles.set(file.id, file);
    return file;
  }

  /** Deletes the file also from vector stores. */
  removeFile(id: string): void {
    this.files.delete(id);
    for (const { files } of this.vectorStores.values()) files.delete(id);
  }

  vectorStore(id: string, param = 'vector_store_id'): VectorStore {
    const found = this.vectorStores.get(id);
    if (!found) throw notFound(`Vector store with id '${id}' not found.`, param);
    return found;
  }

  /** Finds an item of any conversation or response, for `item_reference`. */
  item(id: string): Item | undefined {
    const conversations = [...this.conversations.values()].map(({ items }) => items);
    const responses = [...this.responses.values()].map(({ transcript }) => transcript());
    for (const items of [...conversations, ...responses]) {
      const found = items.find((item) => item.id === id);
      if (found) return found;
    }
    return undefined;
  }
}
