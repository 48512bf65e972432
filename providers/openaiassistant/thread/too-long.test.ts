import { describe, expect, test } from '@jest/globals';
import { type JsonObject, type ProviderEvent, ThreadlineError } from 'threadline/provider';
import { testStep } from 'threadline/testing';
import type { Rule } from '../../../src/emulator/index.ts';
import { RunThreads } from '../../../src/run/run-threads.ts';
import type { Params } from '../contract/schema.ts';
import { failureOf, KEY, runAssistant, withAssistant } from '../testing/test-assistant.ts';
import { withProcesses } from '../testing/test-mortal.ts';
import { type Answer, imitate } from '../wires/test-imitation.ts';
import { isTooLong } from './shown-items.ts';

const LOG = `begin\n${'disk full at /var\n'.repeat(20_000)}end`;
const logs = (max_output = 1_000_000) => [{ function: 'logs', provider: testStep(() => LOG), max_output }];
const call: Rule = { when: { prompt: 'check' }, tool_calls: [{ name: 'logs' }], times: 1 };
const tooLong = { status: 400, code: 'context_length_exceeded', message: 'Your input exceeds the context window of this model.' };
const warningsIn = (events: ProviderEvent[]) =>
  events.flatMap((event) => (event.type === 'log' && event.level === 'warning' ? [event.message] : []));

/** A server whose model reads so many characters, and that keeps nothing. */
const shortSighted = (most: number) =>
  imitate('chat', ({ body }): Answer => {
    const messages = body.messages as JsonObject[];
    const message = `This model's maximum context length is ${most / 4} tokens.`;
    if (JSON.stringify(messages).length > most)
      return { status: 400, json: { error: { message, code: 'context_length_exceeded' } } };
    const made = [{ id: 'f1', type: 'function', function: { name: 'logs', arguments: '{}' } }];
    const hasOutput = messages.some(({ role }) => role === 'tool');
    return { json: { choices: [{ message: hasOutput ? { content: 'Fine.' } : { content: null, tool_calls: made } }] } };
  });

async function withShortSighted(
  most: number,
  work: (ask: (params: Params) => Promise<JsonObject>, requests: () => JsonObject[], warnings: string[]) => Promise<void>,
): Promise<void> {
  const server = await shortSighted(most);
  const threads = new RunThreads({ threads: ':memory:', locks: ':memory:' });
  const events: ProviderEvent[] = [];
  const host = {
    config: { base_url: server.baseUrl, api_key: KEY, server: 'compatible' as const, max_retries: 0 },
    threads,
    emit: (event: ProviderEvent) => events.push(event),
  };
  const params = { prompt: 'Why?', wire: 'chat', stream: false, thread: { key: 'db-1' } } as const;
  const warnings: string[] = [];
  const ask = async (more: Params) => {
    try {
      return await runAssistant({ ...params, ...more }, host);
    } finally {
      warnings.push(...warningsIn(events.splice(0)));
    }
  };
  await work(ask, () => server.requests.map(({ body }) => body), warnings);
  await threads.close();
}

describe('a thread that is longer than the model can read', () => {
  test('is asked again once, with outputs of functions shortened, and says so; it stays usable', () =>
    withShortSighted(200_000, async (ask, requests, warnings) => {
      expect(await ask({ tools: logs() })).toMatchObject({ response: 'Fine.' });
      expect(requests()).toHaveLength(3);
      const told = (requests()[2]?.messages as JsonObject[] | undefined)?.at(-1);
      expect(told?.content).toMatch(/^begin\n.*\n\[cut: [\d,]+ of 360,009 characters are left out .*\]\n.*end$/s);
      expect(warnings).toEqual([expect.stringMatching(/is asked again with an output of a function shortened\.$/)]);
      expect(await ask({ prompt: 'And now?', tools: logs() })).toMatchObject({ response: 'Fine.' });
      expect(requests()).toHaveLength(5);
      expect(warnings).toHaveLength(2);
    }));

  test('fails where that does not help, and says what is long', () =>
    withShortSighted(5000, async (ask, requests) => {
      const error = await failureOf(ask({ tools: logs() }));
      expect(requests()).toHaveLength(3);
      expect(error).toMatchObject({ code: 'bad_request', details: { api_code: 'context_length_exceeded' } });
      expect(error.hint).toMatch(/^The longest parts, in tokens: the output of `logs` \([\d,]+\), .*`max_output`/);
    }));

  test('whose conversation is at the server is sent from our copy, and the server gets what was said', () =>
    withAssistant(
      [
        { when: { tool_output: 'left out here' }, text: 'Fine.' },
        { when: { tool_output: 'begin' }, error: tooLong },
        call,
        { text: 'Next.' },
      ],
      async ({ ask, asked, input, events, traffic }) => {
        const first = await ask({ prompt: 'check', tools: logs() });
        expect(first).toMatchObject({ response: 'Fine.', thread_id: expect.stringMatching(/^conv_/) });
        expect(asked().map(({ conversation }) => conversation !== undefined)).toEqual([true, true, false]);
        const kinds = input(2).map(({ type, role }) => role ?? type);
        expect(kinds).toEqual(['user', 'function_call', 'function_call_output']);
        expect(warningsIn(events)).toEqual([expect.stringContaining('is asked again')]);
        expect(traffic().filter((line) => line === 'POST /conversations/ID/items')).toHaveLength(1);
        const next = await ask({ prompt: 'next', thread_id: String(first.thread_id) });
        expect(next.messages.map(({ text }) => text)).toEqual(['check', 'Fine.', 'next', 'Next.']);
        expect(asked()[3]).toHaveProperty('conversation');
      },
    ));
});

test('a response that the server took, and that failed for its length, is asked for again as well', async () => {
  const made = { type: 'function_call', id: 'fc_1', call_id: 'call_1', name: 'logs', arguments: '{}' };
  const said = { type: 'message', id: 'msg_1', role: 'assistant', content: [{ type: 'output_text', text: 'Fine.' }] };
  const answers: JsonObject[] = [
    { status: 'completed', output: [made] },
    { status: 'failed', output: [], error: { code: 'context_length_exceeded', message: 'Your input exceeds the window.' } },
    { status: 'completed', output: [said] },
  ];
  const server = await imitate(
    'responses',
    ({ path }): Answer => (path === '/responses' ? { json: { id: 'resp_1', ...answers.shift() } } : { status: 404, json: {} }),
  );
  expect(await server.ask({ tools: logs() })).toMatchObject({ response: 'Fine.' });
  expect(JSON.stringify(server.requests.at(-1)?.body)).toContain('left out here');
});

test('a step that was resumed after such a request brings the server up to date, too', () =>
  withProcesses(
    [
      { when: { tool_output: 'waited' }, text: 'Fine.' },
      { when: { tool_output: 'left out here' }, tool_calls: [{ name: 'wait' }] },
      { when: { tool_output: 'begin' }, error: tooLong },
      call,
      { text: 'Next.' },
    ],
    async (setup, processes) => {
      const { ask, asked, events } = setup;
      const waits = Promise.withResolvers<void>();
      const wait = testStep(() => {
        waits.resolve();
        return new Promise<never>(() => undefined);
      });
      const tools = (provider: typeof wait) => [...logs(), { function: 'wait', provider }];
      processes.begin(setup, { prompt: 'check', tools: tools(wait) });
      await waits.promise;
      processes.die();
      const params = { prompt: 'check', tools: tools(testStep(() => 'waited')) };
      const resumed = await ask(params, { journal: processes.journal() });
      expect(resumed).toMatchObject({ response: 'Fine.', thread_id: expect.stringMatching(/^conv_/) });
      expect(asked().map(({ conversation }) => conversation !== undefined)).toEqual([true, true, false, false]);
      expect(warningsIn(events).filter((message) => message.includes('asked again'))).toHaveLength(1);
      const next = await ask({ prompt: 'next', thread_id: String(resumed.thread_id) });
      expect(next.messages.map(({ text }) => text)).toEqual(['check', 'Fine.', 'next', 'Next.']);
    },
  ));

test.each([
  "Error code: 400: This model's maximum context length is 32768 tokens.",
  'the request exceeds the available context size',
  'prompt is too long: 210000 tokens > 200000 maximum',
  'Input is too long for requested model.',
  'The input token count (1048600) exceeds the maximum number of tokens allowed (1048576).',
  'Request body too large for gpt-4o model. Max size: 8000 tokens.',
])('a refusal for length is known by its words: %s', (message) => {
  expect(isTooLong(new ThreadlineError('bad_request', message))).toBe(true);
  expect(isTooLong(new ThreadlineError('rate_limit', message))).toBe(false);
});

describe('max_prompt_tokens', () => {
  test('does not stand against the output of a function: the model is shown a part of it', () =>
    withAssistant([{ when: { tool_output: 'left out here' }, text: 'Fine.' }, call], async ({ ask, events }) => {
      expect(await ask({ prompt: 'check', tools: logs(), max_prompt_tokens: 2000 })).toMatchObject({ response: 'Fine.' });
      expect(warningsIn(events)).toEqual([expect.stringContaining('do not fit into max_prompt_tokens (2000)')]);
    }));

  test.each<[string, Params, RegExp, RegExp]>([
    ['the message', { prompt: 'word '.repeat(500) }, /The longest: a message \(\d+\)/, /^Ask for less at once\./],
    [
      'the instructions',
      { prompt: 'Hi', instructions: 'word '.repeat(500) },
      /longest: the instructions \(\d+\), a message/,
      /^Shorten the instr/,
    ],
    [
      'the tools',
      { prompt: 'Hi', tools: [{ function: 'look', description: 'word '.repeat(500), provider: testStep(() => 'up') }] },
      /longest: the declarations of the tools \(\d+\)/,
      /^Offer fewer tools/,
    ],
  ])('blames %s where that is what is long', (_, params, message, hint) =>
    withAssistant([], async ({ failure, traffic }) => {
      const error = await failure({ ...params, max_prompt_tokens: 300 });
      expect(error).toMatchObject({ code: 'incomplete' });
      expect(error.message).toMatch(message);
      expect(error.hint).toMatch(hint);
      expect(traffic().filter((line) => line === 'POST /responses')).toEqual([]);
    }),
  );
});
