import { describe, expect, test } from '@jest/globals';
import { toThreadlineError } from '../../../src/shared/errors/errors.ts';
import { type Json, toJson } from '../../../src/shared/json/json.ts';
import { parseJson } from '../../../src/shared/json/parse-json.ts';

const failureOf = (work: () => unknown) => {
  try {
    work();
  } catch (thrown) {
    return toThreadlineError(thrown);
  }
  throw new Error('it did not fail');
};

describe('JSON that is read', () => {
  test.each([
    '9007199254740993',
    '-9007199254740993',
    '18446744073709551615',
    '[9223372036854775807, {"id": 12345678901234567890}]',
    '{"a":[1,2.5,null,"9007199254740993"],"b":{"id":9007199254740992}}',
    `{"id":${'7'.repeat(300)}}`,
  ])('%s keeps all digits when it is written again', (text) => {
    expect(JSON.stringify(parseJson(text))).toBe(text.replaceAll(/\s/g, ''));
    expect(JSON.stringify(toJson(parseJson(text)))).toBe(text.replaceAll(/\s/g, ''));
  });

  test('a whole number has one form: a number as far as that is exact, a bigint beyond', () => {
    expect(parseJson('[9007199254740991, 9007199254740992, -9007199254740991, -9007199254740992]')).toEqual([
      9007199254740991,
      9007199254740992n,
      -9007199254740991,
      -9007199254740992n,
    ]);
    expect(toJson({ id: 10n, wide: 9007199254740993n })).toEqual({ id: 10, wide: 9007199254740993n });
  });

  test('a number with a point or an exponent is rounded as everywhere', () => {
    const numbers = '[0.1234567890123456789, 12345678901234567890.0, 1e25, 1E3, 1e-400]';
    expect(parseJson(numbers)).toEqual(JSON.parse(numbers));
  });

  test('text that is not JSON is a SyntaxError, also where only its depth is too much', () => {
    expect(() => parseJson('{"a":')).toThrow(SyntaxError);
    const deep = `${'['.repeat(200_000)}9007199254740993${']'.repeat(200_000)}`;
    expect(() => parseJson(deep)).toThrow(SyntaxError);
  });

  test.each<[string, string]>([
    ['{"a":{"b":[1,1e400]}}', 'a.b.1'],
    ['{"a":-1e999}', 'a'],
    [`[{"id":${'9'.repeat(400)}}]`, '0.id'],
  ])('%s has a number that nothing can hold, and says where', (text, path) => {
    const failure = failureOf(() => parseJson(text));
    expect(failure.code).toBe('number_out_of_range');
    expect(failure.message).toContain(`at \`${path}\` is beyond 1.8e308`);
    expect(failure.hint).toBe('Send it as text.');
  });

  test('data of a program with NaN or Infinity is refused and never null', () => {
    expect(failureOf(() => toJson({ rows: [{ share: Number.NaN }] })).message).toContain('`rows.0.share` is NaN');
    expect(failureOf(() => toJson([Number.POSITIVE_INFINITY])).code).toBe('number_out_of_range');
    expect(failureOf(() => toJson({ id: 10n ** 400n } as Json)).message).toContain('`id` is beyond 1.8e308');
  });
});
