import { describe, expect, test } from '@jest/globals';
import { type Json, type JsonObject, ThreadlineError } from 'threadline/provider';
import { type TestStep, testStep } from 'threadline/testing';
import type { Rule } from '../../../src/emulator/index.ts';
import type { Params } from '../contract/schema.ts';
import { host, withAssistant } from '../testing/test-assistant.ts';
import { tokenCounter } from '../thread/tokens.ts';

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

/** The outputs that the model was told. */
const outputsOf = (items: JsonObject[]) =>
  items.filter(({ type }) => type === 'function_call_output').map(({ output }) => output);

describe.each([true, false])('with stream: %s', (stream) => {
  test('F1 F2 F3 F4 F5 F17 F20: a function is run during the run, and its output answers the call', () =>
    withAssistant(
      [{ when: { tool_output: 'a is down' }, text: 'Host a is down.' }, call({ host: 'a' })],
      async ({ ask, asked, input, events }) => {
        const results = await ask({ prompt: 'check', tools: [look(({ host: name }) => `${name} is down`)], stream });
        expect(results).toMatchObject({
          response: 'Host a is down.',
          tool_calls: [
            { name: 'look', arguments: { host: 'a' }, output: 'a is down', error: null, duration_ms: expect.any(Number) },
          ],
        });
        const { conversation, tools, model } = asked()[0] ?? {};
        expect(asked()[1]).toMatchObject({ conversation, tools, model });
        const id = input(1)[0]?.call_id;
        expect(input(1)).toEqual([
          { type: 'function_call_output', call_id: expect.stringMatching(/^call_/), output: 'a is down' },
        ]);
        expect(events.filter(({ type }) => type.startsWith('tool-'))).toEqual([
          { type: 'tool-started', call_id: id, tool: 'look', arguments: { host: 'a' } },
          { type: 'tool-ended', call_id: id, tool: 'look', output: 'a is down', error: null, duration_ms: expect.any(Number) },
        ]);
      },
    ));

  test('F12: two calls run at the same time, and each gets its own output', () =>
    withAssistant(
      [
        { when: { tool_output: 'b is up' }, text: 'Both seen.' },
        {
          tool_calls: [
            { name: 'look', arguments: { host: 'a' } },
            { name: 'look', arguments: { host: 'b' } },
          ],
        },
      ],
      async ({ ask, input }) => {
        const both = Promise.withResolvers<void>();
        const started: string[] = [];
        const step: TestStep = async ({ host: name }) => {
          started.push(String(name));
          if (started.length === 2) both.resolve();
          await both.promise;
          // The first call ends last: the order of the outputs is that of the calls all the same.
          if (name === 'a') await new Promise((resolve) => setTimeout(resolve, 20));
          return `${name} is up`;
        };
        const { tool_calls: calls } = await ask({ prompt: 'check', tools: [look(step)], stream });
        expect(started).toEqual(['a', 'b']);
        expect(calls.map(({ output }) => output)).toEqual(['a is up', 'b is up']);
        expect(outputsOf(input(1))).toEqual(['a is up', 'b is up']);
      },
    ));
});

describe('F6 F7 F14: the model is told', () => {
  const failing = () => {
    throw new Error('the database is locked');
  };
  test.each<[string, unknown, TestStep, RegExp]>([
    ['F19: that a function failed, and why', { host: 'a' }, failing, /^the database is locked$/],
    ['F3: that its arguments are no JSON', '{"host": ', () => 'up', /^The arguments are not a JSON object: /],
    ['F3: that its arguments are no object', '[1]', () => 'up', /^The arguments are not a JSON object: it is something else/],
    [
      'F14: that its arguments do not fit',
      { host: 7 },
      () => 'up',
      /^The arguments do not fit the parameters: \/host must be string/,
    ],
    ['F14: that an argument is missing', {}, () => 'up', /must have required property 'host'/],
    ['F14: that there is an argument too many', { host: 'a', x: 1 }, () => 'up', /additional properties: x/],
  ])('%s', (_, given, step, message) =>
    withAssistant([{ when: { tool_output: '"error"' }, text: 'I see.' }, call(given)], async ({ ask, input, events }) => {
      const { response, tool_calls: calls } = await ask({ prompt: 'check', tools: [look(step)] });
      expect(response).toBe('I see.');
      const { error } = JSON.parse(String(outputsOf(input(1))[0]));
      expect(error).toMatch(message);
      expect(calls).toMatchObject([{ error, output: { error } }]);
      expect(events).toContainEqual(expect.objectContaining({ type: 'tool-ended', error }));
    }),
  );

  test('F7: that there is no such function, and which there are', () =>
    withAssistant(
      [
        { when: { tool_output: 'There is no function `reboot`. There are: look.' }, text: 'Sorry.' },
        { tool_calls: [{ name: 'reboot' }] },
      ],
      async ({ ask }) => {
        const { response, tool_calls: calls } = await ask({ prompt: 'check', tools: [look(() => 'up')] });
        expect({ response, error: calls[0]?.error }).toEqual({
          response: 'Sorry.',
          error: 'There is no function `reboot`. There are: look.',
        });
      },
    ));

  test('that a function took too long, even one that does not listen', () =>
    withAssistant(
      [{ when: { tool_output: 'longer than 0.02 seconds' }, text: 'Slow.' }, call({ host: 'a' })],
      async ({ ask }) => {
        const never = new Promise<never>(() => {});
        expect(await ask({ prompt: 'check', tools: [look(() => never, { timeout: '20ms' })] })).toMatchObject({
          response: 'Slow.',
        });
      },
    ));
});

describe('a function that its author has broken fails the step, and the model is not told', () => {
  const broken = (code: string) => () => {
    throw new ThreadlineError(code, '`alert.hots` is not there.', { hint: 'Did you mean `alert.host`?' });
  };

  test.each([
    'missing_value',
    'missing_credentials',
    'invalid_config',
    'provider_not_found',
    'file_not_found',
    'blocked_target',
    'recursion_limit',
    'internal',
  ])('%s', (code) =>
    withAssistant([call({ host: 'a' }), { text: 'I restarted a.' }], async ({ failure, ask, asked }) => {
      expect(await failure({ prompt: 'check', thread: { key: 'a' }, tools: [look(broken(code))] })).toMatchObject({
        code,
        message: 'Function `look` cannot be run: `alert.hots` is not there.',
        hint: 'Did you mean `alert.host`?',
        details: { function: 'look' },
      });
      expect(asked()).toHaveLength(1);
      // The thread has no call without an output.
      expect(await ask({ prompt: 'go on', thread: { key: 'a' } })).toMatchObject({ response: 'I restarted a.' });
    }),
  );

  test('a call beside it ends before the step does', () =>
    withAssistant(
      [
        {
          tool_calls: [
            { name: 'look', arguments: { host: 'a' } },
            { name: 'slow', arguments: { host: 'b' } },
          ],
        },
      ],
      async ({ failure }) => {
        const begun = Promise.withResolvers<void>();
        let hasEnded = false;
        const slow: TestStep = async () => {
          begun.resolve();
          await new Promise((resolve) => setImmediate(resolve));
          hasEnded = true;
          return 'up';
        };
        const look1 = look(async () => {
          await begun.promise;
          return broken('missing_value')();
        });
        const tools = [look1, { ...look(slow), function: 'slow' }];
        expect(await failure({ prompt: 'check', tools })).toMatchObject({ code: 'missing_value' });
        expect(hasEnded).toBe(true);
      },
    ));

  test.each<[string, string, object]>([
    [
      'an argument that the model may have had to give',
      'missing_value',
      { ...host, properties: { ...host.properties, why: {} } },
    ],
    ['arguments that a provider does not take', 'invalid_params', host],
    ['a server that does not know what was asked for', 'not_found', host],
  ])('but it is told of %s', (_, code, parameters) =>
    withAssistant([{ when: { tool_output: 'is not there' }, text: 'I see.' }, call({ host: 'a' })], async ({ ask }) => {
      const tools = [look(broken(code), { parameters: parameters as JsonObject })];
      expect(await ask({ prompt: 'check', tools })).toMatchObject({ response: 'I see.' });
    }),
  );
});

test('a timeout beyond what a timer counts to is none', () =>
  withAssistant([{ when: { tool_output: 'up' }, text: 'Fine.' }, call({ host: 'a' })], async ({ ask }) => {
    const step: TestStep = () => new Promise((resolve) => setTimeout(() => resolve('up'), 20));
    expect(await ask({ prompt: 'check', tools: [look(step, { timeout: '60d' })], timeout: '60d' })).toMatchObject({
      response: 'Fine.',
    });
  }));

test('a function without parameters may be called with no arguments at all', () =>
  withAssistant(
    [{ when: { tool_output: 'pong' }, text: 'Fine.' }, { tool_calls: [{ name: 'ping', arguments: '' }] }],
    async ({ ask, asked }) => {
      const { tool_calls: calls } = await ask({
        prompt: 'check',
        tools: [{ function: 'ping', provider: testStep(() => 'pong') }],
      });
      expect(calls).toMatchObject([{ arguments: {}, output: 'pong', error: null }]);
      expect(asked()[0]?.tools).toEqual([
        { type: 'function', name: 'ping', parameters: { type: 'object', properties: {} }, strict: false },
      ]);
    },
  ));

test.each([
  ['data', { up: true }, '{"up":true}'],
  ['nothing', null, 'null'],
  ['an empty text', '', ''],
])('the output may be %s', (_, output, sent) =>
  withAssistant([call({ host: 'a' }), { text: 'Fine.' }], async ({ ask, input }) => {
    const { tool_calls: calls } = await ask({ prompt: 'check', tools: [look(() => output)] });
    expect(calls[0]?.output).toEqual(output);
    expect(outputsOf(input(1))).toEqual([sent]);
  }),
);

describe('max_output', () => {
  const log = `begin\n${'disk full at /var\n'.repeat(20_000)}end`;

  test.each([
    ['10,000 tokens, if nothing is said', {}, 10_000],
    ['as many tokens as the function says', { max_output: 200 }, 200],
  ])('the model is told %s, the beginning and the end, and that the middle is cut', (_, more, tokens) =>
    withAssistant([call({ host: 'a' }), { text: 'Long.' }], async ({ ask, input, events }) => {
      const { tool_calls: calls } = await ask({ prompt: 'check', tools: [look(() => log, more)] });
      const [told] = outputsOf(input(1)) as [string];
      expect(told).toMatch(
        /^begin\n.*\n\[cut: [\d,]+ of 360,009 characters are left out here, because this is longer than [\d,]+ tokens\]\n.*end$/s,
      );
      const count = await tokenCounter();
      expect(Math.abs(count(told) - tokens)).toBeLessThan(tokens / 10 + 30);
      // What the function returned stays whole for the steps that read it.
      expect(calls[0]?.output).toBe(log);
      expect(events).toContainEqual({
        type: 'log',
        level: 'warning',
        message: expect.stringMatching(/^The output of `look` has 360,009 characters: .*`max_output`/),
      });
    }),
  );

  test('an output of the greatest size costs no more than the model is told', () =>
    withAssistant([call({ host: 'a' }), { text: 'Long.' }], async ({ ask, input }) => {
      await ask({ prompt: 'check', tools: [look(() => 'x'.repeat(11_000_000))] });
      const [told] = outputsOf(input(1)) as [string];
      expect(told.length).toBeLessThan(100_000);
    }));
});

test('`result` is what the model is told of what the step returned', () =>
  withAssistant([{ when: { tool_output: 'v241' }, text: 'Fine.' }, call({ host: 'a' })], async ({ ask, input }) => {
    const result = { render: (item: Json) => (item as { result: { version: string } }).result.version };
    const tools = [look(() => ({ version: 'v241', headers: { 'set-cookie': 'secret' } }), { result })];
    const { tool_calls: calls } = await ask({ prompt: 'check', tools });
    expect(outputsOf(input(1))).toEqual(['v241']);
    expect(calls[0]?.output).toBe('v241');
  }));

test('`result` belongs into the workflow, as the step does', () =>
  withAssistant([], async ({ failure }) => {
    const files = { 'sre.yml': { tools: [{ function: 'look', result: '{{ result }}' }] } };
    const error = await failure({ prompt: 'check', assistant: 'sre.yml', tools: [look(() => 'up')] }, { files });
    expect(error).toMatchObject({ code: 'invalid_config', hint: expect.stringContaining('`result:`') });
  }));

test('F8: a function declared in the assistant file is bound to its step by name', () =>
  withAssistant([{ when: { tool_output: 'up' }, text: 'Fine.' }, call({ host: 'a' })], async ({ ask, asked }) => {
    const declared = { type: 'function', function: { name: 'look', description: 'Declared', parameters: host, strict: true } };
    const tools = [{ function: 'look', provider: testStep(() => 'up') }];
    expect(
      await ask({ prompt: 'check', assistant: 'sre.yml', tools }, { files: { 'sre.yml': { tools: [declared] } } }),
    ).toMatchObject({
      response: 'Fine.',
    });
    expect(asked()[0]?.tools).toEqual([
      { type: 'function', name: 'look', description: 'Declared', parameters: host, strict: true },
    ]);
  }));

test('F11: a function without a step fails before anything is sent', () =>
  withAssistant([], async ({ failure, traffic }) => {
    const error = await failure({ prompt: 'check', tools: [{ function: 'look' }] });
    expect(error).toMatchObject({ code: 'invalid_params', message: 'Function `look` has no step.' });
    expect(traffic()).toEqual([]);
  }));

test('F13: parameters that are no schema fail before anything is sent', () =>
  withAssistant([], async ({ failure, traffic }) => {
    const parameters = { type: 'object', properties: { host: { pattern: '(' } } };
    expect(await failure({ prompt: 'check', tools: [look(() => 'up', { parameters })] })).toMatchObject({
      code: 'invalid_params',
    });
    expect(traffic()).toEqual([]);
  }));

test('R15: steps at the same time do not get into each other', () =>
  withAssistant(
    [
      { when: { tool_output: 'a is up' }, text: 'a!' },
      { when: { tool_output: 'b is up' }, text: 'b!' },
      { when: { prompt: 'ask a' }, tool_calls: [{ name: 'look', arguments: { host: 'a' } }] },
      { when: { prompt: 'ask b' }, tool_calls: [{ name: 'look', arguments: { host: 'b' } }] },
    ],
    async ({ ask }) => {
      const tools = [look(({ host: name }) => `${name} is up`)];
      const all = await Promise.all(['a', 'b', 'a', 'b'].map((name) => ask({ prompt: `ask ${name}`, tools })));
      expect(all.map(({ response }) => response)).toEqual(['a!', 'b!', 'a!', 'b!']);
      expect(new Set(all.map(({ thread_id: id }) => id)).size).toBe(4);
    },
  ));
