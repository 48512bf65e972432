import type { Usage } from '../plan/event.ts';
import type { Json, JsonObject } from '../shared/json/json.ts';

/** An author's name for a thread: an alert's fingerprint, a chat's id. */
export interface ThreadKey {
  name: string;
  /** The id of the workflow that the key belongs to; null where all workflows share it. */
  workflow: string | null;
}

export const scopeOf = ({ workflow }: ThreadKey): 'workflow' | 'shared' => (workflow === null ? 'shared' : 'workflow');

/** What is locked while the thread of a key is sought or begun. */
export const lockNameOf = ({ name, workflow }: ThreadKey): string => `key:${encodeURIComponent(workflow ?? '')}/${name}`;

/** The names of a thread that are locked before it is changed, in the order in which every process locks them. */
export const lockNamesOf = ({ id, key }: Pick<Thread, 'id' | 'key'>): string[] => [...(key ? [lockNameOf(key)] : []), id];

/** A conversation in our own store, whichever API it is held over. Times are milliseconds since 1970. */
export interface Thread {
  id: string;
  /** Only one thread at a time has a key. */
  key: ThreadKey | null;
  /** The workflow that began the thread. */
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
 * - `{type: 'opaque', wire, item}`: an item that only the wire which made it understands, such as encrypted reasoning.
 */
export type ThreadItem = JsonObject & { type: 'message' | 'tool_call' | 'tool_output' | 'opaque' };

export interface StoredItem {
  item: ThreadItem;
  atMs: number;
}

/** The items of a thread as they stood at some time, whatever is said or replaced afterwards. */
export interface ThreadSnapshot {
  thread: string;
  /** Tells it from a thread that got its id after it was deleted. */
  begunAtMs: number;
  revision: number;
  /** How many items there were. */
  length: number;
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
  key?: ThreadKey | undefined;
  metadata?: Record<string, string>;
  expiresAtMs?: number | undefined;
}

export interface ThreadFilter {
  tenant?: string | undefined;
  /** The name of the key, whoever it belongs to. */
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
  byKey(key: ThreadKey, atMs: number): Thread | undefined;
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
  /** Replaces the items from that position on. Snapshots keep what they had. */
  replaceFrom(id: string, position: number, items: readonly StoredItem[]): void;
  snapshot(id: string): ThreadSnapshot;
  /** Undefined when the thread was deleted. */
  itemsAt(snapshot: ThreadSnapshot): StoredItem[] | undefined;

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
