import { expect, test } from '@jest/globals';
import type { AssistantStreamEvent } from 'openai/resources/beta/assistants';
import { callsOf, twoCalls, withAssistant } from './with-assistant.ts';
import { collect } from './with-emulator.ts';

/** The names of the events, deltas in a row as one. */
const namesOf = (events: AssistantStreamEvent[]) =>
  events.map(({ event }) => event).filter((name, index, names) => !name.endsWith('.delta') || names[index - 1] !== name);

test('a stream tells how an answer comes into being, in order', () =>
  withAssistant([{ text: 'one two three' }], async ({ client, thread, assistant }) => {
    const stream = await client.beta.threads.runs.create(thread.id, { assistant_id: assistant.id, stream: true });
    const events = await collect(stream);
    expect(namesOf(events)).toEqual([
      'thread.run.created',
      'thread.run.queued',
      'thread.run.in_progress',
      'thread.run.step.created',
      'thread.run.step.in_progress',
      'thread.message.created',
      'thread.message.in_progress',
      'thread.message.delta',
      'thread.message.completed',
      'thread.run.step.completed',
      'thread.run.completed',
    ]);
    const deltas = events.flatMap(({ event, data }) => (event === 'thread.message.delta' ? (data.delta.content ?? []) : []));
    expect(deltas.map((part) => (part.type === 'text' ? part.text?.value : ''))).toEqual(['one ', 'two ', 'three']);
  }));

test("a stream ends with OpenAI's own last event", () =>
  withAssistant([], async ({ emulator, thread, assistant }) => {
    const response = await fetch(`${emulator.url}/threads/${thread.id}/runs`, {
      method: 'POST',
      headers: { authorization: 'Bearer offline', 'openai-beta': 'assistants=v2' },
      body: JSON.stringify({ assistant_id: assistant.id, stream: true }),
    });
    const text = await response.text();
    expect(text.startsWith('event: thread.run.created\ndata: {"id":"run_')).toBe(true);
    expect(text.endsWith('\n\nevent: done\ndata: [DONE]\n\n')).toBe(true);
  }));

test('the stream helper of the SDK ends well', () =>
  withAssistant([{ text: 'one two three' }], async ({ client, thread, assistant, texts }) => {
    const stream = client.beta.threads.runs.stream(thread.id, { assistant_id: assistant.id });
    const heard: string[] = [];
    stream.on('textDelta', ({ value }) => heard.push(value ?? ''));
    const run = await stream.finalRun();
    expect(run).toMatchObject({ status: 'completed', usage: { completion_tokens: 4 } });
    expect(await stream.finalMessages()).toMatchObject([
      { content: [{ text: { value: 'one two three' } }], status: 'completed' },
    ]);
    expect(await stream.finalRunSteps()).toMatchObject([{ type: 'message_creation', status: 'completed' }]);
    expect(heard).toEqual(['one ', 'two ', 'three']);
    expect(await texts()).toEqual(['check both', 'one two three']);
  }));

test('parallel calls are streamed, and what follows on their outputs', () =>
  withAssistant(
    [{ when: { tool_output: 'up' }, text: 'All up.' }, { tool_calls: twoCalls }],
    async ({ client, thread, assistant }) => {
      const { runs } = client.beta.threads;
      const first = runs.stream(thread.id, { assistant_id: assistant.id });
      const called: string[] = [];
      first.on('toolCallDone', (call) => called.push(call.type === 'function' ? call.function.arguments : call.type));
      const waiting = await first.finalRun();
      expect(waiting.status).toBe('requires_action');
      expect(called).toEqual(['{"host":"a"}', '{"host":"b"}']);
      const tool_outputs = callsOf(waiting).map(({ id }) => ({ tool_call_id: id, output: 'up' }));
      const second = runs.submitToolOutputsStream(waiting.id, { thread_id: thread.id, tool_outputs });
      const events = await collect(second);
      expect(namesOf(events).slice(0, 4)).toEqual([
        'thread.run.step.completed',
        'thread.run.queued',
        'thread.run.in_progress',
        'thread.run.step.created',
      ]);
      expect((await second.finalRun()).status).toBe('completed');
      expect(await second.finalMessages()).toMatchObject([{ content: [{ text: { value: 'All up.' } }] }]);
    },
  ));

test('a stream that makes the thread begins with it', () =>
  withAssistant([], async ({ client, assistant }) => {
    const thread = { messages: [{ role: 'user' as const, content: 'Hi' }] };
    const stream = client.beta.threads.createAndRunStream({ assistant_id: assistant.id, thread });
    const events = await collect(stream);
    expect(namesOf(events).slice(0, 2)).toEqual(['thread.created', 'thread.run.created']);
    expect((await stream.finalRun()).status).toBe('completed');
  }));

test.each([
  ['failed', { failed: { code: 'server_error' as const, message: 'Broken.' } }],
  ['expired', { expired: true as const }],
  ['incomplete', { incomplete: 'max_output_tokens' as const, text: 'It was a dark and' }],
])('a stream of a run that is %s says so at its end', (status, rule) =>
  withAssistant([rule], async ({ client, thread, assistant }) => {
    const stream = client.beta.threads.runs.stream(thread.id, { assistant_id: assistant.id });
    const events = await collect(stream);
    expect(events.at(-1)?.event).toBe(`thread.run.${status}`);
    expect((await stream.finalRun()).status).toBe(status);
  }),
);

test('a refusal is streamed', () =>
  withAssistant([{ refusal: 'I cannot help with that.' }], async ({ client, thread, assistant }) => {
    const stream = client.beta.threads.runs.stream(thread.id, { assistant_id: assistant.id });
    expect(await stream.finalMessages()).toMatchObject([{ content: [{ refusal: 'I cannot help with that.' }] }]);
  }));

test('who cancels a run ends its stream, and what was said stays', () =>
  withAssistant([{ text: 'word '.repeat(500), chunk_latency_ms: 5 }], async ({ client, thread, assistant }) => {
    const { runs, messages } = client.beta.threads;
    const stream = runs.stream(thread.id, { assistant_id: assistant.id });
    stream.once('textDelta', () => {
      void runs.cancel(stream.currentRun()?.id ?? '', { thread_id: thread.id });
    });
    const events = await collect(stream);
    expect(namesOf(events).slice(-4)).toEqual([
      'thread.run.cancelling',
      'thread.message.incomplete',
      'thread.run.step.cancelled',
      'thread.run.cancelled',
    ]);
    expect((await stream.finalRun()).status).toBe('cancelled');
    const [message] = (await messages.list(thread.id)).data;
    expect(message).toMatchObject({ incomplete_details: { reason: 'run_cancelled' }, content: [{ type: 'text' }] });
  }));

test('a run goes on when its stream breaks', () =>
  withAssistant([{ text: 'one two three', cut_after: 8 }], async ({ client, thread, assistant, texts }) => {
    const { runs } = client.beta.threads;
    await expect(runs.stream(thread.id, { assistant_id: assistant.id }).finalRun()).rejects.toThrow();
    const [run] = (await runs.list(thread.id)).data;
    expect((await runs.poll(run?.id ?? '', { thread_id: thread.id }, { pollIntervalMs: 1 })).status).toBe('completed');
    expect(await texts()).toEqual(['check both', 'one two three']);
  }));

test('outputs can be handed in while the stream that asked for them is still being read', () =>
  withAssistant(
    [
      { when: { tool_output: 'up' }, text: 'All up.' },
      { tool_calls: twoCalls, chunk_latency_ms: 20 },
    ],
    async ({ client, thread, assistant }) => {
      const { runs } = client.beta.threads;
      const ends: string[] = [];
      for await (const { event, data } of await runs.create(thread.id, { assistant_id: assistant.id, stream: true })) {
        if (event !== 'thread.run.requires_action') continue;
        const tool_outputs = callsOf(data).map(({ id }) => ({ tool_call_id: id, output: 'up' }));
        const done = await runs.submitToolOutputsStream(data.id, { thread_id: thread.id, tool_outputs }).finalRun();
        ends.push(done.status);
      }
      expect(ends).toEqual(['completed']);
    },
  ));

test('a stream ends when its thread is deleted', () =>
  withAssistant({ latencyMs: 60_000 }, async ({ client, thread, assistant }) => {
    const stream = await client.beta.threads.runs.create(thread.id, { assistant_id: assistant.id, stream: true });
    const names: string[] = [];
    for await (const { event } of stream) {
      names.push(event);
      if (event === 'thread.run.in_progress') await client.beta.threads.delete(thread.id);
    }
    expect(names.at(-1)).toBe('thread.run.in_progress');
  }));
