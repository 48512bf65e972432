import { isObject, type Json, type JsonObject } from '../shared/json/json.ts';
import type { StoredItem } from './store.ts';

/** The messages among the items, as results have them. `id` is null where the server has not told its id; `content` is Keep's `text`. */
export const messagesOf = (items: readonly StoredItem[]): JsonObject[] =>
  items.flatMap(({ item, atMs }) => {
    if (item.type !== 'message') return [];
    const { id = null, role = null, parts } = item;
    const text = textOf(parts);
    return [{ id, role, text, content: text, created_at: new Date(atMs).toISOString() }];
  });

function textOf(parts: Json | undefined): string {
  const texts = (Array.isArray(parts) ? parts : []).flatMap((part) =>
    isObject(part) && part.type === 'text' ? [String(part.text)] : [],
  );
  return texts.join('\n');
}
