import { describe, expect, test } from '@jest/globals';
import type { Json, JsonObject } from 'threadline/provider';
import { testStep } from 'threadline/testing';
import { MortalProcesses } from '../testing/test-mortal.ts';
import type { WireName } from './index.ts';
import { type Answer, events, imitate, lookup, type Request } from './test-imitation.ts';

const DONE = 'data: [DONE]\n\n';
const SIGNATURE = { google: { thought_signature: 'SIG==' } };
const call = { id: 'x', type: 'function', function: { name: 'lookup', arguments: '{"host":"a"}' } };
const whole = (message: JsonObject): Answer => ({ json: { choices: [{ message, finish_reason: 'stop' }] } });
const pieces = (...deltas: JsonObject[]): Answer => ({
  stream:
    events(...deltas.map((delta) => ({ choices: [{ delta }] })), { choices: [{ delta: {}, finish_reason: 'stop' }] }) + DONE,
});
const inTurn = (wire: WireName, ...answers: Answer[]) =>
  imitate(wire, (_, count) => answers[Math.min(count, answers.length) - 1] as Answer);
const messagesOf = (request: Request | undefined) => request?.body.messages as JsonObject[];
const assistants = (request: Request | undefined) => messagesOf(request).filter(({ role }) => role === 'assistant');

/** Answers with a call that carries everything, whole and in pieces. */
const signed: [string, Answer][] = [
  [
    'whole',
    whole({
      role: 'assistant',
      content: null,
      refusal: null,
      audio: null,
      reasoning_content: 'I need the lookup.',
      reasoning_details: [{ type: 'reasoning.encrypted', index: 0, data: 'xyz' }],
      tool_calls: [{ ...call, extra_content: SIGNATURE, function: { ...call.function, sealed: 's' } }],
    }),
  ],
  [
    'in pieces',
    pieces(
      { role: 'assistant', content: null, reasoning_content: 'I need ' },
      { reasoning_content: 'the lookup.', reasoning_details: [{ type: 'reasoning.encrypted', index: 0, data: 'xyz' }] },
      {
        tool_calls: [
          { index: 0, id: 'x', type: 'function', function: { name: 'lookup', arguments: '' }, extra_content: SIGNATURE },
        ],
      },
      { tool_calls: [{ index: 0, function: { arguments: '{"host":"a"}', sealed: 's' } }] },
    ),
  ],
];
const givenBack = {
  role: 'assistant',
  content: null,
  reasoning_content: 'I need the lookup.',
  reasoning_details: [{ type: 'reasoning.encrypted', index: 0, data: 'xyz' }],
  tool_calls: [{ ...call, extra_content: SIGNATURE, function: { ...call.function, sealed: 's' } }],
};

describe('what a message and its calls carry besides', () => {
  test.each(signed)('goes back in the next round, and in later steps: %s', async (_, answer) => {
    const done = 'stream' in answer ? pieces({ content: 'Up.' }) : whole({ content: 'Up.' });
    const { ask, requests } = await inTurn('chat', answer, done);
    const params = { stream: 'stream' in answer, thread: { key: 'db-1' } };
    await ask({ ...params, tools: [lookup()] });
    expect(assistants(requests[1])).toEqual([givenBack]);
    await ask(params);
    expect(assistants(requests[2])).toEqual([givenBack, { role: 'assistant', content: 'Up.' }]);
  });

  test('goes back with a text before the calls', async () => {
    const message = {
      content: 'Let me see.',
      thinking_blocks: [{ type: 'thinking', thinking: 'Hm.', signature: 'S' }],
      tool_calls: [call],
    };
    const { ask, requests } = await inTurn('chat', whole(message), whole({ content: 'Up.' }));
    await ask({ tools: [lookup()] });
    expect(assistants(requests[1])).toEqual([{ role: 'assistant', ...message }]);
  });

  const thought = { type: 'reasoning', summary: [{ type: 'summary_text', text: 'I need it.', signature: 'S' }] };
  const inParts = [thought, { type: 'text', text: 'Let me see.' }];
  test.each<[string, Answer]>([
    ['whole', whole({ content: inParts, tool_calls: [call] })],
    [
      'in pieces',
      pieces(
        { content: [{ type: 'reasoning', summary: [{ type: 'summary_text', text: 'I need ' }] }] },
        { content: [{ type: 'reasoning', summary: [{ type: 'summary_text', text: 'it.', signature: 'S' }] }] },
        { content: [{ type: 'text', text: 'Let me ' }] },
        { content: 'see.' },
        { tool_calls: [{ index: 0, ...call }] },
      ),
    ],
  ])('goes back as parts of the content, where a server has thoughts there: %s', async (_, answer) => {
    const done = 'stream' in answer ? pieces({ content: 'Up.' }) : whole({ content: 'Up.' });
    const { ask, requests } = await inTurn('chat', answer, done);
    const { messages } = await ask({ tools: [lookup()], stream: 'stream' in answer });
    expect(assistants(requests[1])).toEqual([{ role: 'assistant', content: inParts, tool_calls: [call] }]);
    expect(messages.map(({ text }) => text)).toEqual(['Why?', 'Let me see.', 'Up.']);
  });

  test('does not go back as thoughts in the content of an answer without calls', async () => {
    const { ask, requests } = await inTurn('chat', whole({ content: inParts }));
    await ask({ thread: { key: 'db-1' } });
    await ask({ thread: { key: 'db-1' } });
    expect(assistants(requests[1])).toEqual([{ role: 'assistant', content: 'Let me see.' }]);
  });

  test('goes back when a process died between the call and its output', async () => {
    const processes = new MortalProcesses();
    const { promise: begun, resolve } = Promise.withResolvers<void>();
    let runs = 0;
    const provider = testStep(() => {
      resolve();
      return ++runs === 1 ? new Promise<never>(() => undefined) : 'up';
    });
    const { ask, requests } = await inTurn('chat', signed[0]?.[1] as Answer, whole({ content: 'Up.' }));
    const params = { prompt: 'Why?', tools: [{ ...lookup(), provider }] };
    processes.begin({ ask }, params);
    await begun;
    await processes.park();
    expect(await ask(params, { journal: processes.journal() })).toMatchObject({ text: 'Up.' });
    expect(requests).toHaveLength(2);
    expect(assistants(requests[1])).toEqual([givenBack]);
  });

  test('goes to no other server', async () => {
    const fails: Answer = { json: { error: { message: 'Gone.' } }, status: 500 };
    const first = await inTurn('chat', signed[0]?.[1] as Answer, fails);
    const other = await inTurn('chat', whole({ content: 'Up.' }));
    const fallback = [{ base_url: other.baseUrl, wire: 'chat' as const, api_key: 'x', model: 'm' }];
    expect(await first.ask({ tools: [lookup()], fallback })).toMatchObject({ text: 'Up.' });
    expect(assistants(other.requests[0])).toEqual([{ role: 'assistant', content: null, tool_calls: [call] }]);
  });

  test('goes back with answers too, without the thoughts in plain text where no function was called', async () => {
    const message = { content: 'Up.', reasoning_content: 'A secret plan.', reasoning: 'A plan.', extra_content: SIGNATURE };
    const { ask, requests } = await inTurn('chat', whole(message));
    await ask({ thread: { key: 'db-1' } });
    await ask({ thread: { key: 'db-1' } });
    expect(assistants(requests[1])).toEqual([{ role: 'assistant', content: 'Up.', extra_content: SIGNATURE }]);
  });

  test('keeps the thoughts of an answer behind calls: a server wants those of the whole turn', async () => {
    const answer = { content: 'Up.', reasoning_content: 'It is up.' };
    const { ask, requests } = await inTurn(
      'chat',
      whole({ content: null, reasoning_content: '', tool_calls: [call] }),
      whole(answer),
    );
    await ask({ tools: [lookup()], thread: { key: 'db-1' } });
    await ask({ thread: { key: 'db-1' } });
    expect(assistants(requests[2])).toEqual([
      { role: 'assistant', content: null, reasoning_content: '', tool_calls: [call] },
      { role: 'assistant', ...answer },
    ]);
  });

  test('goes back over Responses, where the thread is sent along', async () => {
    const item = {
      type: 'function_call',
      id: 'fc_1',
      call_id: 'x',
      name: 'lookup',
      arguments: '{"host":"a"}',
      status: 'completed',
    };
    const response = (...output: Json[]): Answer => ({ json: { id: 'resp_1', status: 'completed', output } });
    const said = response({ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Up.' }] });
    const { ask, requests } = await inTurn('responses', response({ ...item, extra_content: SIGNATURE }), said);
    await ask({ tools: [lookup()], store: false });
    const { id: _, status: __, ...sent } = item;
    expect(requests[1]?.body.input).toContainEqual({ ...sent, extra_content: SIGNATURE });
  });
});

describe('a call in the field of old servers', () => {
  test.each<[string, Answer]>([
    ['whole', whole({ content: null, function_call: { name: 'lookup', arguments: '{"host":"a"}' } })],
    ['in pieces', pieces({ function_call: { name: 'lookup', arguments: '' } }, { function_call: { arguments: '{"host":"a"}' } })],
  ])('is run, and its output goes back: %s', async (_, answer) => {
    const seen: JsonObject[] = [];
    const done = 'stream' in answer ? pieces({ content: 'Up.' }) : whole({ content: 'Up.' });
    const { ask, requests } = await inTurn('chat', answer, done);
    expect(await ask({ tools: [lookup(seen)], stream: 'stream' in answer })).toMatchObject({ text: 'Up.' });
    expect(seen).toEqual([{ host: 'a' }]);
    const [, asking, output] = messagesOf(requests[1]) as [Json, { tool_calls: JsonObject[] }, JsonObject];
    expect(output).toEqual({ role: 'tool', tool_call_id: asking.tool_calls[0]?.id, content: 'up' });
  });
});
