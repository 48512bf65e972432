import type { Usage } from '../plan/event.ts';
import type { Thread, ThreadItem, ThreadStore } from '../threads/store.ts';

/** A thread as commands show it. Times are ISO 8601. */
export interface ThreadSummary {
  id: string;
  key: string | null;
  workflow: string;
  metadata: Record<string, string>;
  created_at: string;
  last_used_at: string;
  /** From then on its key leads to a new thread. */
  expires_at: string | null;
  usage: Usage;
}

export interface ThreadDocument extends ThreadSummary {
  /** At servers, with how many of the items each has. */
  copies: { place: string; id: string; items: number }[];
  items: (ThreadItem & { at: string })[];
}

const isoTime = (ms: number): string => new Date(ms).toISOString();

export const threadSummary = (thread: Thread): ThreadSummary => ({
  id: thread.id,
  key: thread.key,
  workflow: thread.tenant,
  metadata: thread.metadata,
  created_at: isoTime(thread.createdAtMs),
  last_used_at: isoTime(thread.lastUsedAtMs),
  expires_at: thread.expiresAtMs === null ? null : isoTime(thread.expiresAtMs),
  usage: thread.usage,
});

export const threadDocument = (thread: Thread, store: ThreadStore): ThreadDocument => ({
  ...threadSummary(thread),
  copies: store.remotes(thread.id).map(({ place, remote }) => ({ place, id: remote.id, items: remote.synced })),
  items: store.items(thread.id).map(({ item, atMs }) => ({ at: isoTime(atMs), ...item })),
});

/** The thread that an id, ours or a server's, or a key names; one whose key has expired, too. */
export const findThread = (store: ThreadStore, given: string): Thread | undefined =>
  store.get(given) ?? store.byRemoteId(given) ?? store.list({ key: given, limit: 1 })[0];
