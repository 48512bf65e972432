import { expect, jest, test } from '@jest/globals';
import type { Run } from 'openai/resources/beta/threads/runs/runs';
import type { Rule } from '../../src/emulator/index.ts';
import { type AssistantSetup, lookup, MODEL, twoCalls, withAssistant } from './with-assistant.ts';
import { send } from './with-emulator.ts';

/** Starts a run and follows it to where it ends or waits. */
const runOf = ({ client, thread, assistant }: AssistantSetup, body = {}): Promise<Run> =>
  client.beta.threads.runs.createAndPoll(thread.id, { assistant_id: assistant.id, ...body }, { pollIntervalMs: 1 });

const callsOf = (run: Run) => run.required_action?.submit_tool_outputs.tool_calls ?? [];

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

test('a run is queued at first, then in progress, and completed only when somebody has seen that', () =>
  withAssistant([], async ({ client, thread, assistant }) => {
    const { runs } = client.beta.threads;
    const made = await runs.create(thread.id, { assistant_id: assistant.id });
    expect(made).toMatchObject({ status: 'queued', usage: null, started_at: null, expires_at: made.created_at + 600 });
    const seen = await runs.retrieve(made.id, { thread_id: thread.id });
    expect(seen).toMatchObject({ status: 'in_progress', usage: null, completed_at: null });
    expect(seen.started_at).not.toBeNull();
    const done = await runs.poll(made.id, { thread_id: thread.id }, { pollIntervalMs: 1 });
    expect(done).toMatchObject({ status: 'completed', expires_at: null });
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

test('a run waits for the outputs of all its parallel calls, all at once, and goes on with them', () =>
  withAssistant([{ when: { tool_output: 'b is down' }, text: 'Host b is down.' }, { tool_calls: twoCalls }], async (setup) => {
    const { runs } = setup.client.beta.threads;
    const run = await runOf(setup);
    expect(run).toMatchObject({ status: 'requires_action', required_action: { type: 'submit_tool_outputs' }, usage: null });
    const calls = callsOf(run);
    expect(calls.map((call) => JSON.parse(call.function.arguments))).toEqual([{ host: 'a' }, { host: 'b' }]);
    const [a, b] = calls.map(({ id }, index) => ({ tool_call_id: id, output: ['a is up', 'b is down'][index] ?? '' }));
    if (!a || !b) throw new Error('There should be two calls.');
    const submit = (tool_outputs: (typeof a)[]) => runs.submitToolOutputs(run.id, { thread_id: setup.thread.id, tool_outputs });
    await expect(submit([a])).rejects.toMatchObject({ status: 400, message: expect.stringContaining(b.tool_call_id) });
    await expect(submit([a, { ...b, tool_call_id: 'call_none' }])).rejects.toMatchObject({ status: 400 });
    expect(await submit([b, a])).toMatchObject({ status: 'queued', required_action: null });
    await expect(submit([a, b])).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining('do not accept tool outputs'),
    });
    const done = await runs.poll(run.id, { thread_id: setup.thread.id }, { pollIntervalMs: 1 });
    expect(done.status).toBe('completed');
    expect(await setup.texts()).toEqual(['check both', 'Host b is down.']);
  }));

test('steps tell what the run did, and the usage of the run is the sum of theirs', () =>
  withAssistant([{ when: { tool_output: 'up' }, text: 'All up.' }, { tool_calls: twoCalls.slice(0, 1) }], async (setup) => {
    const { runs } = setup.client.beta.threads;
    const thread_id = setup.thread.id;
    const waiting = await runOf(setup);
    const open = await runs.steps.list(waiting.id, { thread_id });
    expect(open.data).toMatchObject([{ type: 'tool_calls', status: 'in_progress', usage: null }]);
    const tool_outputs = callsOf(waiting).map(({ id }) => ({ tool_call_id: id, output: 'a is up' }));
    const { usage } = await runs.submitToolOutputsAndPoll(waiting.id, { thread_id, tool_outputs }, { pollIntervalMs: 1 });
    const { data } = await runs.steps.list(waiting.id, { thread_id, order: 'asc' });
    const [message] = (await setup.client.beta.threads.messages.list(thread_id)).data;
    const called = [{ type: 'function', function: { name: 'lookup', arguments: '{"host":"a"}', output: 'a is up' } }];
    expect(data).toMatchObject([
      { status: 'completed', step_details: { type: 'tool_calls', tool_calls: called } },
      { status: 'completed', step_details: { type: 'message_creation', message_creation: { message_id: message?.id } } },
    ]);
    const [first, second] = data;
    expect(await runs.steps.retrieve(first?.id ?? '', { thread_id, run_id: waiting.id })).toEqual(first);
    const sum = (key: 'prompt_tokens' | 'completion_tokens') => (first?.usage?.[key] ?? 0) + (second?.usage?.[key] ?? 0);
    expect(usage).toMatchObject({ prompt_tokens: sum('prompt_tokens'), completion_tokens: sum('completion_tokens') });
    expect(usage?.total_tokens).toBe(sum('prompt_tokens') + sum('completion_tokens'));
    expect(second?.usage?.completion_tokens).toBe(2);
  }));

test('without a rule, a required call is made once and the run goes on after it', () =>
  withAssistant([], async (setup) => {
    const run = await runOf(setup, { tool_choice: { type: 'function', function: { name: 'lookup' } } });
    expect(callsOf(run)).toMatchObject([{ function: { name: 'lookup', arguments: '{"host":"offline"}' } }]);
    const tool_outputs = callsOf(run).map(({ id }) => ({ tool_call_id: id, output: 'up' }));
    const body = { thread_id: setup.thread.id, tool_outputs };
    const done = await setup.client.beta.threads.runs.submitToolOutputsAndPoll(run.id, body, { pollIntervalMs: 1 });
    expect(done.status).toBe('completed');
  }));

test('a thread with an active run takes neither messages nor runs', () =>
  withAssistant([{ tool_calls: twoCalls, times: 1 }], async (setup) => {
    const { client, thread, assistant } = setup;
    const run = await runOf(setup);
    const message = client.beta.threads.messages.create(thread.id, { role: 'user', content: 'Hurry' });
    await expect(message).rejects.toMatchObject({
      status: 400,
      error: { message: `Can't add messages to ${thread.id} while a run ${run.id} is active.` },
    });
    const second = client.beta.threads.runs.create(thread.id, { assistant_id: assistant.id });
    await expect(second).rejects.toMatchObject({
      status: 400,
      error: { message: `Thread ${thread.id} already has an active run ${run.id}.` },
    });
    await client.beta.threads.runs.cancel(run.id, { thread_id: thread.id });
    await client.beta.threads.runs.poll(run.id, { thread_id: thread.id }, { pollIntervalMs: 1 });
    expect((await runOf(setup)).status).toBe('completed');
  }));

test('a run in progress can be cancelled, once, and says nothing more', () =>
  withAssistant({ latencyMs: 60_000 }, async ({ client, thread, assistant, texts }) => {
    const { runs } = client.beta.threads;
    const thread_id = thread.id;
    const { id } = await runs.create(thread_id, { assistant_id: assistant.id });
    expect((await runs.retrieve(id, { thread_id })).status).toBe('in_progress');
    expect((await runs.cancel(id, { thread_id })).status).toBe('cancelling');
    await expect(runs.cancel(id, { thread_id })).rejects.toMatchObject({ status: 400 });
    const cancelled = await runs.poll(id, { thread_id }, { pollIntervalMs: 1 });
    expect(cancelled).toMatchObject({ status: 'cancelled', expires_at: null, usage: { total_tokens: 0 } });
    expect(cancelled.cancelled_at).not.toBeNull();
    expect(await texts()).toEqual(['check both']);
  }));

test('a run that waits for outputs can be cancelled; its step is cancelled with it', () =>
  withAssistant([{ tool_calls: twoCalls }], async (setup) => {
    const { runs } = setup.client.beta.threads;
    const thread_id = setup.thread.id;
    const { id } = await runOf(setup);
    await runs.cancel(id, { thread_id });
    const cancelled = await runs.poll(id, { thread_id }, { pollIntervalMs: 1 });
    expect(cancelled).toMatchObject({ status: 'cancelled', required_action: null });
    expect((await runs.steps.list(id, { thread_id })).data).toMatchObject([{ status: 'cancelled' }]);
  }));

test('a run that ended cannot be cancelled', () =>
  withAssistant([], async (setup) => {
    const { id } = await runOf(setup);
    const cancelling = setup.client.beta.threads.runs.cancel(id, { thread_id: setup.thread.id });
    await expect(cancelling).rejects.toMatchObject({
      status: 400,
      error: { message: "Cannot cancel run with status 'completed'." },
    });
  }));

test('a rule lets a run expire', () =>
  withAssistant([{ expired: true }], async (setup) => {
    expect(await runOf(setup)).toMatchObject({ status: 'expired', last_error: null, completed_at: null });
    expect(await setup.texts()).toEqual(['check both']);
  }));

test('a rule lets the outputs of functions come too late', () =>
  withAssistant([{ tool_calls: twoCalls, expired: true }], async (setup) => {
    const { runs } = setup.client.beta.threads;
    const thread_id = setup.thread.id;
    const run = await runOf(setup);
    const tool_outputs = callsOf(run).map(({ id }) => ({ tool_call_id: id, output: 'up' }));
    await expect(runs.submitToolOutputs(run.id, { thread_id, tool_outputs })).rejects.toMatchObject({
      status: 400,
      error: { message: 'Runs in status "expired" do not accept tool outputs.' },
    });
    expect((await runs.retrieve(run.id, { thread_id })).status).toBe('expired');
    expect((await runs.steps.list(run.id, { thread_id })).data).toMatchObject([{ status: 'expired' }]);
  }));

test('a run that waits for outputs expires ten minutes after it was made, and frees its thread', () =>
  withAssistant([{ tool_calls: twoCalls }], async (setup) => {
    const { id } = await runOf(setup);
    const clock = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 10 * 60_000);
    try {
      const run = await setup.client.beta.threads.runs.retrieve(id, { thread_id: setup.thread.id });
      expect(run).toMatchObject({ status: 'expired', required_action: null });
      await setup.client.beta.threads.messages.create(setup.thread.id, { role: 'user', content: 'Next' });
    } finally {
      clock.mockRestore();
    }
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
