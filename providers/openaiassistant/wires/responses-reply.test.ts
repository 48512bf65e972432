import { expect, test } from '@jest/globals';
import { KEY, runAssistant, serve } from '../testing/test-assistant.ts';

test('several parts of a text are one answer; its citations come in one shape', async () => {
  const output = [
    {
      type: 'message',
      id: 'msg_1',
      role: 'assistant',
      status: 'completed',
      content: [{ type: 'output_text', text: 'Let me see.', annotations: [] }],
    },
    {
      type: 'message',
      id: 'msg_2',
      role: 'assistant',
      status: 'completed',
      content: [
        {
          type: 'output_text',
          text: 'First.',
          annotations: [{ type: 'file_citation', file_id: 'file-1', filename: 'a.md', index: 3 }],
        },
        {
          type: 'output_text',
          text: 'Second.',
          annotations: [{ type: 'url_citation', url: 'https://a.example', title: 'A', start_index: 0, end_index: 4 }],
        },
      ],
    },
  ];
  const base_url = await serve((_, response) =>
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ id: 'resp_1', output })),
  );
  const results = await runAssistant(
    { prompt: 'Hi', stream: false, thread_id: 'conv_1' },
    { config: { api_key: KEY, base_url } },
  );
  expect(results).toMatchObject({
    text: 'First.\nSecond.',
    annotations: [
      { type: 'file_citation', file_id: 'file-1', filename: 'a.md', index: 3 },
      { type: 'url_citation', url: 'https://a.example', title: 'A', start: 0, end: 4 },
    ],
    // This server leaves the usage out.
    usage: { prompt_tokens: null, completion_tokens: null, total_tokens: null, cost_usd: null },
  });
});
