import type { Wire } from './wire.ts';

/** The Assistants protocol, for servers that still speak it. */
export const assistantsWire: Wire = {
  name: 'assistants',
  cannot: {
    web_search: 'The Assistants protocol has no web search: use `wire: responses`.',
    background: 'Runs of the Assistants protocol are in the background anyway.',
    'messages.system': 'Put it into `instructions`.',
    store: 'The Assistants protocol keeps every thread.',
  },
  least: { max_completion_tokens: 256, max_prompt_tokens: 256 },
  // Servers that imitate the protocol seldom stream well.
  streamsByDefault: false,
  hasAssistants: true,
  path: '/assistants',
  remoteThreads: {
    idPrefix: 'thread_',
    foreignId: /^(conv|resp|asst|run|msg)_/,
    pathOf: (id) => `/threads/${encodeURIComponent(id)}`,
    headers: { 'OpenAI-Beta': 'assistants=v2' },
  },
  probe: (client, options) => client.beta.assistants.list({ limit: 1 }, options),
  async open(options) {
    const { openAssistants } = await import('./assistants-session.ts');
    return openAssistants(options);
  },
  async discard(options) {
    const { discard } = await import('./assistants-assistant.ts');
    await discard(options);
  },
};
