import { describe, expect, test } from '@jest/globals';
import type { Json, JsonObject } from 'threadline/provider';
import { type Answer, events, imitate, lookup, type Request } from './test-imitation.ts';

const called = (name: string | undefined, args: Json | undefined, more: JsonObject = {}): JsonObject => ({
  ...more,
  function: { ...(name === undefined ? {} : { name }), ...(args === undefined ? {} : { arguments: args }) },
});
const whole = (...calls: JsonObject[]): Answer => ({ json: { choices: [{ message: { content: null, tool_calls: calls } }] } });
const pieces = (...calls: JsonObject[]): Answer => ({
  stream: events(...calls.map((call) => ({ choices: [{ delta: { tool_calls: [call] } }] })), {
    choices: [{ delta: {}, finish_reason: 'tool_calls' }],
  }),
});
const done: Answer = { json: { choices: [{ message: { content: 'Both are up.' } }] } };
const a = '{"host":"a"}';
const b = '{"host":"b"}';
const both = [{ host: 'a' }, { host: 'b' }];

describe('calls of functions', () => {
  test.each<[string, Answer]>([
    ['without ids', whole(called('lookup', a), called('lookup', b))],
    ['with empty ids', whole(called('lookup', a, { id: '' }), called('lookup', b, { id: '' }))],
    ['with objects for arguments', whole(called('lookup', { host: 'a' }), called('lookup', { host: 'b' }))],
    [
      'streamed in pieces',
      pieces(
        called('lookup', '', { index: 0, id: 'x' }),
        called(undefined, '{"host":', { index: 0 }),
        called(undefined, '"a"}', { index: 0 }),
        called('lookup', b, { index: 1, id: 'y' }),
      ),
    ],
    [
      'streamed in pieces that mix',
      pieces(
        called('lookup', '{"host"', { index: 0, id: 'x' }),
        called('lookup', '{"host"', { index: 1, id: 'y' }),
        called(undefined, ':"a"}', { index: 0 }),
        called(undefined, ':"b"}', { index: 1 }),
      ),
    ],
    ['streamed without ids', pieces(called('lookup', a, { index: 0 }), called('lookup', b, { index: 1 }))],
    ['streamed without an index, whole', pieces(called('lookup', a, { id: 'x' }), called('lookup', b, { id: 'y' }))],
    ['streamed without an index or an id, whole', pieces(called('lookup', a), called('lookup', b))],
    [
      'streamed without an index, in pieces',
      pieces(
        called('lookup', '', { id: 'x' }),
        called(undefined, '{"host":'),
        called(undefined, '"a"}'),
        called('lookup', '{"host":', { id: 'y' }),
        called(undefined, '"b"}'),
      ),
    ],
    [
      'streamed without an index, each piece with its id',
      pieces(called('lookup', '{"host":', { id: 'x' }), called('lookup', '"a"}', { id: 'x' }), called('lookup', b, { id: 'y' })),
    ],
    [
      'streamed with one index for all',
      pieces(called('lookup', a, { index: 0, id: 'x' }), called('lookup', b, { index: 0, id: 'y' })),
    ],
    [
      'streamed with the name in each piece',
      pieces(
        called('lookup', '{"host":', { index: 0, id: 'x' }),
        called('lookup', '"a"}', { index: 0 }),
        called('lookup', b, { index: 1, id: 'y' }),
      ),
    ],
    [
      'streamed with a new id for each piece',
      pieces(
        called('lookup', '{"host":', { index: 0, id: 'x' }),
        called(undefined, '"a"}', { index: 0, id: 'x2' }),
        called('lookup', b, { index: 1, id: 'y' }),
      ),
    ],
    [
      'streamed with names in pieces',
      pieces(
        called('look', '', { index: 0, id: 'x' }),
        called('up', a, { index: 0 }),
        called('lookup', b, { index: 1, id: 'y' }),
      ),
    ],
    [
      'streamed with all arguments once more at the end',
      pieces(
        called('lookup', '{"host":', { index: 0, id: 'x' }),
        called(undefined, '"a"}', { index: 0 }),
        called(undefined, a, { index: 0 }),
        called('lookup', b, { index: 1, id: 'y' }),
        called(undefined, b, { index: 1 }),
      ),
    ],
    [
      'streamed with another index for the arguments than for the name',
      pieces(
        called('lookup', '', { index: 0, id: 'x' }),
        called('', '{"host":', { index: 1, id: null }),
        called('', '"a"}', { index: 1, id: null }),
        called('lookup', b, { index: 2, id: 'y' }),
      ),
    ],
    [
      'streamed with one index for all and without ids',
      pieces(called('lookup', a, { index: 0 }), called('lookup', b, { index: 0 })),
    ],
    [
      'streamed with nulls',
      pieces(
        called('lookup', null, { index: 0, id: 'x' }),
        { index: 0, id: null, function: { name: null, arguments: a } },
        called('lookup', b, { index: 1, id: 'y' }),
      ),
    ],
    [
      'streamed with objects for arguments',
      pieces(called('lookup', { host: 'a' }, { index: 0 }), called('lookup', { host: 'b' }, { index: 1 })),
    ],
    [
      'all in one chunk',
      {
        stream: events({
          choices: [{ delta: { tool_calls: [called('lookup', a), called('lookup', b)] }, finish_reason: 'stop' }],
        }),
      },
    ],
  ])('%s are run, and their outputs go back', async (_, first) => {
    const seen: JsonObject[] = [];
    const { ask, requests } = await imitate('chat', (_request, count) => (count === 1 ? first : done));
    const { text } = await ask({ prompt: 'Look', tools: [lookup(seen)], stream: 'stream' in first });
    expect({ text, seen }).toEqual({ text: 'Both are up.', seen: both });
    const [, asking, ...outputs] = (requests[1] as Request).body.messages as [
      JsonObject,
      { tool_calls: JsonObject[] },
      ...JsonObject[],
    ];
    const ids = asking.tool_calls.map(({ id }) => id);
    expect(new Set(ids).size).toBe(2);
    expect(outputs.map(({ tool_call_id: id }) => id)).toEqual(ids);
  });

  test('without arguments are taken for calls with none', async () => {
    const { ask } = await imitate('chat', (_, count) => (count === 1 ? whole({ id: 'x', function: { name: 'lookup' } }) : done));
    expect((await ask({ tools: [lookup()] })).tool_calls).toMatchObject([
      { arguments: {}, error: expect.stringContaining('do not fit') },
    ]);
  });

  test('without a name tell the model so', async () => {
    const { ask } = await imitate('chat', (_, count) => (count === 1 ? whole({ id: 'x' }) : done));
    expect((await ask({ tools: [lookup()] })).tool_calls).toMatchObject([
      { error: expect.stringContaining('There is no function') },
    ]);
  });

  test.each([null, ''])('in a reply in one piece whose reason to finish is %j are not run', async (finish_reason) => {
    const seen: JsonObject[] = [];
    const message = { content: null, tool_calls: [called('lookup', a, { id: 'x' })] };
    const { failure } = await imitate('chat', () => ({ json: { choices: [{ message, finish_reason }] } }));
    expect(await failure({ tools: [lookup(seen)] })).toMatchObject({ code: 'incomplete' });
    expect(seen).toEqual([]);
  });

  test('for ever end in a failure', async () => {
    const { failure } = await imitate('chat', () => whole(called('lookup', a)));
    expect(await failure({ tools: [lookup()], max_tool_rounds: 3 })).toMatchObject({ code: 'too_many_tool_rounds' });
  });
});
