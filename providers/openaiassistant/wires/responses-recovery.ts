import { setTimeout as delay } from 'node:timers/promises';
import type { JsonObject } from 'threadline/provider';
import { asJson, type Item } from '../question/items.ts';
import type { ServerConversation } from './responses-conversation.ts';
import type { ApiResponse } from './responses-reply.ts';

/** Pauses before each look for the answer. */
const LOOKS_MS = [0, 250, 750, 2000];

/**
 * The answer to a request whose connection broke, if it stands in the conversation behind what was sent. Undefined when it does
 * not come: then it is not known whether the server has taken the request.
 */
export async function recoverAnswer(
  remote: ServerConversation,
  sent: Item[],
  signal: AbortSignal,
  looksMs: readonly number[] = LOOKS_MS,
): Promise<ApiResponse | undefined> {
  const lastId = remote.lastKnownId();
  for (const pauseMs of looksMs) {
    await delay(pauseMs, undefined, { signal }).catch(() => undefined);
    signal.throwIfAborted();
    // A server that does not answer now may do so at the next look.
    const newest = await remote.newest(signal).catch(() => []);
    const output = outputAfter(itemsAfter(newest.toReversed(), lastId), remote.inputOf(sent));
    if (output.length > 0) return { id: '', status: 'completed', output };
  }
  return undefined;
}

/** Only items behind the last known one count: the same question may have been asked and answered before. */
function itemsAfter(items: JsonObject[], id: string | undefined): JsonObject[] {
  if (id === undefined) return items;
  const index = items.findIndex((item) => item.id === id);
  return index < 0 ? [] : items.slice(index + 1);
}

/** The model's items behind the ones that were sent; none unless everything sent stands there in one piece. */
function outputAfter(items: JsonObject[], sent: JsonObject[]): JsonObject[] {
  const start = items.findLastIndex((_, index) => sent.every((one, offset) => isSentItem(items[index + offset], one)));
  return start < 0 ? [] : items.slice(start + sent.length).filter(isOfModel);
}

const isOfModel = ({ type, role }: JsonObject): boolean =>
  type === 'function_call' || (type === 'message' && role === 'assistant');

function isSentItem(item: JsonObject | undefined, sent: JsonObject): boolean {
  if (item === undefined || item.type !== sent.type) return false;
  if (item.type === 'function_call_output') return item.call_id === sent.call_id && item.output === sent.output;
  return item.role === sent.role && textOfContent(item) === textOfContent(sent);
}

function textOfContent({ content }: JsonObject): string {
  if (typeof content === 'string') return content;
  return (Array.isArray(content) ? content : []).map((part) => String((asJson(part) as JsonObject).text ?? '')).join('\n');
}
