import { describe, expect, test } from '@jest/globals';
import type { Json } from '../../../src/shared/json/json.ts';
import { checkSchema } from '../../../src/shared/schema/check-schema.ts';
import { Closed, Type } from '../../../src/shared/schema/schema.ts';
import { wideNumbersAsText } from '../../../src/shared/schema/wide-numbers.ts';

const ID = 9007199254740993n;
const Scalar = Type.Union([Type.String(), Type.Number(), Type.Boolean()]);
const schema = Closed({
  query: Type.Optional(Type.Record(Type.String(), Type.Union([Scalar, Type.Array(Scalar)]))),
  json: Type.Optional(Type.Unknown()),
  name: Type.Optional(Type.String()),
  limit: Type.Optional(Type.Integer({ minimum: 0 })),
});

describe('a whole number beyond 2^53 among the parameters of a provider', () => {
  test.each<[string, { [key: string]: Json }, { [key: string]: Json }]>([
    [
      'is text where text or a number is taken',
      { query: { id: ID, ids: [ID, 1] } },
      { query: { id: `${ID}`, ids: [`${ID}`, 1] } },
    ],
    ['stays a number in data of any form', { json: { id: [ID] } }, { json: { id: [ID] } }],
  ])('%s', (_, given, taken) => {
    expect(checkSchema(schema, given)).toEqual([]);
    expect(wideNumbersAsText(schema, given)).toEqual(taken);
  });

  test('is refused where only a number is taken, for code there rounds it', () => {
    expect(checkSchema(schema, { limit: ID })).toMatchObject([
      { path: ['limit'], message: `must be a number up to 9007199254740991 (2^53 - 1), not ${ID}` },
    ]);
  });

  test('wants quotes where only text is taken, as any number does', () => {
    expect(checkSchema(schema, { name: ID })).toMatchObject([{ path: ['name'], hint: 'Put quotes around it.' }]);
  });
});
