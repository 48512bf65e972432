import type OpenAI from 'openai';
import { isObject, type JsonObject, toJson } from 'threadline/provider';
import type { RequestOptions } from './wire.ts';

const PAGE = 100;

/** Lists the items of a conversation, oldest first: all of them, or the ones after an item. */
export async function listItems(
  client: OpenAI,
  conversationId: string,
  options: RequestOptions,
  after?: string,
): Promise<JsonObject[]> {
  const items: JsonObject[] = [];
  const page = { order: 'asc', limit: PAGE, ...(after === undefined ? {} : { after }) } as const;
  for await (const item of client.conversations.items.list(conversationId, page, options)) {
    const data = toJson(item);
    if (isObject(data)) items.push(data);
  }
  return items;
}
