import { expect, test } from '@jest/globals';
import { lookup, MODEL } from './with-assistant.ts';
import { collect, send, withEmulator } from './with-emulator.ts';

const BETA = { 'openai-beta': 'assistants=v2' };

test('an assistant is made, found, changed and deleted', () =>
  withEmulator([], async ({ client: { beta } }) => {
    const made = await beta.assistants.create({
      model: MODEL,
      name: 'SRE',
      instructions: 'You are on call.',
      tools: [lookup, { type: 'code_interpreter' }, { type: 'file_search', file_search: { max_num_results: 5 } }],
      tool_resources: { file_search: { vector_store_ids: ['vs_1'] } },
      response_format: { type: 'json_object' },
      reasoning_effort: 'low',
      metadata: { team: 'sre' },
    });
    expect(await beta.assistants.retrieve(made.id)).toEqual(made);
    expect(made).toMatchObject({ object: 'assistant', name: 'SRE', description: null, temperature: 1, top_p: 1 });
    const changed = await beta.assistants.update(made.id, { name: 'Night shift', temperature: 0.2, tools: [] });
    expect(changed).toEqual({ ...made, name: 'Night shift', temperature: 0.2, tools: [] });
    expect(await beta.assistants.delete(made.id)).toEqual({ id: made.id, object: 'assistant.deleted', deleted: true });
    await expect(beta.assistants.retrieve(made.id)).rejects.toMatchObject({ status: 404 });
  }));

test.each<[string, object, string]>([
  ['without a model', { model: null }, 'model'],
  ['with a name that is too long', { name: 'x'.repeat(257) }, 'name'],
  ['with a description that is too long', { description: 'x'.repeat(513) }, 'description'],
  ['with instructions that are too long', { instructions: 'x'.repeat(256_001) }, 'instructions'],
  ['with too many tools', { tools: Array(129).fill(lookup) }, 'tools'],
  ['with a tool that nobody knows', { tools: [{ type: 'web_search' }] }, 'tools[0].type'],
  ['with a function in the flat form of Responses', { tools: [{ type: 'function', name: 'f' }] }, 'tools[0].name'],
  ['with a function without its name', { tools: [{ type: 'function', function: {} }] }, 'tools[0].function.name'],
  ['with a temperature that is too high', { temperature: 2.1 }, 'temperature'],
  ['with a top_p that is too high', { top_p: 1.1 }, 'top_p'],
  ['with a response format that nobody knows', { response_format: { type: 'xml' } }, 'response_format.type'],
  [
    'with a schema without its name',
    { response_format: { type: 'json_schema', json_schema: {} } },
    'response_format.json_schema.name',
  ],
  ['with an effort that nobody knows', { reasoning_effort: 'heroic' }, 'reasoning_effort'],
  [
    'with two vector stores',
    { tool_resources: { file_search: { vector_store_ids: ['a', 'b'] } } },
    'tool_resources.file_search.vector_store_ids',
  ],
  ['with a parameter that nobody knows', { tool_choice: 'auto' }, 'tool_choice'],
  ['with too much metadata', { metadata: Object.fromEntries([...Array(17).keys()].map((key) => [key, 'x'])) }, 'metadata'],
  ['with a metadata key that is too long', { metadata: { ['k'.repeat(65)]: 'x' } }, 'metadata'],
  ['with a metadata value that is too long', { metadata: { key: 'x'.repeat(513) } }, 'metadata.key'],
  ['with metadata that is not text', { metadata: { key: 1 } }, 'metadata.key'],
])('an assistant %s is refused', (_what, changes, param) =>
  withEmulator([], async ({ emulator }) => {
    const response = await send(emulator, '/assistants', { model: MODEL, ...changes }, BETA);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { type: 'invalid_request_error', param } });
  }),
);

test('a function that calls itself strict and is not is refused', () =>
  withEmulator([], async ({ client: { beta } }) => {
    const parameters = { type: 'object', properties: { host: { type: 'string' } } };
    const tool = { type: 'function' as const, function: { name: 'lookup', strict: true, parameters } };
    await expect(beta.assistants.create({ model: MODEL, tools: [tool] })).rejects.toMatchObject({
      status: 400,
      code: 'invalid_function_parameters',
    });
  }));

test.each([
  ['/assistants', { model: MODEL }],
  ['/threads', {}],
  ['/threads/thread_1/runs', { assistant_id: 'asst_1' }],
])('POST %s needs the header of the second version', (path, body) =>
  withEmulator([], async ({ emulator }) => {
    for (const headers of [{}, { 'openai-beta': 'assistants=v1' }] as Record<string, string>[]) {
      const response = await send(emulator, path, body, headers);
      expect([response.status, await response.json()]).toMatchObject([400, { error: { code: 'invalid_beta' } }]);
    }
  }),
);

test('assistants are listed newest first, page by page, on from an id and back from one', () =>
  withEmulator([], async ({ client: { beta } }) => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) await beta.assistants.create({ model: MODEL, name });
    const namesOf = (assistants: { name: string | null }[]) => assistants.map(({ name }) => name).join('');
    expect(namesOf(await collect(beta.assistants.list({ limit: 2 })))).toBe('edcba');
    const page = await beta.assistants.list({ limit: 2, order: 'asc' });
    expect([namesOf(page.data), page.has_more]).toEqual(['ab', true]);
    const next = await beta.assistants.list({ limit: 2, order: 'asc', after: page.data[1]?.id ?? '' });
    expect([namesOf(next.data), next.has_more]).toEqual(['cd', true]);
    const back = await beta.assistants.list({ limit: 2, order: 'asc', before: next.data[0]?.id ?? '' });
    expect([namesOf(back.data), back.has_more]).toEqual(['ab', false]);
    const near = await beta.assistants.list({ limit: 2, order: 'asc', before: next.data[1]?.id ?? '' });
    expect([namesOf(near.data), near.has_more]).toEqual(['bc', true]);
    await expect(beta.assistants.list({ limit: 101 })).rejects.toMatchObject({ status: 400, param: 'limit' });
    await expect(beta.assistants.list({ after: 'asst_none' })).rejects.toMatchObject({ status: 404 });
  }));

test('a thread is made with messages, found, changed and deleted', () =>
  withEmulator([], async ({ client: { beta } }) => {
    const thread = await beta.threads.create({
      messages: [
        { role: 'user', content: 'Hi' },
        { role: 'assistant', content: 'Hello.' },
      ],
      metadata: { alert: '7' },
    });
    expect(await beta.threads.retrieve(thread.id)).toEqual(thread);
    const changed = await beta.threads.update(thread.id, { metadata: { alert: '8' } });
    expect(changed).toEqual({ ...thread, metadata: { alert: '8' } });
    const { data } = await beta.threads.messages.list(thread.id);
    expect(data.map(({ role }) => role)).toEqual(['assistant', 'user']);
    expect(await beta.threads.delete(thread.id)).toMatchObject({ deleted: true });
    await expect(beta.threads.messages.list(thread.id)).rejects.toMatchObject({
      status: 404,
      error: { message: `No thread found with id '${thread.id}'.` },
    });
  }));

test('a message keeps its parts, its attachments and its metadata', () =>
  withEmulator([], async ({ client: { beta } }) => {
    const { id: thread_id } = await beta.threads.create();
    const message = await beta.threads.messages.create(thread_id, {
      role: 'user',
      content: [
        { type: 'text', text: 'What is on it?' },
        { type: 'image_url', image_url: { url: 'https://example.com/graph.png' } },
        { type: 'image_file', image_file: { file_id: 'file-1', detail: 'low' } },
      ],
      attachments: [{ file_id: 'file-2', tools: [{ type: 'file_search' }, { type: 'code_interpreter' }] }],
      metadata: { by: 'pager' },
    });
    expect(message).toMatchObject({
      thread_id,
      status: 'completed',
      role: 'user',
      content: [
        { type: 'text', text: { value: 'What is on it?', annotations: [] } },
        { type: 'image_url', image_url: { url: 'https://example.com/graph.png', detail: 'auto' } },
        { type: 'image_file', image_file: { file_id: 'file-1', detail: 'low' } },
      ],
      attachments: [{ file_id: 'file-2', tools: [{ type: 'file_search' }, { type: 'code_interpreter' }] }],
      metadata: { by: 'pager' },
    });
    const changed = await beta.threads.messages.update(message.id, { thread_id, metadata: { by: 'cron' } });
    expect(await beta.threads.messages.retrieve(message.id, { thread_id })).toEqual(changed);
    expect(changed).toEqual({ ...message, metadata: { by: 'cron' } });
    await beta.threads.messages.delete(message.id, { thread_id });
    await expect(beta.threads.messages.retrieve(message.id, { thread_id })).rejects.toMatchObject({ status: 404 });
    expect((await beta.threads.messages.list(thread_id)).data).toEqual([]);
  }));

test.each<[string, object, string]>([
  ['without a role', { role: undefined }, 'role'],
  ['of a role that nobody knows', { role: 'system' }, 'role'],
  ['without content', { content: '' }, 'content'],
  ['with a part of the Responses API', { content: [{ type: 'input_text', text: 'Hi' }] }, 'content[0].type'],
  [
    'with an image that has no address',
    { content: [{ type: 'image_url', image_url: { url: 'graph.png' } }] },
    'content[0].image_url.url',
  ],
  ['with an attachment for no tool', { attachments: [{ file_id: 'file-1' }] }, 'attachments[0].tools'],
])('a message %s is refused', (_what, changes, param) =>
  withEmulator([], async ({ client: { beta }, emulator }) => {
    const { id } = await beta.threads.create();
    const response = await send(emulator, `/threads/${id}/messages`, { role: 'user', content: 'Hi', ...changes }, BETA);
    expect([response.status, await response.json()]).toMatchObject([400, { error: { param } }]);
    const made = await send(emulator, '/threads', { messages: [{ role: 'user', content: 'Hi', ...changes }] }, BETA);
    expect([made.status, await made.json()]).toMatchObject([400, { error: { param: `messages[0].${param}` } }]);
  }),
);
