import type { Wire } from './wire.ts';

/** Chat Completions, which every server speaks. It remembers nothing: the thread is ours alone. */
export const chatWire: Wire = {
  name: 'chat',
  cannot: {
    file_search: 'Chat Completions has functions only: use `wire: responses`, or a function that searches.',
    code_interpreter: 'Chat Completions has functions only: use `wire: responses`, or a function that computes.',
    web_search: 'Chat Completions has functions only: use `wire: responses`, or a function that searches.',
    'images.file_id': 'Give the image by `path` or `url`.',
    background: 'Chat Completions answers in the foreground only.',
  },
  least: {},
  streamsByDefault: true,
  hasAssistants: false,
  path: '/chat/completions',
  probe: (client, options) => client.post('/chat/completions', { ...options, body: {} }),
  async open(options) {
    const { openChat } = await import('./chat-session.ts');
    return openChat(options);
  },
};
