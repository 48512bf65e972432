import { withoutThoughts } from '../base/without-thoughts.ts';
import type { Item, Part } from '../question/items.ts';

/** Items without the thoughts that some servers leave in the text of an answer. As many as before: a server may count them. */
export const spokenItems = (items: readonly Item[]): Item[] => items.map(spokenItem);

/** The very item, if it holds no thoughts. */
function spokenItem(item: Item): Item {
  if (item.type !== 'message' || item.role !== 'assistant') return item;
  const parts = item.parts.map(spokenPart);
  return parts.every((part, index) => part === item.parts[index]) ? item : { ...item, parts };
}

function spokenPart(part: Part): Part {
  if (part.type !== 'text') return part;
  const text = withoutThoughts(part.text, 'in-text');
  return text === part.text ? part : { ...part, text: text.trim() };
}
