import { describe, expect, test } from '@jest/globals';
import type { JsonObject, ProviderEvent } from 'threadline/provider';
import { type TestStep, testStep } from 'threadline/testing';
import type { Rule } from '../../../src/emulator/index.ts';
import type { Params } from '../contract/schema.ts';
import { failureOf, host, KEY, runAssistant, serve, withAssistant } from '../testing/test-assistant.ts';

type FunctionEntry = Extract<NonNullable<Params['tools']>[number], { function: string }>;

const look = (run: TestStep, more: Partial<FunctionEntry> = {}): FunctionEntry => ({
  function: 'look',
  description: 'Looks a host up',
  parameters: host,
  provider: testStep(run),
  ...more,
});

const call = (given: unknown): Rule => ({
  when: { prompt: 'check' },
  tool_calls: [{ name: 'look', arguments: given }],
  times: 1,
});

test('F25: with `tool_choice: none` functions stay off, in the repairs too', () =>
  withAssistant([{ text: 'No.' }], async ({ failure, asked }) => {
    const response_format = { schema: { type: 'object' }, repair: 1 };
    await failure({ prompt: 'check', tools: [look(() => 'up')], tool_choice: 'none', response_format });
    expect(asked().map(({ tool_choice: choice }) => choice)).toEqual(['none', 'none']);
  }));

test('with `tool_choice: none` a call that comes all the same is not run, and the model is told so', () =>
  withAssistant(
    [{ when: { tool_output: '`tool_choice` is `none`' }, text: 'Nothing was done.' }, call({ host: 'a' })],
    async ({ ask, asked }) => {
      const ran: unknown[] = [];
      const results = await ask({ prompt: 'check', tools: [look((args) => ran.push(args))], tool_choice: 'none' });
      expect(results).toMatchObject({ response: 'Nothing was done.', tool_calls: [{ name: 'look', error: expect.any(String) }] });
      expect(asked().map(({ tool_choice: choice }) => choice)).toEqual(['none', 'none']);
      expect(ran).toEqual([]);
    },
  ));

const warningsOf = (events: ProviderEvent[]) =>
  events.flatMap((event) => (event.type === 'log' && event.level === 'warning' ? [event.message] : []));

test.each<[string, Params['tool_choice'], unknown[], Rule[]]>([
  ['a forced function that never came', { function: 'look' }, [expect.stringMatching(/forces `look`.*without a call of it/)], []],
  [
    'a forced function in whose place another came',
    { function: 'look' },
    [expect.stringContaining('forces `look`')],
    [{ tool_calls: [{ name: 'other', arguments: { host: 'a' } }], times: 1 }],
  ],
  ['a forced call that never came', 'required', [expect.stringContaining('forces a call')], []],
  ['no forced call that came', 'required', [], [call({ host: 'a' })]],
  ['no choice of the model', 'auto', [], []],
])('is said: %s', (_, choice, warnings, rules) =>
  withAssistant([...rules, { text: 'I paged Ada.' }], async ({ ask, events }) => {
    const tools = [look(() => 'up'), { ...look(() => 'up'), function: 'other' }];
    expect(await ask({ prompt: 'check', tools, ...(choice ? { tool_choice: choice } : {}) })).toMatchObject({
      response: 'I paged Ada.',
    });
    expect(warningsOf(events)).toEqual(warnings);
  }),
);

test.each([
  ['required', 'required' as const, 'required'],
  ['a function', { function: 'look' }, { type: 'function', name: 'look' }],
])('a forced choice (%s) holds for the first round only', (_, choice, sent) =>
  // Without a rule the emulator calls what it must; the second round is free.
  withAssistant([], async ({ ask, asked }) => {
    await ask({ prompt: 'check', tools: [look(() => 'up')], tool_choice: choice });
    expect(asked().map(({ tool_choice: one }) => one)).toEqual([sent, 'auto']);
  }),
);

test('a choice without tools is not sent', () =>
  withAssistant([], async ({ ask, asked }) => {
    await ask({ prompt: 'Hi', tool_choice: 'auto', parallel_tool_calls: true });
    expect(Object.keys(asked()[0] ?? {})).not.toEqual(expect.arrayContaining(['tool_choice']));
  }));

test('max_completion_tokens is what all rounds have together', () =>
  withAssistant([{ when: { tool_output: 'up' }, text: 'Fine.' }, call({ host: 'a' })], async ({ ask, asked, events }) => {
    await ask({ prompt: 'check', tools: [look(() => 'up')], max_completion_tokens: 100 });
    const [first] = events.flatMap((event) => (event.type === 'usage' ? [event.usage.completion_tokens] : []));
    expect(asked().map(({ max_output_tokens: most }) => most)).toEqual([100, 100 - (first ?? 0)]);
  }));

describe('the thread stays usable', () => {
  const next = { when: { prompt: 'next' }, text: 'Next.' };
  /** Says how the thread goes on after a turn that failed. */
  const goesOn = async (ask: (params: Params) => Promise<JsonObject>, error: { details: JsonObject | undefined }) => {
    const threadId = String(error.details?.thread_id);
    expect(await ask({ prompt: 'next', thread_id: threadId })).toMatchObject({ response: 'Next.', thread_id: threadId });
  };

  test('after too many rounds of calls', () =>
    withAssistant(
      [
        next,
        {
          tool_calls: [
            { name: 'look', arguments: { host: 'a' } },
            { name: 'look', arguments: { host: 'b' } },
          ],
        },
      ],
      async ({ ask, failure, asked }) => {
        const error = await failure({ prompt: 'check', tools: [look(() => 'up')], max_tool_rounds: 2 });
        expect(error).toMatchObject({
          code: 'too_many_tool_rounds',
          message: 'The model still calls functions after 2 rounds: look, look.',
        });
        expect(asked()).toHaveLength(3);
        await goesOn(ask, error);
      },
    ));

  test('after more calls than can be answered at once', () =>
    withAssistant(
      [next, { tool_calls: Array.from({ length: 45 }, () => ({ name: 'look', arguments: { host: 'a' } })) }],
      async ({ ask, failure }) => {
        const error = await failure({ prompt: 'check', tools: [look(() => 'up')], max_tool_rounds: 1 });
        await goesOn(ask, error);
      },
    ));

  test('after an interruption while a function runs', () =>
    withAssistant([next, call({ host: 'a' })], async ({ ask, failure }) => {
      const never = new Promise<never>(() => {});
      const error = await failure({ prompt: 'check', tools: [look(() => never)], timeout: '50ms' });
      expect(error).toMatchObject({ code: 'timeout', details: { run_id: expect.stringMatching(/^resp_/) } });
      await goesOn(ask, error);
    }));

  test.each<[string, Rule]>([
    ['the output is not taken', { when: { tool_output: 'up' }, error: { status: 503 }, times: 1 }],
    ['the run fails on the output', { when: { tool_output: 'up' }, failed: { code: 'server_error', message: 'No.' }, times: 1 }],
    ['the stream breaks after the output', { when: { tool_output: 'up' }, text: 'one two', cut_after: 4, times: 1 }],
    [
      'the answer to the output is cut off',
      { when: { tool_output: 'up' }, text: 'one', incomplete: 'max_output_tokens', times: 1 },
    ],
  ])('when %s', (_, rule) =>
    withAssistant([rule, next, call({ host: 'a' })], async ({ ask, failure, emulator }) => {
      const error = await failure({ prompt: 'check', tools: [look(() => 'up')] });
      await goesOn(ask, error);
      const { messages } = await ask({ prompt: 'next', thread_id: String(error.details?.thread_id) });
      expect(messages.at(-1)).toMatchObject({ text: 'Next.' });
      const left = emulator.requests.filter(({ method, path }) => method === 'POST' && path.endsWith('/items'));
      expect(left.flatMap(({ body }) => (body as { items: unknown[] }).items)).toHaveLength(rule.incomplete ? 0 : 1);
    }),
  );

  test('when no tokens are left for the output', () =>
    withAssistant([next, call({ host: 'a'.repeat(100) })], async ({ ask, failure, asked }) => {
      const error = await failure({ prompt: 'check', tools: [look(() => 'up')], max_completion_tokens: 20 });
      expect(error).toMatchObject({
        code: 'incomplete',
        message: 'The answer was cut off: max_completion_tokens (20) is used up.',
      });
      expect(asked()).toHaveLength(1);
      await goesOn(ask, error);
    }));

  test('and where that cannot be had, a warning says so', () =>
    withAssistant(
      [
        { when: { path: '/conversations/*/items' }, error: { status: 500 } },
        { tool_calls: [{ name: 'look', arguments: { host: 'a' } }] },
      ],
      async ({ failure, events }) => {
        expect(await failure({ prompt: 'check', tools: [look(() => 'up')], max_tool_rounds: 1 })).toMatchObject({
          code: 'too_many_tool_rounds',
        });
        expect(events).toContainEqual({
          type: 'log',
          level: 'warning',
          message: expect.stringMatching(/^The thread keeps an unanswered function call: /),
        });
      },
    ));
});

test('a call inside an answer that was cut off is not run', async () => {
  const output = [
    { type: 'function_call', id: 'fc_1', call_id: 'call_1', name: 'look', arguments: '{"host":"', status: 'incomplete' },
  ];
  const body = { id: 'resp_1', status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' }, output };
  const base_url = await serve((_, response) => response.setHeader('content-type', 'application/json').end(JSON.stringify(body)));
  let runs = 0;
  const tools = [look(() => ++runs)];
  const running = runAssistant({ prompt: 'check', tools, stream: false, store: false }, { config: { api_key: KEY, base_url } });
  expect(await failureOf(running)).toMatchObject({ code: 'incomplete' });
  expect(runs).toBe(0);
});

test('an output that reached the thread, though nobody heard of it, is not put there again', async () => {
  const made = {
    type: 'function_call',
    id: 'fc_1',
    call_id: 'call_1',
    name: 'look',
    arguments: '{"host":"a"}',
    status: 'completed',
  };
  const known = { type: 'function_call_output', id: 'fco_1', call_id: 'call_1', output: 'up', status: 'completed' };
  const traffic: string[] = [];
  const base_url = await serve((request, response) => {
    traffic.push(`${request.method} ${request.url?.split('?')[0]}`);
    const sent = traffic.filter((line) => line.startsWith('POST'));
    if (request.method === 'POST' && sent.length === 2) return void response.destroy();
    const list = { object: 'list', data: [known, made], has_more: false };
    const body = request.method === 'GET' ? list : { id: 'resp_1', status: 'completed', output: [made] };
    response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
  });
  const params = { prompt: 'check', tools: [look(() => 'up')], stream: false, thread_id: 'conv_1' };
  expect(await failureOf(runAssistant(params, { config: { base_url } }))).toMatchObject({
    code: 'connection_failed',
    retryable: false,
  });
  expect(traffic.filter((line) => line.startsWith('POST'))).toEqual(['POST /v1/responses', 'POST /v1/responses']);
});
