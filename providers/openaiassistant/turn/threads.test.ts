import { describe, expect, test } from '@jest/globals';
import type { JsonObject, ProviderEvent } from 'threadline/provider';
import { testStep } from 'threadline/testing';
import { RunThreads } from '../../../src/run/run-threads.ts';
import { runAssistant, serve, withAssistant } from '../testing/test-assistant.ts';

describe.each([true, false])('with stream: %s', (stream) => {
  test('T2 T3 T4 T23: a thread goes on in the next step and in the next run', () =>
    withAssistant(
      [
        { when: { turn: 0 }, text: 'First.' },
        { when: { turn: 1 }, text: 'Second.' },
      ],
      async ({ ask, asked, traffic }) => {
        const first = await ask({ prompt: 'One', stream });
        expect(first.response).toBe('First.');
        const second = await ask(
          { prompt: 'Two', thread_id: String(first.thread_id), stream },
          { run: { id: 'run-2', workflow: 'triage', offline: false } },
        );
        expect(second).toMatchObject({ response: 'Second.', thread_id: first.thread_id });
        expect(asked()[1]?.input).toMatchObject([{ content: [{ text: 'Two' }] }]);
        expect(traffic().filter((line) => line === 'POST /conversations')).toHaveLength(1);
      },
    ));
});

test('T12: the history is whole and in order, on a thread that was begun here or goes on', () =>
  withAssistant([{ when: { turn: 0 }, text: 'First.' }, { text: 'Second.' }], async ({ ask }) => {
    const first = await ask({ prompt: 'One' });
    expect(first.messages).toEqual([
      { id: null, role: 'user', text: 'One', content: 'One', created_at: expect.stringMatching(/^2\d{3}-.*Z$/) },
      {
        id: expect.stringMatching(/^msg_/),
        role: 'assistant',
        text: 'First.',
        content: 'First.',
        created_at: expect.any(String),
      },
    ]);
    const second = await ask({ prompt: 'Two', thread_id: String(first.thread_id) });
    expect(second.messages.map(({ role, text }) => [role, text])).toEqual([
      ['user', 'One'],
      ['assistant', 'First.'],
      ['user', 'Two'],
      ['assistant', 'Second.'],
    ]);
    expect(second.messages.every(({ id }) => typeof id === 'string')).toBe(true);
  }));

test('T12: a history of several pages is read to its end', () =>
  withAssistant([], async ({ ask, emulator, traffic }) => {
    const { thread_id: threadId } = await ask({ prompt: 'One' });
    const items = Array.from({ length: 20 }, (_, index) => ({ type: 'message', role: 'user', content: `note ${index}` }));
    for (let page = 0; page < 6; page++) {
      await fetch(`${emulator.url}/conversations/${threadId}/items`, {
        method: 'POST',
        headers: { authorization: 'Bearer test', 'content-type': 'application/json' },
        body: JSON.stringify({ items }),
      });
    }
    const { messages } = await ask({ prompt: 'Last', thread_id: String(threadId) });
    expect(messages).toHaveLength(2 + 120 + 2);
    expect(messages.at(-2)).toMatchObject({ text: 'Last' });
    expect(traffic().filter((line) => line === 'GET /conversations/ID/items')).toHaveLength(2);
  }));

test('a thread that was begun here costs no further request', () =>
  withAssistant([], async ({ ask, traffic, events }) => {
    const { thread_id: threadId } = await ask({ prompt: 'One' });
    expect(traffic()).toEqual(['POST /conversations', 'POST /responses']);
    expect(events).toContainEqual({ type: 'progress', message: `thread ${threadId}` });
  }));

test('an answer is not lost because the history cannot be read', () =>
  withAssistant([{ when: { path: '/conversations/*/items' }, error: { status: 500 } }], async ({ ask, events }) => {
    const { thread_id: threadId } = await ask({ prompt: 'One' });
    const second = await ask({ prompt: 'Two', thread_id: String(threadId) });
    expect(second.messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user', 'assistant']);
    expect(events).toContainEqual({
      type: 'log',
      level: 'warning',
      message: expect.stringMatching(/could not be read or written at the server: The API answered 500/),
    });
  }));

describe('where the server keeps no conversation', () => {
  const answers = [
    { when: { tool_output: 'up' }, text: 'It is up.' },
    { tool_calls: [{ name: 'look' }], times: 1 },
    { when: { prompt: 'does not fit' }, json: { up: true } },
  ];
  const tools = [{ function: 'look', provider: testStep(() => 'up') }];
  const params = { prompt: 'check', tools, response_format: { schema: { type: 'object' }, repair: 1 } };

  test.each([404, 405, 501])('T23 T25: %i: what was said is replayed, in the next step, too', (status) =>
    withAssistant(
      [{ when: { path: '/conversations' }, error: { status } }, ...answers],
      async ({ ask, asked, input, events }) => {
        const { response, thread_id: threadId, messages } = await ask(params);
        expect({ response, threadId }).toEqual({ response: { up: true }, threadId: expect.stringMatching(/^thr_/) });
        expect(events.filter(({ type }) => type === 'log')).toEqual([]);
        const kinds = input(2).map(({ type, role }) => role ?? type);
        expect(kinds).toEqual(['user', 'function_call', 'function_call_output', 'assistant', 'user']);
        expect(asked()[2]).not.toHaveProperty('conversation');
        expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user', 'assistant']);
        await ask({ prompt: 'And now?', thread_id: String(threadId) });
        expect(input(3)).toHaveLength(7);
      },
    ),
  );

  test('`store: false` asks for none, keeps nothing, and warns of nothing', () =>
    withAssistant(answers, async ({ ask, asked, events, traffic }) => {
      expect(await ask({ ...params, store: false })).toMatchObject({ response: { up: true }, thread_id: null });
      expect(traffic()).toEqual(['POST /responses', 'POST /responses', 'POST /responses']);
      for (const body of asked()) expect(body).toMatchObject({ store: false, include: ['reasoning.encrypted_content'] });
      expect(events.filter(({ type }) => type === 'log')).toEqual([]);
    }));
});

test('T23 T25: a server that takes conversations and forgets what is said in them is noticed', async () => {
  const asked: JsonObject[] = [];
  const base_url = await serve((request, response) => {
    let text = '';
    request.on('data', (data) => {
      text += String(data);
    });
    request.on('end', () => {
      response.setHeader('content-type', 'application/json');
      if (request.url === '/v1/conversations') return response.end('{"id":"conv_1","object":"conversation"}');
      if (request.method === 'GET') return response.end('{"object":"list","data":[],"has_more":false}');
      asked.push(JSON.parse(text) as JsonObject);
      const message = { type: 'message', id: 'msg_1', role: 'assistant', content: [{ type: 'output_text', text: 'Hello.' }] };
      return response.end(JSON.stringify({ id: 'resp_1', status: 'completed', output: [message] }));
    });
  });
  const threads = new RunThreads({ threads: ':memory:', locks: ':memory:' });
  const warnings: string[] = [];
  const emit = (event: ProviderEvent) => (event.type === 'log' ? warnings.push(event.message) : 0);
  const host = { config: { base_url }, threads, emit };
  const params = { stream: false, wire: 'responses' } as const;
  const { thread_id: threadId } = await runAssistant({ ...params, prompt: 'One' }, host);
  expect(warnings).toEqual([expect.stringContaining('does not keep what is said')]);
  await runAssistant({ ...params, prompt: 'Two', thread_id: String(threadId) }, host);
  expect(asked[1]).not.toHaveProperty('conversation');
  const { input } = asked[1] as { input: JsonObject[] };
  expect(input.map(({ role }) => role)).toEqual(['user', 'assistant', 'user']);
  await threads.close();
});

test('T5: a key leads to a new thread when its time is over', () =>
  withAssistant([], async ({ ask }) => {
    const thread = { key: 'db-1', ttl: '1ms' };
    const first = await ask({ prompt: 'One', thread });
    await new Promise((resolve) => setTimeout(resolve, 5));
    const second = await ask({ prompt: 'Two', thread });
    expect(second.thread_id).not.toBe(first.thread_id);
    expect(second.messages).toHaveLength(2);
  }));

describe('a key belongs to its workflow', () => {
  const host = (workflow: string) => ({ run: { id: `run-${workflow}`, workflow, offline: false } });

  test('another workflow with the same key begins a thread of its own, and reads nothing of the first', () =>
    withAssistant([], async ({ ask, asked }) => {
      const first = await ask({ prompt: 'The password of db-1 is x', thread: { key: 'db-1' } }, host('triage'));
      const other = await ask({ prompt: 'What do you know?', thread: { key: 'db-1' } }, host('report'));
      expect(other.thread_id).not.toBe(first.thread_id);
      expect(asked()[1]?.conversation).not.toBe(asked()[0]?.conversation);
      expect(other.messages.map(({ text }) => text)).not.toContain('The password of db-1 is x');
      const again = await ask({ prompt: 'And now?', thread: { key: 'db-1' } }, host('triage'));
      expect(again.thread_id).toBe(first.thread_id);
    }));

  test('`scope: shared` leads all workflows that say so to one thread', () =>
    withAssistant([], async ({ ask }) => {
      const thread = { key: 'db-1', scope: 'shared' } as const;
      const own = await ask({ prompt: 'Mine', thread: { key: 'db-1' } }, host('triage'));
      const first = await ask({ prompt: 'One', thread }, host('triage'));
      const other = await ask({ prompt: 'Two', thread }, host('report'));
      expect(other.thread_id).toBe(first.thread_id);
      expect(other.thread_id).not.toBe(own.thread_id);
      expect(other.messages).toHaveLength(4);
    }));

  test('the id of a thread leads any workflow to it that is handed it', () =>
    withAssistant([], async ({ ask }) => {
      const first = await ask({ prompt: 'One', thread: { key: 'db-1' } }, host('triage'));
      const other = await ask({ prompt: 'Two', thread_id: String(first.thread_id) }, host('report'));
      expect(other.messages).toHaveLength(4);
    }));
});

test('R13: a thread says what all steps on it have used', () =>
  withAssistant([], async ({ ask }) => {
    const prices = { '*': { input: 1000, output: 1000 } };
    const first = await ask({ prompt: 'One' }, { prices });
    const second = await ask({ prompt: 'Two', thread_id: String(first.thread_id) }, { prices });
    const sum = (key: string) => Number(first.usage[key]) + Number(second.usage[key]);
    const { cost_usd: cost, total_tokens: total } = second.thread_usage as JsonObject;
    expect([total, Number(cost).toFixed(6)]).toEqual([sum('total_tokens'), sum('cost_usd').toFixed(6)]);
    const third = await ask({ prompt: 'Three', thread_id: String(first.thread_id) });
    expect(third.thread_usage).toMatchObject({ cost_usd: null });
  }));
