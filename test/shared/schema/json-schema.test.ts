import { describe, expect, test } from '@jest/globals';
import type { Json, JsonObject } from '../../../src/shared/json/json.ts';
import { checkJsonSchema, compileJsonSchema } from '../../../src/shared/schema/json-schema.ts';

const VERDICT: JsonObject = {
  type: 'object',
  properties: { severity: { type: 'string', enum: ['critical', 'low'] }, hosts: { type: 'array', items: { type: 'string' } } },
  required: ['severity'],
  additionalProperties: false,
};

describe('JSON Schemas that users write (F13)', () => {
  test.each<[string, Json, string, string]>([
    ['a type that does not exist', { type: 'strng' }, 'type', 'Did you mean `string`?'],
    ['a type in a list of types', { type: ['string', 'nul'] }, 'type.1', 'Did you mean `null`?'],
    ['a misspelt word', { requierd: [] }, 'requierd', 'Did you mean `required`?'],
    [
      'a misspelt word deep inside',
      { properties: { a: { anyOf: [{ items: { proprties: {} } }] } } },
      'properties.a.anyOf.0.items.proprties',
      'Did you mean `properties`?',
    ],
    ['required as a flag', { properties: { a: { required: true } } }, 'properties.a.required', ''],
    [
      'a required key that is not there',
      { properties: { severity: {} }, required: ['sevrity'] },
      'required.0',
      'Did you mean `severity`?',
    ],
    [
      'the same inside a definition',
      { $defs: { a: { properties: { bb: {} }, required: ['bbb'] } } },
      '$defs.a.required.0',
      'Did you mean `bb`?',
    ],
    ['a negative length', { minLength: -1 }, 'minLength', ''],
    ['an empty enum', { enum: [] }, 'enum', ''],
    ['text as a schema', 'object', '', ''],
    [
      'a reference to nothing',
      { items: { $ref: '#/$defs/hots' }, $defs: { host: {} } },
      'items.$ref',
      'Did you mean `#/$defs/host`?',
    ],
    ['a reference to another file', { $ref: 'host.json' }, '$ref', 'Write what it leads to under `$defs`.'],
  ])('%s', (_, schema, path, hint) => {
    const issues = checkJsonSchema(schema);
    expect(issues.map((issue) => [issue.path.join('.'), issue.hint ?? ''])).toEqual([[path, hint]]);
  });

  test.each<[string, Json]>([
    ['a schema', VERDICT],
    ['true', true],
    [
      'properties called like words of the language',
      { properties: { type: {}, enum: { type: 'string' }, required: {}, properties: {} }, required: ['type', 'required'] },
    ],
    [
      'data that looks like a schema',
      { const: { requierd: 1 }, default: { properties: { a: 1 }, required: ['b'] }, enum: [{ typ: 1 }] },
    ],
    ['an extension', { 'x-order': 1 }],
    ['a tree', { properties: { next: { $ref: '#' }, first: { $ref: '#/properties/next' } } }],
    ['a name that a pointer writes in another way', { $ref: '#/$defs/a~1b~0', $defs: { 'a/b~': {} } }],
    ['an anchor', { $ref: '#host', $defs: { host: { $anchor: 'host' } } }],
    ['an argument that is called $ref', { properties: { $ref: { type: 'string' } } }],
    ['a required key beside a $ref', { $ref: '#/$defs/a', required: ['x'], $defs: { a: {} } }],
  ])('%s is right', (_, schema) => {
    expect(checkJsonSchema(schema)).toEqual([]);
  });
});

describe('a compiled schema', () => {
  test('says all that is wrong with a value, with its place and what is allowed', async () => {
    const validate = await compileJsonSchema(VERDICT);
    expect(validate({ severity: 'low' })).toEqual([]);
    expect(validate({ severity: 'hgih', hosts: [1], extra: 1 })).toEqual([
      'the value must NOT have additional properties: extra',
      '/severity must be equal to one of the allowed values: ["critical","low"]',
      '/hosts/0 must be string',
    ]);
  });

  test('of a draft that the schema names is taken all the same', async () => {
    const validate = await compileJsonSchema({ $schema: 'http://json-schema.org/draft-07/schema#', type: 'number' });
    expect(validate('x')).toEqual(['the value must be number']);
  });

  test('that cannot be used says so', async () => {
    await expect(compileJsonSchema({ $ref: '#/$defs/none' })).rejects.toMatchObject({ code: 'invalid_params' });
    await expect(compileJsonSchema({ pattern: '[' })).rejects.toMatchObject({ code: 'invalid_params' });
  });
});

describe('a whole number beyond 2^53 in a JSON Schema that users write', () => {
  const ID = 12345678901234567890n;
  const validator = (schema: JsonObject) => compileJsonSchema({ properties: { id: { type: 'integer', ...schema } } });

  test.each<[string, JsonObject, Json, string[]]>([
    ['is an integer', {}, ID, []],
    ['is no text', { type: 'string' }, ID, ['/id must be string']],
    [
      'is compared with an enum by all digits',
      { enum: [ID] },
      ID + 1n,
      [`/id must be equal to one of the allowed values: [${ID}]`],
    ],
    ['is one of an enum', { enum: [1, ID] }, ID, []],
    ['is compared with a constant by all digits', { const: ID }, ID - 1n, ['/id must be equal to constant']],
    ['is above a least number', { minimum: 5 }, ID, []],
    ['is below a least number', { minimum: ID }, ID - 1n, [`/id must be >= ${ID}`]],
    ['is the greatest number', { maximum: 9223372036854775807n }, 9223372036854775807n, []],
    ['is above the greatest number', { exclusiveMaximum: ID }, ID, [`/id must be < ${ID}`]],
    ['is a multiple', { multipleOf: 10 }, ID, []],
    ['is no multiple', { multipleOf: 10 }, ID + 1n, ['/id must be multiple of 10']],
    ['does not make a small number too small', { maximum: ID }, 7, []],
  ])('%s', async (_, schema, id, mistakes) => {
    expect((await validator(schema))({ id })).toEqual(mistakes);
  });

  test('differs from its neighbours in a list without duplicates', async () => {
    const validate = await compileJsonSchema({ uniqueItems: true, items: { type: 'integer' } });
    expect(validate([ID, ID + 1n])).toEqual([]);
    expect(validate([ID, ID])).toEqual(['the value must NOT have duplicate items']);
  });

  test('stands beside names that have a rule of their own', async () => {
    const validate = await compileJsonSchema({ propertyNames: { enum: ['id'] }, properties: { id: { minimum: ID } } });
    expect(validate({ id: ID })).toEqual([]);
    expect(validate({ other: ID })).toContain('the value must be equal to one of the allowed values: ["id"]');
  });
});
