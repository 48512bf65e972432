import { withoutThoughts } from '../base/without-thoughts.ts';
import { textOfParts } from '../question/items.ts';
import { spokenItems } from '../thread/spoken-items.ts';
import type { Reply } from '../wires/wire.ts';

/** The reply without the thoughts that some servers leave in its text; a message of thoughts alone is none. */
export function spokenReply(reply: Reply): Reply {
  const text = withoutThoughts(reply.text, 'in-text');
  if (text === reply.text) return reply;
  const items = spokenItems(reply.items).filter((item) => item.type !== 'message' || textOfParts(item.parts) !== '');
  return { ...reply, text: text.trim(), items };
}
