import { expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { sampleOf } from '../../src/emulator/rules/sample.ts';
import type { Json, JsonObject } from '../../src/shared/json/json.ts';
import { withEmulator } from './with-emulator.ts';

const MODEL = 'gpt-6-luna';
const JSON_OBJECT = { format: { type: 'json_object' as const } };

const verdict: JsonObject = {
  type: 'object',
  properties: {
    severity: { type: 'string', enum: ['critical', 'high'] },
    causes: { type: 'array', minItems: 2, items: { $ref: '#/$defs/cause' } },
    since: { type: 'string', format: 'date-time' },
    note: { anyOf: [{ type: 'string', minLength: 10 }, { type: 'null' }] },
  },
  required: ['severity', 'causes', 'since', 'note'],
  additionalProperties: false,
  $defs: {
    cause: {
      type: 'object',
      properties: { confidence: { type: 'number', minimum: 0.5, maximum: 1 }, kind: { const: 'disk' } },
      required: ['confidence', 'kind'],
      additionalProperties: false,
    },
  },
};

const asked = (name: string, schema: JsonObject, strict = false) => ({
  format: { type: 'json_schema' as const, name, schema, strict },
});

test('without a rule, a schema is answered with a minimal instance of it', () =>
  withEmulator([], async ({ client }) => {
    const response = await client.responses.create({ model: MODEL, input: 'Judge', text: asked('verdict', verdict) });
    expect(JSON.parse(response.output_text)).toEqual({
      severity: 'critical',
      causes: Array(2).fill({ confidence: 0.5, kind: 'disk' }),
      since: '2026-01-01T00:00:00Z',
      note: 'offline...',
    });
  }));

test('a rule can go by the name of the schema', () =>
  withEmulator([{ when: { schema: 'verdict' }, json: { severity: 'high' } }], async ({ client }) => {
    const response = await client.responses.create({ model: MODEL, input: 'Judge', text: asked('verdict', verdict) });
    expect(JSON.parse(response.output_text)).toEqual({ severity: 'high' });
    const other = await client.responses.create({ model: MODEL, input: 'Judge', text: asked('other', verdict) });
    expect(JSON.parse(other.output_text).severity).toBe('critical');
  }));

test('without a rule, json_object is answered with an object', () =>
  withEmulator([], async ({ client }) => {
    const response = await client.responses.create({ model: MODEL, input: 'Answer in JSON', text: JSON_OBJECT });
    expect(JSON.parse(response.output_text)).toEqual({ offline: true });
  }));

test.each([
  ['nowhere', { input: 'Answer' }],
  ['only in the instructions', { input: 'Answer', instructions: 'Use JSON' }],
  [
    'only in a system message',
    {
      input: [
        { role: 'system' as const, content: 'Use JSON' },
        { role: 'user' as const, content: 'Answer' },
      ],
    },
  ],
])('json_object with the word json %s is refused', (_where, request) =>
  withEmulator([], async ({ client }) => {
    await expect(client.responses.create({ model: MODEL, text: JSON_OBJECT, ...request })).rejects.toMatchObject({
      status: 400,
      param: 'input',
      error: { message: expect.stringContaining("must contain the word 'json'") },
    });
  }),
);

const refused = (schema: JsonObject, strict: boolean, message: string) =>
  withEmulator([], async ({ client }) => {
    const asking = client.responses.create({ model: MODEL, input: 'Judge', text: asked('verdict', schema, strict) });
    await expect(asking).rejects.toMatchObject({
      status: 400,
      code: 'invalid_json_schema',
      error: { message: expect.stringContaining(message) },
    });
  });

const closed = (properties: JsonObject): JsonObject => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});

test.each<[string, JsonObject, string]>([
  ['open', { type: 'object', properties: {}, required: [] }, "'additionalProperties' is required"],
  ['with an optional property', { ...closed({ a: { type: 'string' } }), required: [] }, "Missing 'a'"],
  ['without properties', { type: 'object', additionalProperties: false }, 'object schema missing properties'],
  ['with a key beside a $ref', closed({ a: { $ref: '#', description: 'A' } }), "$ref cannot have keywords {'description'}"],
  ['with a reference into another place', closed({ a: { $ref: '#/properties/b' } }), 'reference can only point to definitions'],
  ['with oneOf', closed({ a: { oneOf: [{ type: 'null' }] } }), "In context=('properties', 'a'), 'oneOf' is not permitted."],
  ['with a place of no type', closed({ a: { enum: ['x'] } }), "schema must have a 'type' key"],
  ['with an unknown format', closed({ a: { type: 'string', format: 'uri' } }), "'uri' is not a valid format"],
  ['with a value of another type', closed({ a: { type: 'string', enum: [1] } }), 'enum value 1 does not validate'],
])('a strict schema that is %s is refused', (_what, schema, message) => refused(schema, true, message));

test.each<[string, JsonObject, string]>([
  ['a list at its root', { type: 'array', items: {} }, `schema must be a JSON Schema of 'type: "object"', got 'type: "array"'.`],
  ['no type at its root', { properties: {} }, "got 'type: null'"],
  ['a choice at its root', { type: 'object', anyOf: [{}] }, 'at the top level'],
  [
    'a list without items',
    { type: 'object', properties: { a: { type: 'array' } } },
    "('properties', 'a'), array schema missing items",
  ],
  [
    'a list of schemas as items',
    { type: 'object', properties: { a: { type: 'array', items: [{}] } } },
    "'items' must be a schema",
  ],
])('a schema with %s is refused without strict too', (_what, schema, message) => refused(schema, false, message));

const tree: JsonObject = {
  type: 'object',
  properties: { value: { type: 'integer' }, next: { anyOf: [{ $ref: '#' }, { type: 'null' }] } },
  required: ['value', 'next'],
};

test.each<[string, Json, Json]>([
  ['an exclusive minimum', { type: 'integer', exclusiveMinimum: 4 }, 5],
  ['a multiple above a minimum', { type: 'number', minimum: 7, multipleOf: 5 }, 10],
  ['a maximum below zero', { type: 'integer', maximum: -3 }, -3],
  ['a short string', { type: 'string', maxLength: 3 }, 'off'],
  ['a list of types', { type: ['string', 'null'] }, 'offline'],
  ['a tuple', { type: 'array', minItems: 2, prefixItems: [{ type: 'boolean' }, { type: 'null' }] }, [false, null]],
  ['schemas that all hold', { allOf: [{ properties: { a: { const: 1 } } }, { required: ['a'] }] }, { a: 1 }],
  ['a union', { oneOf: [{ type: 'integer' }, { type: 'string' }] }, 0],
  ['a schema that contains itself', tree, { value: 0, next: { value: 0, next: null } }],
])('a minimal instance respects %s', (_what, schema, expected) => {
  const instance = sampleOf(schema);
  expect(instance).toEqual(expected);
  const ajv = new Ajv2020({ strict: false });
  addFormats.default(ajv);
  expect(ajv.validate(schema as object, instance)).toBe(true);
});
