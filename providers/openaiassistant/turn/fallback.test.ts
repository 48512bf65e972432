import { expect, test } from '@jest/globals';
import type { JsonObject } from 'threadline/provider';
import { newFile, newVectorStore, serve, withAssistant } from '../testing/test-assistant.ts';

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
    expect(said(emulator.requests.at(-1)?.body).map(({ content }) => content)).toEqual(['From elsewhere.\n\nWhy?']);
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

/** The emulator, behind a model that does not take the temperature. */
const strictly = (emulator: { url: string }): Promise<string> =>
  serve(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const path = (request.url ?? '').replace('/v1', '');
    response.setHeader('content-type', 'application/json');
    if (body.includes('temperature')) {
      const error = { message: "Unsupported parameter: 'temperature'.", param: 'temperature', code: 'unsupported_parameter' };
      return response.writeHead(400).end(JSON.stringify({ error }));
    }
    const headers = { authorization: 'Bearer x', 'content-type': 'application/json', 'openai-beta': 'assistants=v2' };
    const { method = 'GET' } = request;
    const answer = await fetch(`${emulator.url}${path}`, { method, headers, ...(body.length > 0 ? { body } : {}) });
    return response.writeHead(answer.status).end(await answer.text());
  });

test('a parameter that is left out over the Assistants protocol: the question is put once', () =>
  withAssistant([], async ({ ask, emulator }) => {
    const params = { prompt: 'Why?', wire: 'assistants', temperature: 0.1, on_unsupported: 'warn' } as const;
    const { messages } = await ask(params, { config: { base_url: await strictly(emulator) } });
    expect(messages).toHaveLength(2);
    const put = emulator.requests.filter(({ method, path }) => method === 'POST' && path.endsWith('/messages'));
    expect(put).toHaveLength(1);
  }));

test('at another server, what the first one knows by its own ids is left out, and said', () =>
  withAssistant([{ when: { path: '/responses' }, error: { status: 500 } }], (first) =>
    withAssistant([{ text: 'From the other.' }], async ({ emulator, asked }) => {
      const file_id = await newFile(first.emulator);
      const vector_store_ids = [await newVectorStore(first.emulator)];
      const { text } = await first.ask({
        prompt: 'Why?',
        images: [{ file_id }],
        tools: [{ type: 'file_search', vector_store_ids }],
        attachments: [{ file_id }, { file_id, tools: ['code_interpreter'] }],
        fallback: [{ base_url: emulator.url, wire: 'responses', api_key: 'x', model: 'gpt-6-luna' }],
      });
      expect(text).toBe('From the other.');
      expect(JSON.stringify(asked())).not.toContain(file_id);
      expect(JSON.stringify(asked())).not.toContain(vector_store_ids[0]);
      expect(JSON.stringify(first.events)).toContain('images.file_id');
    }),
  ));
