import type { Usage } from '../plan/event.ts';
import type { Json, JsonObject } from '../shared/json/json.ts';

/** A conversation in our own store, whichever API it is held over. Times are milliseconds since 1970. */
export interface Thread {
  id: string;
  /** The author's name for the thread: an alert's fingerprint, a chat's id. Only one thread at a time has a key. */
  key: string | null;
  /** The workflow that the thread belongs to. */
  tenant: string;
  metadata: Record<string, string>;
  createdAtMs: number;
  lastUsedAtMs: number;
  /** The time from which the key leads to a new thread. */
  expiresAtMs: number | null;
  /** The usage of all steps on the thread. */
  usage: Usage;
}

/**
 * An item of a thread, in a form of no particular API:
 * - `{type: 'message', role, parts, id?, runId?}`
 * - `{type: 'tool_call', callId, name, arguments}` and `{type: 'tool_output', callId, output}`
 * - `{type: 'opaque', wire, origin, item}`: an item that only the wire and the server which made it understand, such as encrypted reasoning.
 */
export type ThreadItem = JsonObject & { type: 'message' | 'tool_call' | 'tool_output' | 'opaque' };

export interface StoredItem {
  item: ThreadItem;
  atMs: number;
}

/** The copy of a thread at a server. */
export interface RemoteThread {
  /** The server's id of the copy. */
  id: string;
  /** How many of the thread's items, from the first, the copy has. */
  synced: number;
}

/** An object that we created at a server: an uploaded file, a vector store, an assistant. */
export interface RemoteObject {
  id: string;
  data: Json;
  createdAtMs: number;
  expiresAtMs: number | null;
}

/** The server, and the part of it, that a copy or an object belongs to: `api.openai.com/responses`. */
export type RemoteKey = string;

export interface NewThread {
  id: string;
  tenant: string;
  key?: string | undefined;
  metadata?: Record<string, string>;
  expiresAtMs?: number | undefined;
}

export interface ThreadFilter {
  tenant?: string | undefined;
  key?: string | undefined;
  /** Only threads with all of these pairs. */
  metadata?: Record<string, string> | undefined;
  limit?: number | undefined;
}

/** The threads and their items. All calls are synchronous; several processes may have one file open. */
export interface ThreadStore {
  /** A thread that had the key before loses it. */
  create(thread: NewThread, atMs: number): Thread;
  get(id: string): Thread | undefined;
  /** The thread with the key, unless it has expired. */
  byKey(key: string, atMs: number): Thread | undefined;
  /** The thread with a copy of that id at any server. */
  byRemoteId(remoteId: string): Thread | undefined;
  /** Most recently used threads first. */
  list(filter: ThreadFilter): Thread[];
  /** Records that the thread was used, and when it expires. */
  touch(id: string, atMs: number, expiresAtMs?: number | null): void;
  /** Replaces the metadata. */
  setMetadata(id: string, metadata: Record<string, string>): void;
  addUsage(id: string, usage: Usage): void;
  /** Deletes the thread with its items and its remote ids; false when there is none. */
  delete(id: string): boolean;

  items(id: string): StoredItem[];
  append(id: string, items: readonly ThreadItem[], atMs: number): void;
  /** Replaces the items from that position on. */
  replaceFrom(id: string, position: number, items: readonly ThreadItem[], atMs: number): void;

  remotes(id: string): { place: RemoteKey; remote: RemoteThread }[];
  remote(id: string, remoteKey: RemoteKey): RemoteThread | undefined;
  setRemote(id: string, remoteKey: RemoteKey, remote: RemoteThread): void;
  forgetRemote(id: string, remoteKey: RemoteKey): void;

  object(remoteKey: RemoteKey, kind: string, key: string, atMs: number): RemoteObject | undefined;
  objects(remoteKey: RemoteKey, kind: string): (RemoteObject & { key: string })[];
  setObject(remoteKey: RemoteKey, kind: string, key: string, object: RemoteObject): void;
  forgetObject(remoteKey: RemoteKey, kind: string, key: string): void;

  /** Commits all writes of the work at once, or none of them. */
  together<Result>(work: () => Result): Result;
  close(): void;
}

/** The lock of a thread, which one run at a time writes to. */
export interface ThreadLock {
  /** Aborts when the lock is lost. */
  signal: AbortSignal;
  release(): void;
}
