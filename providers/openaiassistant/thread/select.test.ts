import { expect, test } from '@jest/globals';
import type { Item } from '../question/items.ts';
import { lastMessages, withinLimit, withoutOlderHalf } from './select.ts';

/** `u1 a1 u2 c1 o1 a2`: messages of user and assistant, calls and outputs. */
const parse = (text: string): Item[] =>
  text
    .split(' ')
    .filter(Boolean)
    .map((word): Item => {
      if (word.startsWith('c')) return { type: 'tool_call', callId: word.slice(1), name: 'f', arguments: '{}' };
      if (word.startsWith('o')) return { type: 'tool_output', callId: word.slice(1), output: word };
      return { type: 'message', role: word.startsWith('a') ? 'assistant' : 'user', parts: [{ type: 'text', text: word }] };
    });
const show = (items: Item[] | undefined) =>
  items
    ?.map((item) =>
      item.type === 'message'
        ? (item.parts[0] as { text: string }).text
        : item.type === 'opaque'
          ? 't'
          : `${item.type === 'tool_call' ? 'c' : 'o'}${item.callId}`,
    )
    .join(' ');

test.each([
  ['u1 a1 u2 a2', 'u3', 1, 'u3'],
  ['u1 a1 u2 a2', 'u3', 2, 'u2 a2 u3'],
  ['u1 a1 u2 a2', 'u3', 3, 'u2 a2 u3'],
  ['u1 a1', 'u2', 99, 'u1 a1 u2'],
  ['u1 c1 o1 a1', 'u2', 2, 'u1 c1 o1 a1 u2'],
  ['a1 u1', 'u2', 3, 'u1 u2'],
  ['u1 c1 o1 a1', 'u2', 3, 'u1 c1 o1 a1 u2'],
  ['u1 a1 u2 c1 c2', 'o1 o2', 1, 'u2 c1 c2 o1 o2'],
  ['u1 a1 u2 c1 o1 c2', 'o2', 1, 'u2 c1 o1 c2 o2'],
  ['', 'u1', 1, 'u1'],
])('T21: of `%s` and `%s` the last %i messages, with the question of an answer, are `%s`', (history, fresh, count, expected) => {
  expect(show(lastMessages(parse(history), parse(fresh), count))).toBe(expected);
});

test.each([
  ['u1 a1 u2 a2', 'u3', 1, 'u3'],
  ['u1 a1 u2 a2', 'u3', 2, 'u3'],
  ['u1 a1 u2 a2', 'u3', 3, 'u2 a2 u3'],
  ['u1 c1 o1 a1', 'u2', 4, 'u2'],
  ['u1 c1 o1 a1', 'u2', 5, 'u1 c1 o1 a1 u2'],
  ['u0 a0 u1 c1', 'o1', 3, 'u1 c1 o1'],
  ['u1 c1', 'o1', 2, undefined],
  ['u1', 'u2 u3', 1, undefined],
])('T22: of `%s` and `%s`, at most %i items from a question on are `%s`', (history, fresh, limit, expected) => {
  expect(show(withinLimit(parse(history), parse(fresh), limit, () => 1))).toBe(expected);
});

test.each([
  ['u1 a1 u2 a2', 'u3', 'u2 a2 u3'],
  ['u1', 'u2', 'u2'],
  ['u1 a1 u2 c1', 'o1', 'u2 c1 o1'],
  ['', 'u1', undefined],
  ['u1 c1', 'o1', undefined],
])('without the older half of `%s` and `%s` there is `%s`', (history, fresh, expected) => {
  expect(show(withoutOlderHalf(parse(history), parse(fresh)))).toBe(expected);
});
