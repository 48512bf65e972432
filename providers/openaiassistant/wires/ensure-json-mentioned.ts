import { type Item, isMessage, type MessageItem, textOfParts } from '../question/items.ts';

const NOTE = 'Respond with a valid JSON object.';

/** APIs take json_object only where a user message mentions JSON (not all count instructions): adds a note to the last one. */
export function ensureJsonMentioned(items: Item[]): Item[] {
  const users = items.filter((item): item is MessageItem => isMessage(item) && item.role === 'user');
  const last = users.at(-1);
  if (!last || users.some(({ parts }) => /json/i.test(textOfParts(parts)))) return items;
  return items.map((item) => (item === last ? { ...last, parts: [...last.parts, { type: 'text', text: NOTE }] } : item));
}
