import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Json } from '../shared/json/json.ts';
import { type StoredItems, storedList } from '../shared/json/stored-list.ts';
import { messagesOf } from './messages.ts';
import { openThreadStore } from './sqlite.ts';
import type { ThreadSnapshot, ThreadStore } from './store.ts';

/** What was said in a thread as it stands now: a list that is read from the store when somebody asks, a copy of one in memory. */
export function messagesOfThread(store: ThreadStore, file: string, id: string): Json[] {
  if (file === ':memory:') return messagesOf(store.items(id));
  return messagesAt({ file: resolve(file), ...store.snapshot(id) });
}

/** The messages of a snapshot. `file`: the thread store. */
export type MessagesReference = ThreadSnapshot & { file: string };

export const messagesAt = (reference: MessagesReference): Json[] => storedList({ ...reference }, () => read(reference));

/** The store may have been closed since: it is opened for each reading. */
function read({ file, ...snapshot }: MessagesReference): StoredItems<Json> {
  // Opening would create a file.
  if (!existsSync(file)) return gone(snapshot);
  const store = openThreadStore(file);
  try {
    const items = store.itemsAt(snapshot);
    return items ? { items: messagesOf(items) } : gone(snapshot);
  } finally {
    store.close();
  }
}

/** Says so where the messages would stand: the results of a run can still be shown when a thread of it was deleted. */
function gone({ thread }: ThreadSnapshot): StoredItems<Json> {
  const loss = `The messages of the thread ${thread} were deleted`;
  return { items: [{ id: null, role: 'system', text: `(${loss}.)`, created_at: null }], loss };
}
