import type { Usage } from '../plan/event.ts';
import { ThreadlineError } from '../shared/errors/errors.ts';
import { scopeOf, type Thread, type ThreadItem, type ThreadStore } from '../threads/store.ts';

/** A thread as commands show it. Times are ISO 8601. */
export interface ThreadSummary {
  id: string;
  key: string | null;
  /** Whose the key is: the workflow's, or that of all workflows. */
  scope: 'workflow' | 'shared' | null;
  /** The workflow that began the thread. */
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
  key: thread.key?.name ?? null,
  scope: thread.key && scopeOf(thread.key),
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

/**
 * The thread that an id, ours or a server's, or a key names; one whose key has expired, too. `workflow`: the one that began the
 * thread of a key.
 *
 * @throws ThreadlineError `invalid_usage` where several workflows have threads with that key.
 */
export function findThread(store: ThreadStore, given: string, workflow: string | undefined): Thread | undefined {
  const byId = store.get(given) ?? store.byRemoteId(given);
  if (byId) return byId;
  const found = store.list({ key: given, tenant: workflow });
  if (found.length < 2) return found[0];
  const all = found.map(({ id, tenant, key }) => `${id} of \`${tenant}\`${key && scopeOf(key) === 'shared' ? ', shared' : ''}`);
  throw new ThreadlineError('invalid_usage', `The key \`${given}\` leads to ${found.length} threads: ${all.join('; ')}.`, {
    hint: 'Name one by its id, or its workflow by `--workflow`.',
  });
}
