import { expect, test } from '@jest/globals';
import { lookup, send, withEmulator } from './with-emulator.ts';

const MODEL = 'gpt-6-luna';
const pairs = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 'v']));

test.each<[string, object, { code: string | null; param: string | null; message?: string }]>([
  ['no model', { model: undefined }, { code: 'missing_required_parameter', param: 'model' }],
  ['nothing to answer', { input: undefined }, { code: 'missing_required_parameter', param: 'input' }],
  [
    'an unknown parameter',
    { response_format: {} },
    { code: 'unknown_parameter', param: 'response_format', message: "Unknown parameter: 'response_format'." },
  ],
  ['too high a temperature', { temperature: 2.5 }, { code: 'decimal_above_max_value', param: 'temperature' }],
  ['too low a top_p', { top_p: -1 }, { code: 'decimal_below_min_value', param: 'top_p' }],
  ['too few output tokens', { max_output_tokens: 15 }, { code: 'integer_below_min_value', param: 'max_output_tokens' }],
  ['too much metadata', { metadata: pairs(17) }, { code: 'object_above_max_properties', param: 'metadata' }],
  ['a long metadata value', { metadata: { k: 'v'.repeat(513) } }, { code: 'string_above_max_length', param: 'metadata.k' }],
  ['metadata that is not text', { metadata: { k: 1 } }, { code: 'invalid_type', param: 'metadata.k' }],
  ['an unknown tool', { tools: [{ type: 'telepathy' }] }, { code: 'invalid_value', param: 'tools[0].type' }],
  [
    "a function in Chat's form",
    { tools: [{ type: 'function', function: lookup }] },
    { code: 'missing_required_parameter', param: 'tools[0].name' },
  ],
  [
    'file_search without stores',
    { tools: [{ type: 'file_search' }] },
    { code: 'missing_required_parameter', param: 'tools[0].vector_store_ids' },
  ],
  [
    'code_interpreter without container',
    { tools: [{ type: 'code_interpreter' }] },
    { code: 'missing_required_parameter', param: 'tools[0].container' },
  ],
  ['129 tools', { tools: Array(129).fill(lookup) }, { code: 'array_above_max_length', param: 'tools' }],
  [
    'a choice of a function that is not offered',
    { tools: [lookup], tool_choice: { type: 'function', name: 'x' } },
    { code: null, param: 'tool_choice' },
  ],
  [
    'a strict function with an open schema',
    { tools: [{ ...lookup, parameters: { type: 'object' } }] },
    { code: 'invalid_function_parameters', param: 'tools[0].parameters' },
  ],
  ['an unknown role', { input: [{ role: 'robot', content: 'x' }] }, { code: 'invalid_value', param: 'input[0].role' }],
  [
    "a content part of Chat's kind",
    { input: [{ role: 'user', content: [{ type: 'text', text: 'x' }] }] },
    { code: 'invalid_value', param: 'input[0].content[0].type' },
  ],
  [
    'conversation and previous_response_id',
    { conversation: 'conv_1', previous_response_id: 'resp_1' },
    { code: 'mutually_exclusive_parameters', param: null },
  ],
  ['background without store', { background: true, store: false }, { code: null, param: 'store' }],
])('%s is refused with 400', (_what, change, error) =>
  withEmulator([], async ({ emulator }) => {
    const answer = await send(emulator, '/responses', { model: MODEL, input: 'Hi', ...change });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { type: 'invalid_request_error', ...error } });
  }),
);

test.each<[string, string, object, string]>([
  ["a tool in Chat's form", '/chat/completions', { tools: [{ function: lookup }] }, 'tools[0].type'],
  ["a tool choice in Chat's form", '/chat/completions', { tool_choice: {} }, 'tool_choice.type'],
  ["a response format in Chat's form", '/chat/completions', { response_format: {} }, 'response_format.type'],
  [
    'a content part of a chat message',
    '/chat/completions',
    { messages: [{ role: 'user', content: [{}] }] },
    'messages[0].content[0].type',
  ],
  ['a tool of a response', '/responses', { tools: [{ name: 'lookup' }] }, 'tools[0].type'],
  ['a tool choice of a response', '/responses', { tool_choice: {} }, 'tool_choice.type'],
  ['a text format of a response', '/responses', { text: { format: {} } }, 'text.format.type'],
  ['a content part of an input message', '/responses', { input: [{ role: 'user', content: [{}] }] }, 'input[0].content[0].type'],
  [
    'a content part of a stored message',
    '/conversations',
    { items: [{ role: 'user', content: [{}] }] },
    'items[0].content[0].type',
  ],
  ['a tool of an assistant', '/assistants', { tools: [{ function: lookup }] }, 'tools[0].type'],
])('%s without its type is refused as missing', (_what, path, change, param) =>
  withEmulator([], async ({ emulator }) => {
    const required: Record<string, object> = {
      '/chat/completions': { model: MODEL, messages: [{ role: 'user', content: 'Hi' }] },
      '/responses': { model: MODEL, input: 'Hi' },
      '/assistants': { model: MODEL },
    };
    const headers = { 'openai-beta': 'assistants=v2' };
    const answer = await send(emulator, path, { ...required[path], ...change }, headers);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { code: 'missing_required_parameter', param } });
  }),
);

test('a reusable prompt does not exist', () =>
  withEmulator([], async ({ client }) => {
    await expect(client.responses.create({ model: MODEL, prompt: { id: 'pmpt_1' } })).rejects.toMatchObject({ status: 404 });
  }));

test('a body that is not JSON is refused', () =>
  withEmulator([], async ({ emulator }) => {
    const answer = await send(emulator, '/responses', '{"model":');
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { message: 'We could not parse the JSON body of your request.' } });
  }));

test('a request without credentials is refused', () =>
  withEmulator([], async ({ emulator }) => {
    const answer = await fetch(`${emulator.url}/models`);
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ error: { type: 'invalid_request_error', code: null } });
  }));

test('an unknown path is a 404 and a wrong method a 405', () =>
  withEmulator([], async ({ emulator }) => {
    const unknown = await send(emulator, '/assistants/x/y', {});
    expect([unknown.status, await unknown.json()]).toMatchObject([
      404,
      { error: { message: 'Invalid URL (POST /v1/assistants/x/y)' } },
    ]);
    expect((await send(emulator, '/models', {})).status).toBe(405);
  }));

test('a body of more than 50 MB is refused', () =>
  withEmulator([], async ({ emulator }) => {
    const answer = await send(emulator, '/responses', { model: MODEL, input: 'x'.repeat(51 * 1024 * 1024) });
    expect(answer.status).toBe(413);
  }));

test('limit and order of a list are checked', () =>
  withEmulator([], async ({ client }) => {
    const { id } = await client.conversations.create();
    await expect(client.conversations.items.list(id, { limit: 101 })).rejects.toMatchObject({ status: 400, param: 'limit' });
    await expect(client.conversations.items.list(id, { after: 'msg_none' })).rejects.toMatchObject({
      status: 404,
      param: 'after',
    });
  }));
