import { describe, expect, test } from '@jest/globals';
import { Closed, type Provider, Type } from 'threadline/provider';
import { testProvider } from 'threadline/testing';

describe('what a provider says of itself', () => {
  /** What is not kept by a provider that declares this. */
  const brokenIn = async (declared: Partial<Provider>): Promise<string> => {
    const plain = { description: 'Does nothing.', config: Closed({}), params: Closed({}), run: async () => null };
    return testProvider({ ...plain, ...declared }).then(() => 'kept', String);
  };
  const count = Type.Integer({ description: 'How many.' });

  test.each<[string, Partial<Provider>, RegExp]>([
    ['an empty description', { description: ' ' }, /`description` is empty/],
    ['parameters that are no map', { params: Type.String() }, /`params` is not the schema of an object: `with:` is a map/],
    ['open parameters', { params: Type.Object({ a: Type.Optional(count) }) }, /`params` takes any key/],
    ['an open configuration', { config: Type.Object({}) }, /`config` takes any key/],
    [
      'a keyword that is not checked',
      { params: Closed({ a: Type.Optional(Type.Integer({ multipleOf: 2 })) }) },
      /`params` uses `multipleOf`, which Threadline does not check/,
    ],
    [
      'an example that does not fit',
      { params: Closed({ a: Type.Optional(count) }), examples: { a: 'x' } },
      /examples\.a must be a whole number/,
    ],
    ['an example of nothing', { examples: { b: 1 } }, /examples\.b/],
    ['an error code that is not spelled as one', { errors: { 'Not-OK': 'It is not.' } }, /error code `Not-OK`/],
  ])('%s is not kept', async (_, declared, line) => {
    expect(await brokenIn(declared)).toMatch(line);
  });

  test('a template as an example fits, and so does a schema that is open on purpose', async () => {
    const params = Type.Object({ a: Type.Optional(count) }, { additionalProperties: true });
    expect(await brokenIn({ params, examples: { a: '{{ inputs.count }}' } })).toBe('kept');
  });
});
