import { expect, test } from '@jest/globals';
import { checkSchema } from 'threadline/runtime';
import { EXAMPLES } from './examples.ts';
import { Params } from './schema.ts';

test('P12: every parameter has an example, and each fits', () => {
  expect(Object.keys(EXAMPLES)).toEqual(Object.keys(Params.properties));
  expect(checkSchema(Params, EXAMPLES)).toEqual([]);
});
