import { expect, jest, test } from '@jest/globals';
import { callsOf, runOf, twoCalls, withAssistant } from './with-assistant.ts';

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
