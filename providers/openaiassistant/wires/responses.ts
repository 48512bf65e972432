import { listItems } from './responses-items.ts';
import type { Wire } from './wire.ts';

/** OpenAI's Responses API, with the Conversations API for threads where the server has it. */
export const responsesWire: Wire = {
  name: 'responses',
  cannot: {},
  least: { max_completion_tokens: 16 },
  streamsByDefault: true,
  hasAssistants: false,
  path: '/responses',
  remoteThreads: {
    idPrefix: 'conv_',
    pathOf: (id) => `/conversations/${encodeURIComponent(id)}`,
    headers: {},
    items: {
      list: listItems,
      delete: (client, threadId, itemId, options) =>
        client.conversations.items.delete(itemId, { conversation_id: threadId }, options),
    },
  },
  probe: (client, options) => client.post('/responses', { ...options, body: {} }),
  async open(options) {
    const { openResponses } = await import('./responses-session.ts');
    return openResponses(options);
  },
};
