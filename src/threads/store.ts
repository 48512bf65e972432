import type { Usage } from '../plan/event.ts';
import type { Json, JsonObject } from '../shared/json/json.ts';

/** A conversation as we keep it, whichever API it is held over. Times are milliseconds since 1970. */
export interface Thread {
  id: string;
  /** The author's name for it: an alert's fingerprint, a chat's id. One thread at a time has a key. */
  key: string | null;
  /** Whose it is: the workflow. */
  tenant: string;
  metadata: Record<string, string>;
  createdAtMs: number;
  lastUsedAtMs: number;
  /** From then on its key leads to a new thread. */
  expiresAtMs: number | null;
  /** Of all steps on it. */
  usage: Usage;
}

/**
 * One entry of a thread, in words of no API:
 * - `{type: 'message', role, parts, id?, runId?}`
 * - `{type: 'tool_call', callId, name, arguments}` and `{type: 'tool_output', callId, output}`
 * - `{type: 'opaque', wire, item}`: what only the wire that made it understands, such as a sealed thought.
 */
export type ThreadItem = JsonObject & { type: 'message' | 'tool_call' | 'tool_output' | 'opaque' };

export interface StoredItem {
  item: ThreadItem;
  atMs: number;
}

/** The thread's copy at a server. */
export interface RemoteThread {
  /** What the server calls it. */
  id: string;
  /** How many of our items, from the first, it has. */
  synced: number;
}

/** Something of ours that lives at a server: an uploaded file, a vector store, an assistant. */
export interface RemoteObject {
  id: string;
  data: Json;
  createdAtMs: number;
  expiresAtMs: number | null;
}

/** Where a thread or an object lives: `api.openai.com/responses`. */
export type Place = string;

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
  /** Pairs that a thread must have. */
  metadata?: Record<string, string> | undefined;
  limit?: number | undefined;
}

/** The registry of threads and all that was said in them. Synchronous; several processes may have one file open. */
export interface ThreadStore {
  /** Takes the key away from the thread that had it. */
  create(thread: NewThread, atMs: number): Thread;
  get(id: string): Thread | undefined;
  /** Not one that has expired. */
  byKey(key: string, atMs: number): Thread | undefined;
  /** Also by what a server calls it. */
  byRemoteId(remoteId: string): Thread | undefined;
  /** The latest used first. */
  list(filter: ThreadFilter): Thread[];
  /** Notes that it was used, and when its key ends to lead to it. */
  touch(id: string, atMs: number, expiresAtMs?: number | null): void;
  /** In place of what it had. */
  setMetadata(id: string, metadata: Record<string, string>): void;
  addUsage(id: string, usage: Usage): void;
  /** Everything of it, remote places included; false when there was none. */
  delete(id: string): boolean;

  items(id: string): StoredItem[];
  append(id: string, items: readonly ThreadItem[], atMs: number): void;
  /** Drops items from that position on, and puts these in their place. */
  replaceFrom(id: string, position: number, items: readonly ThreadItem[], atMs: number): void;

  remotes(id: string): { place: Place; remote: RemoteThread }[];
  remote(id: string, place: Place): RemoteThread | undefined;
  setRemote(id: string, place: Place, remote: RemoteThread): void;
  forgetRemote(id: string, place: Place): void;

  object(place: Place, kind: string, key: string, atMs: number): RemoteObject | undefined;
  objects(place: Place, kind: string): (RemoteObject & { key: string })[];
  setObject(place: Place, kind: string, key: string, object: RemoteObject): void;
  forgetObject(place: Place, kind: string, key: string): void;

  /** All writes of the work, or none: one wait for the disk. */
  together<Result>(work: () => Result): Result;
  close(): void;
}

/** Keeps one run after the other on a thread. */
export interface ThreadLock {
  /** Aborts when the lock was lost. */
  signal: AbortSignal;
  release(): void;
}
