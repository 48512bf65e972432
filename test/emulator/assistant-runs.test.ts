import { expect, test } from '@jest/globals';
import type { Rule } from '../../src/emulator/index.ts';
import { lookup, MODEL, runOf, withAssistant } from './with-assistant.ts';
import { send } from './with-emulator.ts';

test('createAndPoll ends well, with the answer in the thread', () =>
  withAssistant(
    [{ when: { path: '/threads/*/runs', prompt: 'both', instructions: 'on call' }, text: 'All is well.' }],
    async (setup) => {
      const run = await runOf(setup);
      expect(run).toMatchObject({
        status: 'completed',
        model: MODEL,
        tools: [lookup],
        last_error: null,
        incomplete_details: null,
      });
      expect(run.completed_at).not.toBeNull();
      const { data } = await setup.client.beta.threads.messages.list(setup.thread.id, { run_id: run.id });
      expect(data).toMatchObject([{ role: 'assistant', status: 'completed', run_id: run.id, assistant_id: setup.assistant.id }]);
      expect(await setup.texts()).toEqual(['check both', 'All is well.']);
    },
  ));

test('the SDK need not be told how often to poll', () =>
  withAssistant([{ text: 'Quick.' }], async ({ client, thread, assistant }) => {
    const run = await client.beta.threads.runs.createAndPoll(thread.id, { assistant_id: assistant.id });
    expect(run.status).toBe('completed');
  }));

test('what the run says replaces what the assistant says, and additional instructions come after it', () =>
  withAssistant(
    [{ when: { instructions: '/^You are on call\\.\\nBe brief\\.$/' }, text: 'Brief.' }, { text: 'Other.' }],
    async (setup) => {
      const run = await runOf(setup, {
        additional_instructions: 'Be brief.',
        model: 'gpt-6-sol',
        temperature: 0.1,
        tools: [],
        max_prompt_tokens: 1000,
        max_completion_tokens: 256,
        parallel_tool_calls: false,
        metadata: { alert: '7' },
      });
      expect(run).toMatchObject({
        instructions: 'You are on call.\nBe brief.',
        model: 'gpt-6-sol',
        temperature: 0.1,
        tools: [],
        max_prompt_tokens: 1000,
        max_completion_tokens: 256,
        parallel_tool_calls: false,
        metadata: { alert: '7' },
      });
      await runOf(setup, { instructions: 'You are asleep.' });
      expect(await setup.texts()).toEqual(['check both', 'Brief.', 'Other.']);
    },
  ));

test('additional messages are added to the thread before the run', () =>
  withAssistant([{ when: { prompt: 'now' }, text: 'Now.' }], async (setup) => {
    await runOf(setup, { additional_messages: [{ role: 'user', content: 'And now?' }] });
    expect(await setup.texts()).toEqual(['check both', 'And now?', 'Now.']);
  }));

test('truncation to the last messages hides the older ones', () =>
  withAssistant(
    [
      { when: { turn: 1 }, text: 'Second.' },
      { when: { turn: 0 }, text: 'First.' },
    ],
    async (setup) => {
      await runOf(setup);
      const again = { additional_messages: [{ role: 'user', content: 'Again' }] };
      const run = await runOf(setup, { ...again, truncation_strategy: { type: 'last_messages', last_messages: 1 } });
      expect(run.truncation_strategy).toEqual({ type: 'last_messages', last_messages: 1 });
      await runOf(setup, { ...again, truncation_strategy: { type: 'last_messages', last_messages: 3 } });
      expect(await setup.texts()).toEqual(['check both', 'First.', 'Again', 'First.', 'Again', 'Second.']);
    },
  ));

test('createAndRun makes the thread as well', () =>
  withAssistant([{ when: { path: '/threads/runs', prompt: 'Hi' }, text: 'Hello.' }], async ({ client, assistant }) => {
    const thread = { messages: [{ role: 'user' as const, content: 'Hi' }], metadata: { alert: '7' } };
    const run = await client.beta.threads.createAndRunPoll({ assistant_id: assistant.id, thread }, { pollIntervalMs: 1 });
    expect(run.status).toBe('completed');
    expect((await client.beta.threads.retrieve(run.thread_id)).metadata).toEqual({ alert: '7' });
    expect((await client.beta.threads.messages.list(run.thread_id)).data).toHaveLength(2);
  }));

test.each<[string, Rule, object]>([
  [
    'failed',
    { failed: { code: 'rate_limit_exceeded', message: 'Too fast.' } },
    { status: 'failed', last_error: { code: 'rate_limit_exceeded', message: 'Too fast.' } },
  ],
  [
    'failed for a reason that runs have no code for',
    { failed: { code: 'invalid_image', message: 'What?' } },
    { status: 'failed', last_error: { code: 'server_error', message: 'What?' } },
  ],
  [
    'out of tokens',
    { incomplete: 'max_output_tokens', text: 'It was' },
    { status: 'incomplete', incomplete_details: { reason: 'max_completion_tokens' } },
  ],
  ['filtered', { incomplete: 'content_filter' }, { status: 'incomplete', incomplete_details: {} }],
])('a run can be %s', (_what, rule, outcome) =>
  withAssistant([rule], async (setup) => {
    expect(await runOf(setup)).toMatchObject({ ...outcome, completed_at: null });
  }),
);

test('a message that broke off says why', () =>
  withAssistant([{ incomplete: 'max_output_tokens', text: 'It was' }], async (setup) => {
    const { id } = await runOf(setup);
    const { data } = await setup.client.beta.threads.messages.list(setup.thread.id, { run_id: id });
    expect(data).toMatchObject([{ status: 'incomplete', incomplete_details: { reason: 'max_tokens' }, completed_at: null }]);
    expect(await setup.texts()).toEqual(['check both', 'It was']);
  }));

test('a refusal is a part of the message', () =>
  withAssistant([{ refusal: 'I cannot help with that.' }], async (setup) => {
    expect((await runOf(setup)).status).toBe('completed');
    const [message] = (await setup.client.beta.threads.messages.list(setup.thread.id)).data;
    expect(message?.content).toEqual([{ type: 'refusal', refusal: 'I cannot help with that.' }]);
  }));

test('an HTTP error makes no run and leaves the thread as it was', () =>
  withAssistant([{ error: { status: 429, code: 'rate_limit_exceeded' }, times: 1 }], async (setup) => {
    const additional_messages = [{ role: 'user' as const, content: 'Lost' }];
    await expect(runOf(setup, { additional_messages })).rejects.toMatchObject({ status: 429, code: 'rate_limit_exceeded' });
    expect((await setup.client.beta.threads.runs.list(setup.thread.id)).data).toEqual([]);
    expect(await setup.texts()).toEqual(['check both']);
    expect((await runOf(setup)).status).toBe('completed');
  }));

test('json_object needs the word in a message or in the instructions', () =>
  withAssistant([], async (setup) => {
    const response_format = { type: 'json_object' };
    await expect(runOf(setup, { response_format })).rejects.toMatchObject({ status: 400, param: 'messages' });
    const run = await runOf(setup, { response_format, additional_instructions: 'Answer in JSON.' });
    expect(run.response_format).toEqual(response_format);
    expect(await setup.texts()).toEqual(['check both', '{"offline":true}']);
  }));

test('without a rule, a schema is met', () =>
  withAssistant([], async (setup) => {
    const schema = { type: 'object', properties: { up: { type: 'boolean' } }, required: ['up'], additionalProperties: false };
    await runOf(setup, { response_format: { type: 'json_schema', json_schema: { name: 'verdict', schema, strict: true } } });
    expect(await setup.texts()).toEqual(['check both', '{"up":false}']);
  }));

test.each<[string, object, string]>([
  ['without an assistant', { assistant_id: undefined }, 'assistant_id'],
  ['with too many tools', { tools: Array(21).fill(lookup) }, 'tools'],
  ['with too few prompt tokens', { max_prompt_tokens: 255 }, 'max_prompt_tokens'],
  ['with too few completion tokens', { max_completion_tokens: 255 }, 'max_completion_tokens'],
  ['with a truncation that nobody knows', { truncation_strategy: { type: 'middle' } }, 'truncation_strategy.type'],
  ['truncated to no number', { truncation_strategy: { type: 'last_messages' } }, 'truncation_strategy.last_messages'],
  [
    'truncated to nothing',
    { truncation_strategy: { type: 'last_messages', last_messages: 0 } },
    'truncation_strategy.last_messages',
  ],
  [
    'with the choice of a function that is not offered',
    { tool_choice: { type: 'function', function: { name: 'page' } } },
    'tool_choice',
  ],
  [
    'with a message that nobody can have written',
    { additional_messages: [{ role: 'system', content: 'x' }] },
    'additional_messages[0].role',
  ],
  ['with the parameters of Responses', { max_output_tokens: 300 }, 'max_output_tokens'],
])('a run %s is refused', (_what, changes, param) =>
  withAssistant([], async ({ emulator, thread, assistant }) => {
    const body = { assistant_id: assistant.id, ...changes };
    const response = await send(emulator, `/threads/${thread.id}/runs`, body, { 'openai-beta': 'assistants=v2' });
    expect([response.status, await response.json()]).toMatchObject([400, { error: { param } }]);
  }),
);

test('a run of an unknown assistant, and what is unknown in a thread, is not found', () =>
  withAssistant([], async ({ client, thread }) => {
    const { runs, messages } = client.beta.threads;
    const thread_id = thread.id;
    const lost = [
      runs.create(thread_id, { assistant_id: 'asst_none' }),
      runs.retrieve('run_none', { thread_id }),
      runs.steps.list('run_none', { thread_id }),
      messages.retrieve('msg_none', { thread_id }),
    ];
    for (const request of lost) await expect(request).rejects.toMatchObject({ status: 404, type: 'invalid_request_error' });
  }));

test('runs are listed newest first, and their metadata can be changed', () =>
  withAssistant([], async (setup) => {
    const { runs } = setup.client.beta.threads;
    const first = await runOf(setup);
    const second = await runOf(setup);
    const changed = await runs.update(first.id, { thread_id: setup.thread.id, metadata: { alert: '7' } });
    expect(changed).toEqual({ ...first, metadata: { alert: '7' } });
    expect((await runs.list(setup.thread.id)).data).toEqual([second, changed]);
  }));
