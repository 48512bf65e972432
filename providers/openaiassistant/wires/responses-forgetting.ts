import type { ThreadStore } from 'threadline/runtime';

const DAY_MS = 86_400_000;
/** Kind and key under which the store notes a server that takes conversations and forgets what is said in them. */
const FORGETS = ['trait', 'forgets-conversations'] as const;

export const isForgetful = (store: ThreadStore, remoteKey: string): boolean =>
  store.object(remoteKey, ...FORGETS, Date.now()) !== undefined;

/** Holds for a day: servers are updated. */
export function noteForgetful(store: ThreadStore, remoteKey: string): void {
  const createdAtMs = Date.now();
  store.setObject(remoteKey, ...FORGETS, { id: '', data: null, createdAtMs, expiresAtMs: createdAtMs + DAY_MS });
}
