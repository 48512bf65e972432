import { describe, expect, test } from '@jest/globals';
import type { Json, JsonObject } from 'threadline/provider';
import { type Answer, events, imitate, lookup } from './test-imitation.ts';

const DONE = 'data: [DONE]\n\n';
const piece = (delta: Json, reason: Json = null): Json => ({ choices: [{ index: 0, delta, finish_reason: reason }] });
const text = (content: string, reason: Json = null): Json => piece({ content }, reason);
const call = (args: string, more: JsonObject = {}): JsonObject => ({
  tool_calls: [{ index: 0, function: { arguments: args }, ...more }],
});
const streaming = (stream: string) => imitate('chat', () => ({ stream }));

describe('a chat stream', () => {
  test.each<[string, string, string]>([
    [
      'with an empty reason in each chunk is read to [DONE]',
      `${events(text('The disk is full; ', ''), text('do NOT restart.', ''), piece({}, 'stop'))}${DONE}`,
      'The disk is full; do NOT restart.',
    ],
    [
      'with the reason `stop` in each chunk is read to [DONE]',
      `${events(text('The disk is full; ', 'stop'), text('do NOT restart.', 'stop'))}${DONE}`,
      'The disk is full; do NOT restart.',
    ],
    [
      'is read to [DONE], though a reason comes before the rest',
      `${events(text('Do '), piece({}, 'stop'), text('NOT restart.'))}${DONE}`,
      'Do NOT restart.',
    ],
    ['without a reason ends with [DONE]', `${events(text('All '), text('good.'))}${DONE}`, 'All good.'],
    ['with a reason ends with its body', events(text('All '), text('good.'), piece({}, 'stop')), 'All good.'],
    [
      'of several answers has the first',
      `${events({ choices: [{ index: 1, delta: { content: 'No.' } }] }, text('Yes.', 'stop'))}`,
      'Yes.',
    ],
  ])('%s', async (_, stream, answer) => {
    expect(await (await streaming(stream)).ask({ stream: true })).toMatchObject({ text: answer, status: 'completed' });
  });

  test.each<[string, string]>([
    ['without a reason and [DONE]', events(text('{"page": true, '), text('"reason": "cut'))],
    ['with empty reasons and without [DONE]', events(text('{"page": true, ', ''), text('"reason": "cut', ''))],
    ['with a reason that more followed, and without [DONE]', events(text('The disk is full; ', 'stop'), text('do NOT ', 'stop'))],
    ['in the middle of an event', `${events(text('Do '))}data: {"choices":[{"delta":{"content":"NOT"`],
  ])('whose body ends %s is a broken connection', async (_, stream) => {
    const { failure, requests } = await streaming(stream);
    const error = await failure({ stream: true, response_format: 'json_object' });
    expect(error).toMatchObject({ code: 'connection_failed', message: 'The stream ended before the answer did.' });
    expect(error.hint).toContain('`retry` repeats it only with `on: [connection_failed]`');
    expect(requests).toHaveLength(1);
  });

  test('whose body breaks off leaves no half of an answer in the thread', async () => {
    const cut = events(text('The disk is full; do NOT '));
    const { ask, failure, requests } = await imitate('chat', (_, count) => ({
      stream: count === 1 ? cut : `${events(text('Ok.'))}${DONE}`,
    }));
    const error = await failure({ stream: true, thread: { key: 'db-1' } });
    expect(error).toMatchObject({ code: 'connection_failed' });
    await ask({ stream: true, thread: { key: 'db-1' } });
    expect(requests[1]?.body.messages).toEqual([{ role: 'user', content: 'Why?' }]);
  });

  test('that was cut at a limit stays cut, whatever reason comes behind it', async () => {
    const { failure } = await streaming(`${events(text('Do ', 'length'), piece({}, 'stop'))}${DONE}`);
    expect(await failure({ stream: true })).toMatchObject({ code: 'incomplete' });
  });

  const whole: Answer = { stream: `${events(text('Up.', 'stop'))}${DONE}` };
  const called = async (...chunks: Json[]) => {
    const seen: JsonObject[] = [];
    const { ask } = await imitate('chat', (_, count) => (count === 1 ? { stream: `${events(...chunks)}${DONE}` } : whole));
    await ask({ stream: true, tools: [lookup(seen)] });
    return seen;
  };

  test.each(['', 'tool_calls'])(
    'calls a function with all its arguments, though each chunk has the reason "%s"',
    async (reason) => {
      const first = call('', { id: 'x', function: { name: 'lookup', arguments: '' } });
      const seen = await called(
        piece(first, reason),
        piece(call('{"host":'), reason),
        piece(call('"a"}'), reason),
        piece({}, 'tool_calls'),
      );
      expect(seen).toEqual([{ host: 'a' }]);
    },
  );

  test('whose body ends within the arguments of a call calls nothing', async () => {
    const seen: JsonObject[] = [];
    const first = call('{}', { id: 'x', function: { name: 'lookup', arguments: '{}' } });
    const { failure } = await streaming(events(piece(first, ''), piece({}, '')));
    expect(await failure({ stream: true, tools: [lookup(seen)] })).toMatchObject({ code: 'connection_failed' });
    expect(seen).toEqual([]);
  });
});
