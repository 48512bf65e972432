import { withoutThoughts } from '../base/without-thoughts.ts';
import type { Item } from '../question/items.ts';
import { spokenItems } from '../thread/spoken-items.ts';
import type { Reply } from '../wires/wire.ts';

/** The reply without the thoughts that some servers leave in its text; a message of thoughts alone is none. */
export function spokenReply(reply: Reply): Reply {
  const text = withoutThoughts(reply.text, 'in-text');
  const items = spokenItems(reply.items).filter((item, index) => item === reply.items[index] || says(item));
  return { ...reply, text: text === reply.text ? text : text.trim(), items };
}

const says = (item: Item): boolean =>
  item.type !== 'message' || item.parts.some((part) => part.type !== 'text' || part.text !== '');
