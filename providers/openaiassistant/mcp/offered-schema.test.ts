import { expect, test } from '@jest/globals';
import type { JsonObject } from 'threadline/provider';
import { schemaRefusals } from 'threadline/runtime';
import { offeredSchema } from './offered-schema.ts';

const text = { type: 'string' };

test.each<[string, JsonObject, JsonObject]>([
  ['that servers take stays as it is', { type: 'object', properties: { a: text } }, { type: 'object', properties: { a: text } }],
  ['without properties', { type: 'object' }, { type: 'object', properties: {} }],
  [
    'with a list of anything',
    { type: 'object', properties: { a: { type: 'array' }, b: { anyOf: [{ type: ['array', 'null'] }] } } },
    {
      type: 'object',
      properties: { a: { type: 'array', items: {} }, b: { anyOf: [{ type: ['array', 'null'], items: {} }] } },
    },
  ],
  [
    'with a list of certain items',
    { type: 'object', properties: { a: { type: 'array', items: [text, text] } } },
    { type: 'object', properties: { a: { type: 'array', prefixItems: [text, text], items: {} } } },
  ],
  [
    'with a choice at its root',
    { type: 'object', properties: { a: text }, oneOf: [{ properties: { b: text }, required: ['b'] }, { required: ['a'] }] },
    { type: 'object', properties: { a: text, b: text } },
  ],
  [
    'with arguments that are called like keywords',
    { type: 'object', properties: { type: text, items: { type: 'array', items: text } } },
    { type: 'object', properties: { type: text, items: { type: 'array', items: text } } },
  ],
])('the schema of a foreign tool %s is one that servers take', (_, schema, offered) => {
  expect(offeredSchema(schema)).toEqual(offered);
  expect(schemaRefusals(offered, { use: 'function', strict: false })).toEqual([]);
});
