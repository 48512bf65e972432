import { expect, test } from '@jest/globals';
import type { JsonObject } from 'threadline/provider';
import { withAssistant } from './test-assistant.ts';

const begun = async (url: string): Promise<string> => {
  const response = await fetch(`${url}/conversations`, {
    method: 'POST',
    headers: { authorization: 'Bearer x', 'content-type': 'application/json' },
    body: JSON.stringify({ items: [{ type: 'message', role: 'user', content: 'From elsewhere.' }] }),
  });
  return ((await response.json()) as { id: string }).id;
};

const said = (body: unknown) => (body as { messages: JsonObject[] }).messages;

test('a thread that was begun elsewhere has been read before the first way fails: the fallback is asked the question', () =>
  withAssistant([{ when: { path: '/responses' }, error: { status: 500 } }, { text: 'From chat.' }], async ({ ask, emulator }) => {
    const params = { prompt: 'Why?', max_prompt_tokens: 1000, fallback: ['chat' as const] };
    const { text } = await ask({ ...params, thread_id: await begun(emulator.url) });
    expect(text).toBe('From chat.');
    expect(said(emulator.requests.at(-1)?.body).map(({ content }) => content)).toEqual(['From elsewhere.', 'Why?']);
  }));

test('the first way fails while it repairs its answer: the fallback is told what was wrong', () =>
  withAssistant(
    [
      { when: { path: '/responses' }, text: 'No JSON.', times: 1 },
      { when: { path: '/responses' }, error: { status: 500 } },
      { json: { up: true } },
    ],
    async ({ ask, emulator }) => {
      const schema = { type: 'object', properties: { up: { type: 'boolean' } } };
      const { response } = await ask({ prompt: 'Why?', fallback: ['chat'], response_format: { schema, repair: 1 } });
      expect(response).toEqual({ up: true });
      const contents = said(emulator.requests.at(-1)?.body).map(({ content }) => content);
      expect(contents).toEqual(['Why?', 'No JSON.', expect.stringContaining('does not fit')]);
    },
  ));

test('no two requests of a step have one idempotency key, whichever way they go', () =>
  withAssistant(
    [{ when: { path: '/responses' }, error: { status: 500 }, times: 1 }, { text: 'Hello.' }],
    async ({ ask, emulator }) => {
      await ask({ prompt: 'Why?', fallback: ['chat', { model: 'gpt-6-terra' }] });
      const keys = emulator.requests.flatMap(({ headers }) => headers['idempotency-key'] ?? []);
      expect(keys.length).toBeGreaterThan(1);
      expect(new Set(keys).size).toBe(keys.length);
    },
  ));
