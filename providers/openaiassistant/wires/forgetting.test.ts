import { expect, test } from '@jest/globals';
import type { ProviderEvent } from 'threadline/provider';
import { RunThreads } from '../../../src/run/run-threads.ts';
import { runAssistant, serve, withAssistant } from '../testing/test-assistant.ts';

test('a server that names the conversation in its answers and has lost what was said in it takes nothing away from our copy', async () => {
  const base_url = await serve((request, response) => {
    request.resume();
    response.setHeader('content-type', 'application/json');
    if (request.url === '/v1/conversations') return response.end('{"id":"conv_1","object":"conversation"}');
    if (request.method === 'GET') return response.end('{"object":"list","data":[],"has_more":false}');
    const message = { type: 'message', id: 'msg_1', role: 'assistant', content: [{ type: 'output_text', text: 'Hello.' }] };
    const conversation = { id: 'conv_1' };
    return response.end(JSON.stringify({ id: 'resp_1', status: 'completed', conversation, output: [message] }));
  });
  const threads = new RunThreads({ threads: ':memory:', locks: ':memory:' });
  const warnings: string[] = [];
  const emit = (event: ProviderEvent) => (event.type === 'log' ? warnings.push(event.message) : 0);
  const host = { config: { base_url }, threads, emit };
  const params = { stream: false, wire: 'responses' } as const;
  const { thread_id: threadId } = await runAssistant({ ...params, prompt: 'One' }, host);
  const { messages } = await runAssistant({ ...params, prompt: 'Two', thread_id: String(threadId) }, host);
  expect(messages.map(({ text }) => text)).toEqual(['One', 'Hello.', 'Two', 'Hello.']);
  expect(warnings).toEqual([expect.stringContaining('could not be read')]);
  await threads.close();
});

test('a file inside of a message stays in our copy when the server does not hand it back', () =>
  withAssistant([], async ({ ask, emulator }) => {
    const files = { 'a.txt': new TextEncoder().encode('The pump is red.') };
    const { thread_id: threadId } = await ask({ prompt: 'One', attachments: [{ path: 'a.txt' }] }, { files });
    await ask({ prompt: 'Two', thread_id: String(threadId) });
    await ask({ prompt: 'Three', thread_id: String(threadId), wire: 'chat' });
    expect(JSON.stringify(emulator.requests.at(-1)?.body)).toContain('The pump is red.');
  }));
