import { expect, test } from '@jest/globals';
import { host } from '../testing/test-assistant.ts';
import { isStrict } from './strict-schema.ts';

const verdict = {
  type: 'object',
  properties: { severity: { enum: ['low', 'high'], type: 'string' }, action: { type: 'string' }, reason: { type: 'string' } },
  required: ['severity', 'action', 'reason'],
  additionalProperties: false,
};
test.each<[string, boolean, object]>([
  ['a closed object', true, verdict],
  [
    'a closed object in a list in an object',
    true,
    { ...verdict, properties: { ...verdict.properties, reason: { type: 'array', items: host } } },
  ],
  ['what may be null', true, { ...host, properties: { host: { type: ['string', 'null'] } } }],
  [
    'properties with the names of keywords',
    true,
    {
      type: 'object',
      properties: { properties: { type: 'string' }, not: { type: 'string' } },
      required: ['properties', 'not'],
      additionalProperties: false,
    },
  ],
  ['an open object', false, { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] }],
  ['a key that may be missing', false, { ...verdict, required: ['severity'] }],
  ['an open object within', false, { ...host, properties: { host: { type: 'object' } } }],
  ['an open object that may be null', false, { ...host, properties: { host: { type: ['object', 'null'] } } }],
  ['an open object in a choice', false, { ...host, properties: { host: { anyOf: [{ type: 'object' }, { type: 'null' }] } } }],
  ['a list at the top, which is sent in an object', true, { type: 'array', items: { type: 'string' } }],
  ['a list of lists that refers to itself', false, { type: 'array', items: { anyOf: [{ $ref: '#' }, { type: 'string' }] } }],
  ['a choice at the top', false, { anyOf: [verdict, host] }],
  ['a place of no type', false, { ...host, properties: { host: {} } }],
  ['words that servers do not enforce', false, { ...host, properties: { host: { type: 'string', minLength: 1 } } }],
  ['formats that servers do not know', false, { ...host, properties: { host: { type: 'string', format: 'uri' } } }],
])('O2: enforcement of %s is asked for: %s', (_, expected, schema) => {
  expect(isStrict(schema)).toBe(expected);
});
