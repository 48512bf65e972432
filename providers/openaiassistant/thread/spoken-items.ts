import { withoutThoughts } from '../base/without-thoughts.ts';
import type { Item } from '../question/items.ts';

/** Items without the thoughts that some servers leave in the text of an answer. As many as before: a server may count them. */
export const spokenItems = (items: readonly Item[]): Item[] => items.map(spokenItem);

function spokenItem(item: Item): Item {
  if (item.type !== 'message' || item.role !== 'assistant') return item;
  return { ...item, parts: item.parts.map((part) => (part.type === 'text' ? spokenPart(part) : part)) };
}

function spokenPart<TextPart extends { text: string }>(part: TextPart): TextPart {
  const text = withoutThoughts(part.text, 'in-text');
  return text === part.text ? part : { ...part, text: text.trim() };
}
