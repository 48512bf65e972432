import type { JsonObject } from 'threadline/provider';
import { textOfParts } from '../question/items.ts';
import type { ThreadMemory } from '../thread/memory.ts';

/** All messages of the thread, oldest first. `id` is null of those that a server has named without saying how. */
export const historyOf = (thread: ThreadMemory): JsonObject[] =>
  thread.timed.flatMap(({ item, atMs }) =>
    item.type === 'message'
      ? [{ id: item.id ?? null, role: item.role, text: textOfParts(item.parts), created_at: new Date(atMs).toISOString() }]
      : [],
  );
