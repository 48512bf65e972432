import { describe, expect, test } from '@jest/globals';
import { type Json, toJson } from '../../../src/shared/json/json.ts';
import { referenceOf, storedList } from '../../../src/shared/json/stored-list.ts';
import { Mask } from '../../../src/shared/text/mask.ts';

const REFERENCE = { thread: 'thr_1', revision: 0, length: 2 };

/** A list in a store, and how often it was read. */
function listOf(items: Json[]) {
  const reads: number[] = [];
  const list = storedList(REFERENCE, () => {
    reads.push(reads.length);
    return { items };
  });
  return { list, reads };
}

describe('a stored list', () => {
  test('is read when somebody looks into it, and not before', () => {
    const { list, reads } = listOf([{ text: 'a' }, { text: 'b' }]);
    const results = toJson({ messages: list, more: [1] }) as { messages: Json[] };
    expect(reads).toEqual([]);
    expect(results.messages[1]).toEqual({ text: 'b' });
    expect(reads).toHaveLength(1);
  });

  test('is a list for whoever asks', () => {
    const { list } = listOf(['a', 'b']);
    expect([Array.isArray(list), list.length, list.at(-1), [...list], list.map(String), 0 in list]).toEqual([
      ...[true, 2, 'b', ['a', 'b'], ['a', 'b'], true],
    ]);
    expect(JSON.stringify({ list })).toBe('{"list":["a","b"]}');
    expect(Object.entries(list)).toEqual([
      ['0', 'a'],
      ['1', 'b'],
    ]);
    expect([0].concat(list as never)).toEqual([0, 'a', 'b']);
    expect(list).toEqual(['a', 'b']);
  });

  test('cannot be changed', () => {
    const { list } = listOf(['a']);
    expect(() => list.push('b')).toThrow(TypeError);
    expect(() => list.sort()).not.toThrow();
    expect(list).toEqual(['a']);
  });

  test('is copied where a secret stands in it, and only there', () => {
    const mask = new Mask();
    mask.add('hunter22', 'secrets.TOKEN');
    const clean = listOf([{ text: 'nothing' }]).list;
    const telling = listOf([{ text: 'it is hunter22' }]).list;
    const applied = mask.apply({ clean, telling });
    expect(referenceOf(applied.clean)).toEqual(REFERENCE);
    expect(referenceOf(applied.telling)).toBeUndefined();
    expect(applied.telling).toEqual([{ text: 'it is ***' }]);
    const sealed = mask.seal({ clean, telling }, 'seal') as typeof applied;
    expect(sealed.telling).toEqual([{ text: 'it is <seal:secrets.TOKEN/0>' }]);
    const opened = mask.unseal(sealed, 'seal') as typeof applied;
    expect(referenceOf(opened.clean)).toEqual(REFERENCE);
    expect(opened.telling).toEqual([{ text: 'it is hunter22' }]);
  });
});
