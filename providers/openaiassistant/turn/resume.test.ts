import { expect, test } from '@jest/globals';
import OpenAI from 'openai';
import type { JsonObject, ProviderEvent } from 'threadline/provider';
import { testStep } from 'threadline/testing';
import { RunThreads } from '../../../src/run/run-threads.ts';
import type { Params } from '../contract/schema.ts';
import { KEY, type Setup, serve, withAssistant } from '../testing/test-assistant.ts';
import { MortalProcesses, withProcesses } from '../testing/test-mortal.ts';

const words = 'one two three four five six seven eight nine ten';
const calls = { tool_calls: [{ name: 'look', arguments: {} }], times: 1 };

/** Asks in a process that dies as soon as it has said something like this; resolves then. */
function askAndDie(setup: Setup, processes: MortalProcesses, params: Params, at: (event: ProviderEvent) => boolean) {
  return new Promise<void>((resolve) => {
    const emit = (event: ProviderEvent) => {
      if (!at(event)) return;
      processes.die();
      resolve();
    };
    processes.begin(setup, params, { emit });
  });
}

const saysText = ({ type }: ProviderEvent) => type === 'text-delta';
const hasPaid = ({ type }: ProviderEvent) => type === 'usage';
const textsOf = ({ messages }: { messages: JsonObject[] }) => messages.map(({ text }) => text);
const asksIn = (setup: Setup) => setup.traffic().filter((line) => /^POST .*(responses|completions|runs)$/.test(line));

/** A function that never answers in the process that dies. */
function hangingOnce() {
  const begun = Promise.withResolvers<void>();
  let count = 0;
  const step = testStep(() => {
    begun.resolve();
    return ++count === 1 ? new Promise<never>(() => undefined) : 'up';
  });
  return { begun: begun.promise, tools: [{ function: 'look', provider: step }], count: () => count };
}

test('what streams is asked for in the background where it can be found again, and nowhere else', () =>
  withAssistant([], async ({ ask, asked }) => {
    const journal = () => new MortalProcesses().journal();
    await ask({ prompt: 'One' }, { journal: journal() });
    await ask({ prompt: 'Two', background: false }, { journal: journal() });
    await ask({ prompt: 'Three', stream: false }, { journal: journal() });
    await ask({ prompt: 'Four', store: false }, { journal: journal() });
    await ask({ prompt: 'Five' }, { journal: journal(), run: { id: 'run-1', workflow: 'triage', offline: true } });
    await ask({ prompt: 'Six' });
    expect(asked().map(({ background }) => background)).toEqual([true, ...Array(5).fill(undefined)]);
  }));

test('a server that takes no response in the background is asked without', async () => {
  const asked: JsonObject[] = [];
  const base_url = await serve(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    response.setHeader('content-type', 'application/json');
    if (request.url === '/v1/conversations') return response.writeHead(404).end('{}');
    const body = JSON.parse(Buffer.concat(chunks).toString()) as JsonObject;
    asked.push(body);
    const error = { message: 'Background mode is not supported with Zero Data Retention.', type: 'invalid_request_error' };
    if (body.background) return response.writeHead(400).end(JSON.stringify({ error }));
    const message = { type: 'message', id: 'msg_1', role: 'assistant', content: [{ type: 'output_text', text: 'Hello.' }] };
    return response.end(JSON.stringify({ id: 'resp_1', status: 'completed', output: [message] }));
  });
  await withAssistant([], async ({ ask }) => {
    const host = () => ({ journal: new MortalProcesses().journal(), config: { base_url } });
    expect(await ask({ prompt: 'Hi' }, host())).toMatchObject({ text: 'Hello.' });
    await expect(ask({ prompt: 'Hi', background: true }, host())).rejects.toMatchObject({ code: 'bad_request' });
  });
  expect(asked.map(({ background }) => background)).toEqual([true, undefined, true]);
});

test('a response that was cancelled meanwhile is asked for again', () =>
  withProcesses([{ text: words, chunk_latency_ms: 50, times: 1 }, { text: 'Again.' }], async (setup, processes) => {
    await askAndDie(setup, processes, { prompt: 'Hi' }, saysText);
    const client = new OpenAI({ apiKey: KEY, baseURL: setup.emulator.url });
    const memory = processes.journal().memoryAt('ask');
    const { id } = (await memory.recall('request-1-started')) as { id: string };
    await client.responses.cancel(id);
    const results = await setup.ask({ prompt: 'Hi' }, { journal: processes.journal() });
    expect(textsOf(results)).toEqual(['Hi', 'Again.']);
    expect(asksIn(setup)).toHaveLength(2);
  }));

test('an answer whose id nobody has noted is found in the conversation', () =>
  withProcesses([{ text: 'Hello.' }], async (setup, processes) => {
    await askAndDie(setup, processes, { prompt: 'Hi', stream: false }, hasPaid);
    const results = await setup.ask({ prompt: 'Hi', stream: false }, { journal: processes.journal() });
    expect(textsOf(results)).toEqual(['Hi', 'Hello.']);
    expect(asksIn(setup)).toHaveLength(1);
    expect(setup.events).toContainEqual(expect.objectContaining({ type: 'log', message: expect.stringContaining('was found') }));
  }));

test.each(['responses', 'chat', 'assistants'] as const)(
  'over %s, what is replayed is not paid again: it counts, and is not said',
  (wire) =>
    withProcesses([calls, { text: 'Done.' }], async (setup, processes) => {
      const { tools, begun, count } = hangingOnce();
      const params = { prompt: 'Hi', wire, tools };
      const paid: ProviderEvent[] = [];
      const emit = (event: ProviderEvent) => void (hasPaid(event) && paid.push(event));
      processes.begin(setup, params, { emit });
      await begun;
      processes.die();
      const results = await setup.ask(params, { journal: processes.journal(), emit });
      expect(count()).toBe(2);
      expect(paid).toHaveLength(2);
      const tokens = paid.map((event) => (event.type === 'usage' ? event.usage.total_tokens : 0));
      expect(results.usage.total_tokens).toBe((tokens[0] ?? 0) + (tokens[1] ?? 0));
      expect(results.thread_usage).toEqual(results.usage);
      expect(textsOf(results)).toEqual(['Hi', 'Done.']);
    }),
);

test('a step goes on by the way that it had come to', () =>
  withProcesses(
    [{ when: { path: '/responses' }, error: { status: 500 }, times: 1 }, calls, { text: 'Done.' }],
    async (setup, processes) => {
      const { tools, begun } = hangingOnce();
      const params: Params = { prompt: 'Hi', tools, fallback: ['chat'] };
      processes.begin(setup, params);
      await begun;
      processes.die();
      const results = await setup.ask(params, { journal: processes.journal() });
      expect(results).toMatchObject({ text: 'Done.', wire: 'chat', fallbacks: [{ wire: 'responses' }] });
      expect(asksIn(setup)).toEqual(['POST /responses', 'POST /chat/completions', 'POST /chat/completions']);
    },
  ));

test('also where the first way did not get as far as to ask', () =>
  withProcesses(
    [{ when: { path: '/conversations' }, error: { status: 500 }, times: 1 }, calls, { text: 'Done.' }],
    async (setup, processes) => {
      const { tools, begun } = hangingOnce();
      const params: Params = { prompt: 'Hi', tools, fallback: ['chat'] };
      processes.begin(setup, params);
      await begun;
      processes.die();
      const results = await setup.ask(params, { journal: processes.journal() });
      expect(results).toMatchObject({ text: 'Done.', wire: 'chat', fallbacks: [{ wire: 'responses' }] });
      expect(asksIn(setup)).toEqual(['POST /chat/completions', 'POST /chat/completions']);
    },
  ));

test.each(['responses', 'chat', 'assistants'] as const)(
  'over %s, a run that is parked in a function leaves the thread as it is, and goes on',
  (wire) =>
    withProcesses([calls, { text: 'Done.' }], async (setup, processes) => {
      const { tools, begun } = hangingOnce();
      const params: Params = { prompt: 'Hi', wire, tools, thread: { key: 'db-1' } };
      processes.begin(setup, params);
      await begun;
      expect(await processes.park()).toMatchObject([{ code: 'waiting' }]);
      const before = setup.traffic().length;
      const results = await setup.ask(params, { journal: processes.journal() });
      expect(textsOf(results)).toEqual(['Hi', 'Done.']);
      expect(JSON.stringify(setup.emulator.requests.map(({ body }) => body ?? null))).not.toContain('interrupted');
      expect(
        setup
          .traffic()
          .slice(0, before)
          .filter((line) => line.endsWith('/cancel')),
      ).toEqual([]);
    }),
);

test('what others have said in the thread meanwhile stays in it', () =>
  withProcesses([calls, { when: { prompt: 'Other' }, text: 'Yes?' }, { text: 'Done.' }], async (setup, processes) => {
    const { tools, begun } = hangingOnce();
    const params: Params = { prompt: 'Hi', wire: 'chat', tools, thread: { key: 'db-1' } };
    processes.begin(setup, params);
    await begun;
    await processes.park();
    await setup.ask({ prompt: 'Other', wire: 'chat', thread: { key: 'db-1' } });
    const results = await setup.ask(params, { journal: processes.journal() });
    expect(textsOf(results)).toEqual(['Hi', 'Done.', 'Other', 'Yes?']);
    expect(textsOf(await setup.ask({ prompt: 'Last', wire: 'chat', thread: { key: 'db-1' } }))).toHaveLength(6);
  }));

test('a step that ended, and whose end nobody kept, asks nothing', () =>
  withProcesses([calls, { text: 'Done.' }], async (setup, processes) => {
    const threads = new RunThreads({ threads: ':memory:', locks: ':memory:' });
    const params: Params = { prompt: 'Hi', tools: [{ function: 'look', provider: testStep(() => 'up') }] };
    const first = await setup.ask(params, { journal: processes.journal(), threads });
    const again = await setup.ask(params, { journal: processes.journal(), threads });
    expect(asksIn(setup)).toHaveLength(2);
    expect(again).toMatchObject({ text: 'Done.', usage: first.usage, thread_usage: first.thread_usage as JsonObject });
    expect(textsOf(again)).toEqual(textsOf(first));
    await threads.close();
  }));

test('requests that were refused, mended and repeated are replayed, not sent again', () =>
  withProcesses(
    [
      { error: { status: 400, code: 'tool_use_failed', message: 'Failed to call a function.' }, times: 1 },
      { error: { status: 400, message: '`temperature` is not supported with this model' }, times: 1 },
      calls,
      { text: 'Done.' },
    ],
    async (setup, processes) => {
      const { tools, begun } = hangingOnce();
      const params: Params = { prompt: 'Hi', tools, max_retries: 2, temperature: 0.2, on_unsupported: 'warn' };
      processes.begin(setup, params);
      await begun;
      processes.die();
      expect(await setup.ask(params, { journal: processes.journal() })).toMatchObject({ text: 'Done.' });
      expect(setup.asked().map(({ temperature }) => temperature)).toEqual([0.2, 0.2, undefined, undefined]);
    },
  ));
