import { describe, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import { openRegistry } from '../../../src/index.ts';
import { WorkflowSchema } from '../../../src/language/schema.ts';
import { SettingsSchema } from '../../../src/run/settings.ts';
import type { Json } from '../../../src/shared/json/json.ts';
import { checkSchema, unsupportedKeywords } from '../../../src/shared/schema/check-schema.ts';
import type { SchemaNode } from '../../../src/shared/schema/schema.ts';
import { fc } from '../../support/properties.ts';

const registry = openRegistry();
const SCHEMAS: [name: string, schema: object][] = [
  ['workflow', WorkflowSchema],
  ['settings', SettingsSchema],
];
for (const name of registry.names()) {
  const provider = await registry.load(name);
  if (provider) SCHEMAS.push([`${name} params`, provider.params], [`${name} config`, provider.config]);
}

const plain = (schema: object): SchemaNode => JSON.parse(JSON.stringify(schema)) as SchemaNode;
const ajv = new Ajv({ strict: false, allErrors: true });

const ANYTHING = fc.oneof(
  { withCrossShrink: true },
  fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>,
  fc.constantFrom<Json>(
    '',
    'x',
    '30s',
    '1h30m',
    0,
    -1,
    1.5,
    3,
    true,
    null,
    [],
    {},
    'console',
    'a'.repeat(70),
    ['a', 'a'],
    [
      { a: 1, b: 2 },
      { b: 2, a: 1 },
    ],
  ),
);

/** Values near a schema: mostly right, here and there not. */
function near(schema: SchemaNode, depth = 0): fc.Arbitrary<Json> {
  const right = rightFor(schema, depth);
  return fc.oneof({ weight: 40, arbitrary: right }, { weight: 1, arbitrary: ANYTHING });
}

function rightFor(schema: SchemaNode, depth: number): fc.Arbitrary<Json> {
  const branches = (schema.anyOf ?? schema.oneOf) as SchemaNode[] | undefined;
  if (branches) return fc.oneof(...branches.map((branch) => near(branch, depth + 1)));
  if (schema.$ref) return fc.constant({ name: 'a', provider: { type: 'mock' } });
  if (schema.const !== undefined) return fc.constant(schema.const as Json);
  if (schema.enum) return fc.constantFrom(...(schema.enum as Json[]));
  if (schema.type === 'string')
    return fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(...((schema.examples as string[] | undefined) ?? ['x', '30s', 'name'])) },
      { weight: 1, arbitrary: fc.constantFrom('https://a.b', '') },
      { weight: 1, arbitrary: fc.string({ maxLength: 80 }) },
    );
  if (schema.type === 'integer' || schema.type === 'number')
    return fc.oneof(fc.integer({ min: -2, max: 200 }), fc.double({ min: -1, max: 3, noNaN: true }));
  if (schema.type === 'boolean') return fc.boolean();
  if (schema.type === 'array' && depth < 6)
    return fc.array(near((schema.items ?? {}) as SchemaNode, depth + 1), { maxLength: 3 });
  if (schema.type === 'object' && depth < 6) return rightMap(schema, depth);
  return ANYTHING;
}

function rightMap(schema: SchemaNode, depth: number): fc.Arbitrary<Json> {
  const properties = (schema.properties ?? {}) as Record<string, SchemaNode>;
  const known = Object.fromEntries(Object.entries(properties).map(([key, property]) => [key, near(property, depth + 1)]));
  const required = (schema.required as string[] | undefined) ?? [];
  const some = fc
    .subarray(Object.keys(known), { maxLength: Math.min(5, Object.keys(known).length) })
    .chain((keys) => fc.record(Object.fromEntries([...required, ...keys].map((key) => [key, known[key] ?? ANYTHING]))));
  const inner =
    Object.values((schema.patternProperties ?? {}) as Record<string, SchemaNode>)[0] ??
    (typeof schema.additionalProperties === 'object' ? (schema.additionalProperties as SchemaNode) : {});
  const others = fc.dictionary(fc.constantFrom('a', 'b', 'nmae', 'constructor'), near(inner, depth + 1), {
    maxKeys: schema.additionalProperties === false && !schema.patternProperties ? 1 : 3,
  });
  return fc
    .tuple(some, fc.oneof({ weight: 5, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: others }))
    .map(([left, right]) => ({ ...left, ...right }) as Json);
}

describe('checkSchema agrees with ajv on what is valid', () => {
  test.each(SCHEMAS)('%s', (_, schema) => {
    const copy = plain(schema);
    const validate = ajv.compile(copy);
    let valid = 0;
    fc.assert(
      fc.property(near(copy), (value) => {
        const said = validate(value);
        if (said) valid++;
        expect({ value, valid: checkSchema(copy, value).length === 0 }).toEqual({ value, valid: said });
      }),
      { numRuns: 400, seed: 42 },
    );
    expect(valid).toBeGreaterThan(0);
  });

  test.each<[string, object, Json[]]>([
    [
      'uniqueItems',
      { type: 'array', uniqueItems: true },
      [
        [1, 1],
        [1, '1'],
        [
          { a: 1, b: 2 },
          { b: 2, a: 1 },
        ],
        [[], {}],
      ],
    ],
    [
      'const and enum of maps',
      { anyOf: [{ const: { a: 1, b: [null] } }, { enum: [{ x: 1, y: 2 }, null] }] },
      [{ b: [null], a: 1 }, { y: 2, x: 1 }, null, {}],
    ],
    ['oneOf', { oneOf: [{ type: 'number' }, { type: 'integer' }, { type: 'string' }] }, [1, 1.5, 'a', null]],
    ['anyOf beside oneOf', { anyOf: [{ type: 'number' }], oneOf: [{ minimum: 5 }, { type: 'string' }] }, [1, 6, 'a']],
    ['allOf', { allOf: [{ required: ['a'] }, { properties: { a: { type: 'string' } } }] }, [{}, { a: 1 }, { a: '' }]],
    [
      'patternProperties beside properties',
      { properties: { abc: { type: 'number' } }, patternProperties: { '^a': { minimum: 5 } }, additionalProperties: false },
      [{ abc: 1 }, { abc: 6 }, { a: 1 }, { b: 1 }],
    ],
    ['lengths in characters', { type: 'string', minLength: 2, maxLength: 2 }, ['🚨', '🚨🚨', 'ab', 'a']],
    [
      '$ref',
      {
        $ref: '#/definitions/tree',
        definitions: {
          tree: { type: 'object', properties: { of: { $ref: '#/definitions/tree' } }, additionalProperties: false },
        },
      },
      [{}, { of: { of: {} } }, { of: { off: {} } }],
    ],
    ['bounds', { exclusiveMinimum: 0, exclusiveMaximum: 1 }, [0, 0.5, 1, 'x']],
    [
      'counts',
      { minItems: 1, maxItems: 2, minProperties: 1, maxProperties: 1 },
      [[], [1], [1, 2, 3], {}, { a: 1 }, { a: 1, b: 1 }],
    ],
    [
      'names of prototypes',
      { type: 'object', required: ['constructor'], properties: { a: { type: 'string' } } },
      [{ constructor: 1 }, { constructor: 1, a: 1 }],
    ],
  ])('%s', (_, schema, values) => {
    const validate = new Ajv({ strict: false }).compile(schema);
    for (const value of values) expect([value, checkSchema(schema, value).length === 0]).toEqual([value, validate(value)]);
  });
});

describe('what it says', () => {
  const FORMS = {
    anyOf: [
      { type: 'string', enum: ['auto', 'text'] },
      {
        type: 'object',
        properties: { type: { const: 'basic' }, user: { type: 'string' } },
        required: ['type', 'user'],
        additionalProperties: false,
      },
      {
        type: 'object',
        properties: { type: { const: 'bearer' }, token: { type: 'string' } },
        required: ['type', 'token'],
        additionalProperties: false,
      },
    ],
  };

  test.each<[string, object, Json, string]>([
    ['the nearest word of a union', FORMS, 'atuo', 'must be `auto` or `text`, not `atuo` Did you mean `auto`?'],
    [
      'the branch that a constant chooses',
      FORMS,
      { type: 'bearer', token: 1 },
      'token: must be text, not a number Put quotes around it.',
    ],
    ['the missing key of that branch', FORMS, { type: 'basic' }, '`user` is missing'],
    ['the kinds of a union', { anyOf: [{ type: 'string' }, { type: 'array' }] }, 5, 'must be text or a list, not a number'],
    ['nothing for null', { type: 'string' }, null, 'must be text, not nothing'],
    [
      'a missing key that was misspelt, first',
      { type: 'object', required: ['name'], properties: { name: {}, names: {} }, additionalProperties: false },
      { nmae: 1 },
      'nmae: unknown key `nmae` Did you mean `name`?',
    ],
    ['a long value, shortened', { type: 'string', enum: ['a'] }, 'x'.repeat(500), `must be \`a\`, not \`${'x'.repeat(57)}…\``],
  ])('names %s', (_, schema, value, wanted) => {
    const said = checkSchema(schema, value).map(
      ({ path, message, hint }) => `${path.length > 0 ? `${path.join('.')}: ` : ''}${message}${hint ? ` ${hint}` : ''}`,
    );
    expect(said).toEqual([wanted]);
  });

  test('every mistake, not the first only', () => {
    const schema = {
      type: 'object',
      properties: { a: { type: 'number' }, b: { items: { type: 'string' } } },
      required: ['c'],
      additionalProperties: false,
    };
    expect(checkSchema(schema, { a: 'x', b: [1, 'y', 2], longword: 1 })).toHaveLength(5);
  });

  test('values that are not known yet fit everything, around and inside', () => {
    const isOpen = (value: Json) => value === '?';
    expect(checkSchema(FORMS, '?', { isOpen })).toEqual([]);
    expect(checkSchema(FORMS, { type: 'basic', user: '?' }, { isOpen })).toEqual([]);
    expect(checkSchema({ type: 'array', items: { type: 'number' } }, ['?', 'x'], { isOpen })).toHaveLength(1);
  });
});

test('keywords that it does not look at are named, wherever they stand', () => {
  expect(
    unsupportedKeywords({ type: 'object', properties: { a: { not: {} }, b: { items: [{ if: {} }] }, c: false } }).sort(),
  ).toEqual(['false as a schema', 'if', 'items as a list', 'not']);
  expect(
    unsupportedKeywords({ properties: { if: {}, not: { enum: [{ else: 1 }] } }, additionalProperties: false, 'x-own': { a: 1 } }),
  ).toEqual([]);
});
