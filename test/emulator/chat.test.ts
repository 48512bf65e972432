import { expect, test } from '@jest/globals';
import type OpenAI from 'openai';
import { collect, lookup, send, withEmulator } from './with-emulator.ts';

const MODEL = 'gpt-6-luna';
const user = (content: string): OpenAI.ChatCompletionMessageParam => ({ role: 'user', content });
const { type, ...declaration } = lookup;
const tools = [{ type, function: declaration }];

test('answers a chat, whole and in pieces, the same', async () => {
  await withEmulator([{ when: { prompt: 'disk' }, text: 'The disk of web-1 is full.' }], async ({ client }) => {
    const body = { model: MODEL, messages: [user('Why is the disk slow?')] };
    const whole = await client.chat.completions.create(body);
    expect(whole.choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: 'The disk of web-1 is full.' } });
    expect(whole.usage?.total_tokens).toBe((whole.usage?.prompt_tokens ?? 0) + (whole.usage?.completion_tokens ?? 0));
    const stream = await client.chat.completions.create({ ...body, stream: true, stream_options: { include_usage: true } });
    const chunks = await collect(stream);
    expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toBe('The disk of web-1 is full.');
    expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe('stop');
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: whole.usage });
  });
});

test('calls functions, several at once, and reads what they gave', async () => {
  const calls = ['web-1', 'web-2'].map((host) => ({ name: 'lookup', arguments: { host } }));
  const rules = [
    { when: { tool_output: 'full' }, text: 'Full.' },
    { when: { tool: 'lookup' }, tool_calls: calls },
  ];
  await withEmulator(rules, async ({ client }) => {
    const asked = [{ role: 'system' as const, content: 'You look.' }, user('Look')];
    const first = await client.chat.completions.create({ model: MODEL, messages: asked, tools });
    const message = first.choices[0]?.message;
    expect(message?.tool_calls?.map((call) => call.type === 'function' && call.function.arguments)).toEqual([
      '{"host":"web-1"}',
      '{"host":"web-2"}',
    ]);
    const outputs = (message?.tool_calls ?? []).map(({ id }) => ({ role: 'tool' as const, tool_call_id: id, content: 'full' }));
    const messages = [...asked, message as OpenAI.ChatCompletionMessage, ...outputs];
    const second = await client.chat.completions.create({ model: MODEL, messages, tools });
    expect(second.choices[0]?.message.content).toBe('Full.');
    await expect(client.chat.completions.create({ model: MODEL, messages: messages.slice(0, -1) })).rejects.toThrow(
      'did not have response messages',
    );
  });
});

test('streams the arguments of a call piece by piece', async () => {
  await withEmulator(
    [{ tool_calls: [{ name: 'lookup', arguments: { host: 'web-1.example.internal' } }] }],
    async ({ client }) => {
      const stream = client.chat.completions.stream({ model: MODEL, messages: [user('Look')], tools });
      const final = await stream.finalChatCompletion();
      expect(final.choices[0]?.finish_reason).toBe('tool_calls');
      expect(final.choices[0]?.message.tool_calls?.[0]).toMatchObject({
        function: { name: 'lookup', arguments: '{"host":"web-1.example.internal"}' },
      });
    },
  );
});

test.each([
  ['a refusal', { refusal: 'No.' }, { finish_reason: 'stop', message: { refusal: 'No.', content: null } }],
  ['a cut answer', { incomplete: 'max_output_tokens' as const, text: 'The' }, { finish_reason: 'length' }],
  ['a filtered answer', { incomplete: 'content_filter' as const }, { finish_reason: 'content_filter' }],
])('ends with %s', async (_what, rule, choice) => {
  await withEmulator([rule], async ({ client }) => {
    const completion = await client.chat.completions.create({ model: MODEL, messages: [user('Hi')] });
    expect(completion.choices[0]).toMatchObject(choice);
  });
});

test('answers with an instance of the schema, and asks for the word json', async () => {
  await withEmulator([], async ({ client, emulator }) => {
    const schema = { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'], additionalProperties: false };
    const response_format = { type: 'json_schema' as const, json_schema: { name: 'verdict', schema, strict: true } };
    const typed = await client.chat.completions.create({ model: MODEL, messages: [user('Hi')], response_format });
    expect(typed.choices[0]?.message.content).toBe('{"ok":false}');
    const object = { model: MODEL, response_format: { type: 'json_object' } };
    const refused = await send(emulator, '/chat/completions', { ...object, messages: [user('Hi')] });
    expect(await refused.json()).toMatchObject({
      error: { message: expect.stringContaining("the word 'json'"), param: 'messages' },
    });
    const messages = [{ role: 'system', content: 'Answer in JSON.' }, user('Hi')];
    expect((await send(emulator, '/chat/completions', { ...object, messages })).status).toBe(200);
  });
});

test.each([
  ['no messages', { messages: [] }, 'messages'],
  ['an unknown role', { messages: [{ role: 'robot', content: 'x' }] }, 'messages[0].role'],
  ['a message without content', { messages: [{ role: 'user' }] }, 'messages[0].content'],
  ['an unknown parameter', { text: {} }, 'text'],
  ['a temperature out of range', { temperature: 3 }, 'temperature'],
  ['a function in the form of another API', { tools: [{ type: 'function', name: 'lookup' }] }, 'tools[0].function'],
  ['a choice without tools', { tool_choice: 'auto' }, 'tool_choice'],
  ['stream options without a stream', { stream_options: { include_usage: true } }, 'stream_options'],
])('refuses %s', async (_what, body, param) => {
  await withEmulator([], async ({ emulator }) => {
    const answer = await send(emulator, '/chat/completions', { model: MODEL, messages: [user('Hi')], ...body });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { type: 'invalid_request_error', param } });
  });
});
