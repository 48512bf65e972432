import { expect, test } from '@jest/globals';
import type { ResponseFunctionToolCall } from 'openai/resources/responses/responses';
import { collect, lookup, withEmulator } from './with-emulator.ts';

const MODEL = 'gpt-6-luna';
const twoCalls = [
  { name: 'lookup', arguments: { host: 'a' } },
  { name: 'lookup', arguments: { host: 'b' } },
];

const callsOf = (output: { type: string }[]) =>
  output.filter(({ type }) => type === 'function_call') as ResponseFunctionToolCall[];

test('two parallel function calls go out, their outputs come in, and the answer follows', () =>
  withEmulator(
    [
      { when: { tool_output: 'b is down' }, text: 'Host b is down.' },
      { when: { prompt: 'check' }, tool_calls: twoCalls },
    ],
    async ({ client }) => {
      const { id: conversation } = await client.conversations.create();
      const first = await client.responses.create({ model: MODEL, input: 'check both', tools: [lookup], conversation });
      const calls = callsOf(first.output);
      expect(calls.map((call) => JSON.parse(call.arguments))).toEqual([{ host: 'a' }, { host: 'b' }]);
      const input = calls.map(({ call_id, arguments: text }) => {
        const output = `${JSON.parse(text).host} is ${text.includes('b') ? 'down' : 'up'}`;
        return { type: 'function_call_output' as const, call_id, output };
      });
      const second = await client.responses.create({ model: MODEL, input, tools: [lookup], conversation });
      expect(second.output_text).toBe('Host b is down.');
      const items = await collect(client.conversations.items.list(conversation, { order: 'asc' }));
      expect(items.map(({ type }) => type)).toEqual([
        'message',
        'function_call',
        'function_call',
        'function_call_output',
        'function_call_output',
        'message',
      ]);
    },
  ));

test('streams the arguments of a function call', () =>
  withEmulator([{ tool_calls: [{ name: 'lookup', arguments: { host: 'a' } }] }], async ({ client }) => {
    const events = await collect(await client.responses.create({ model: MODEL, input: 'check', tools: [lookup], stream: true }));
    const types = [...new Set(events.map(({ type }) => type))];
    expect(types).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.function_call_arguments.delta',
      'response.function_call_arguments.done',
      'response.output_item.done',
      'response.completed',
    ]);
    const deltas = events.flatMap((event) => (event.type === 'response.function_call_arguments.delta' ? [event.delta] : []));
    expect(JSON.parse(deltas.join(''))).toEqual({ host: 'a' });
  }));

test('a rule can answer with arguments that are not JSON', () =>
  withEmulator([{ tool_calls: [{ name: 'lookup', arguments: '{"host": ' }] }], async ({ client }) => {
    const response = await client.responses.create({ model: MODEL, input: 'check', tools: [lookup] });
    expect(callsOf(response.output)[0]?.arguments).toBe('{"host": ');
  }));

test('without a rule, a required tool choice is met with minimal arguments', () =>
  withEmulator([], async ({ client }) => {
    const other = { ...lookup, name: 'other' };
    const request = { model: MODEL, input: 'check', tools: [lookup, other] };
    const any = await client.responses.create({ ...request, tool_choice: 'required' });
    expect(callsOf(any.output)).toMatchObject([{ name: 'lookup', arguments: '{"host":"offline"}' }]);
    const specific = await client.responses.create({ ...request, tool_choice: { type: 'function', name: 'other' } });
    expect(callsOf(specific.output)).toMatchObject([{ name: 'other' }]);
  }));

test('a conversation with an unanswered function call takes no further response', () =>
  withEmulator([{ when: { prompt: 'check' }, tool_calls: twoCalls }], async ({ client }) => {
    const { id: conversation } = await client.conversations.create();
    const { output } = await client.responses.create({ model: MODEL, input: 'check', tools: [lookup], conversation });
    const next = client.responses.create({ model: MODEL, input: 'Well?', conversation });
    const [call] = callsOf(output);
    await expect(next).rejects.toMatchObject({
      status: 400,
      error: { message: `No tool output found for function call ${call?.call_id}.` },
    });
  }));

test('an output for a call that was never made is refused', () =>
  withEmulator([], async ({ client }) => {
    const input = [{ type: 'function_call_output' as const, call_id: 'call_none', output: 'x' }];
    await expect(client.responses.create({ model: MODEL, input })).rejects.toMatchObject({
      status: 400,
      error: { message: 'No tool call found for function call output with call_id call_none.' },
    });
  }));

test('tool_output matches only outputs that the model has not seen yet', () =>
  withEmulator(
    [
      { when: { tool_output: 'up' }, text: 'Seen.' },
      { when: { prompt: 'check' }, tool_calls: twoCalls.slice(0, 1) },
      { text: 'Later.' },
    ],
    async ({ client }) => {
      const first = await client.responses.create({ model: MODEL, input: 'check', tools: [lookup] });
      const input = callsOf(first.output).map(({ call_id }) => ({
        type: 'function_call_output' as const,
        call_id,
        output: 'up',
      }));
      const second = await client.responses.create({ model: MODEL, input, previous_response_id: first.id });
      const third = await client.responses.create({ model: MODEL, input: 'Thanks', previous_response_id: second.id });
      expect([second.output_text, third.output_text]).toEqual(['Seen.', 'Later.']);
    },
  ));
