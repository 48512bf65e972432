import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from 'threadline/provider';
import { testStep } from 'threadline/testing';
import { withAssistant } from '../testing/test-assistant.ts';
import { checkParams } from './check.ts';

const closed = (properties: JsonObject, more: JsonObject = {}): JsonObject => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
  ...more,
});
const text: JsonObject = { type: 'string' };
const nested = (levels: number): JsonObject => closed({ a: levels > 1 ? nested(levels - 1) : text });
const enumOf = (count: number): JsonObject => ({
  type: 'string',
  enum: Array.from({ length: count }, (_, index) => `v${index}`),
});

/** A schema, and how it is judged: as it is, and with `strict: true`. */
type Verdict = 'taken' | 'refused';
const SCHEMAS: [name: string, schema: JsonObject, plain: Verdict, strict: Verdict][] = [
  ['a closed object', closed({ a: text, b: { type: ['integer', 'null'], minimum: 1 } }), 'taken', 'taken'],
  ['no keys', closed({}), 'taken', 'taken'],
  ['a list of closed objects', closed({ a: { type: 'array', items: closed({ b: text }), maxItems: 3 } }), 'taken', 'taken'],
  ['a choice within', closed({ a: { anyOf: [text, closed({ b: text })] } }), 'taken', 'taken'],
  ['definitions', closed({ a: { $ref: '#/$defs/b' } }, { $defs: { b: closed({ c: text }) } }), 'taken', 'taken'],
  ['a tree', closed({ a: { anyOf: [{ $ref: '#' }, { type: 'null' }] } }), 'taken', 'taken'],
  ['keys that are called like keywords', closed({ items: text, anyOf: text, $ref: text }), 'taken', 'taken'],
  ['ten levels', nested(10), 'taken', 'taken'],
  ['a thousand values', closed({ a: enumOf(1000) }), 'taken', 'taken'],
  ['an open object', { type: 'object', properties: { a: text }, required: ['a'] }, 'taken', 'refused'],
  ['an object without properties', closed({ a: { type: 'object', additionalProperties: false } }), 'taken', 'refused'],
  ['an object of any keys', closed({ a: { type: 'object', additionalProperties: text, properties: {} } }), 'taken', 'refused'],
  ['a key that may be missing', { ...closed({ a: text }), required: [] }, 'taken', 'refused'],
  ['an object that may be null and is open', closed({ a: { type: ['object', 'null'], properties: {} } }), 'taken', 'refused'],
  ['a key beside a $ref', closed({ a: { $ref: '#/$defs/b', description: 'More.' } }, { $defs: { b: text } }), 'taken', 'refused'],
  ['a reference to another key', closed({ a: text, b: { $ref: '#/properties/a' } }), 'taken', 'refused'],
  ['oneOf within', closed({ a: { oneOf: [text, { type: 'null' }] } }), 'taken', 'refused'],
  ['allOf within', closed({ a: { allOf: [text] } }), 'taken', 'refused'],
  ['a place of no type', closed({ a: { description: 'Anything.' } }), 'taken', 'refused'],
  ['words of no type', closed({ a: { enum: ['x', 'y'] } }), 'taken', 'refused'],
  ['a list of anything', closed({ a: { type: 'array', items: {} } }), 'taken', 'refused'],
  ['a length', closed({ a: { type: 'string', maxLength: 9 } }), 'taken', 'refused'],
  ['a default', closed({ a: { type: 'string', default: 'x' } }), 'taken', 'refused'],
  ['a format of addresses', closed({ a: { type: 'string', format: 'uri' } }), 'taken', 'refused'],
  ['a pattern that looks ahead', closed({ a: { type: 'string', pattern: '^(?!x)' } }), 'taken', 'refused'],
  ['a value of another type', closed({ a: { type: 'string', enum: ['x', 1] } }), 'taken', 'refused'],
  ['eleven levels', nested(11), 'taken', 'refused'],
  ['more than a thousand values', closed({ a: enumOf(1001) }), 'taken', 'refused'],
  ['a list without items', closed({ a: { type: 'array' } }), 'refused', 'refused'],
  ['a list without items, far within', closed({ a: { anyOf: [{ type: ['array', 'null'] }, text] } }), 'refused', 'refused'],
  ['a list of several schemas', closed({ a: { type: 'array', items: [text] } }), 'refused', 'refused'],
  ['anyOf at the root', { anyOf: [closed({ a: text }), closed({ b: text })] }, 'refused', 'refused'],
  ['anyOf beside the type of the root', { ...closed({ a: text }), anyOf: [{ required: ['a'] }] }, 'refused', 'refused'],
  ['a root of no type', { properties: { a: text } }, 'refused', 'refused'],
  ['a root that may be an object', { type: ['object', 'null'], properties: { a: text } }, 'refused', 'refused'],
  ['a $ref at the root', { $ref: '#/$defs/a', $defs: { a: closed({ b: text }) } }, 'refused', 'refused'],
  ['nothing', {}, 'refused', 'refused'],
];

const everyWay = SCHEMAS.flatMap(([name, schema, plain, strict]): [string, Verdict, JsonObject, boolean | undefined][] => [
  [name, plain, schema, undefined],
  [`${name}, strict`, strict, schema, true],
]);

const validate = (params: JsonObject): Verdict => {
  const problems = checkParams(params, { data: () => undefined, exists: () => true, workflow: () => undefined });
  for (const { severity = 'error', hint } of problems) expect([severity, typeof hint]).toEqual(['error', 'string']);
  return problems.length === 0 ? 'taken' : 'refused';
};

const REFUSED = /^invalid_(json_schema|function_parameters)$/;

describe.each(['responses', 'chat'] as const)('over %s', (wire) => {
  /** Whether the emulator takes the request that the step makes of it. */
  const emulator = async (params: JsonObject): Promise<Verdict> => {
    let verdict: Verdict = 'taken';
    await withAssistant([], async ({ ask }) => {
      await ask({ wire, ...params }).catch(({ code, details }) => {
        // What cannot be compiled here is not even sent.
        expect(code === 'invalid_params' ? 'invalid_json_schema' : details.api_code).toMatch(REFUSED);
        verdict = 'refused';
      });
    });
    return verdict;
  };

  test.each(everyWay)('for an answer, %s is %s, by validate and by the server alike', async (_, verdict, schema, strict) => {
    const params = { prompt: 'Hi', response_format: { schema, ...(strict ? { strict } : {}) } };
    expect({ validate: validate(params), emulator: await emulator(params) }).toEqual({ validate: verdict, emulator: verdict });
  });

  test.each(everyWay)('for arguments, %s is %s, by validate and by the server alike', async (_, verdict, parameters, strict) => {
    const look = { function: 'look', parameters, ...(strict ? { strict } : {}) };
    const validated = validate({ prompt: 'Hi', tools: [{ ...look, provider: { type: 'http', with: {} } }] });
    const asked = await emulator({ prompt: 'Hi', tools: [{ ...look, provider: testStep(() => 'ok') as never }] });
    expect({ validate: validated, emulator: asked }).toEqual({ validate: verdict, emulator: verdict });
  });
});

describe('an answer that is no object', () => {
  const BARE: [string, JsonObject, unknown][] = [
    ['a word', { type: 'string', enum: ['high', 'low'] }, 'high'],
    ['a word of no type', { enum: ['high', 'low'] }, 'high'],
    ['a number', { type: 'integer', minimum: 3 }, 3],
    ['a boolean', { type: 'boolean' }, false],
    ['null', { type: 'null' }, null],
    ['what may be null', { type: ['number', 'null'] }, 0],
    [
      'a list',
      { type: 'array', minItems: 1, items: { $ref: '#/$defs/host' }, $defs: { host: closed({ a: text }) } },
      [{ a: 'offline' }],
    ],
    ['a list of anything', { type: 'array' }, []],
    ['a list of itself', { type: 'array', items: { $ref: '#' } }, []],
  ];

  test.each(BARE)('is asked for in an object, and given without it: %s', async (_, schema, response) => {
    expect(validate({ prompt: 'Hi', response_format: { schema } })).toBe('taken');
    for (const wire of ['responses', 'chat'] as const)
      await withAssistant([], async ({ ask }) => {
        const results = await ask({ prompt: 'Hi', wire, response_format: { schema } });
        expect(results).toMatchObject({ response, json: { ok: true } });
        expect(JSON.parse(results.text)).toEqual({ answer: response });
      });
  });

  const severity = { schema: { type: 'string', enum: ['high', 'low'] } };
  test.each<[string, JsonObject, string, unknown]>([
    ['a bare word', severity, 'high', 'high'],
    ['a word in quotes', severity, '"high"', 'high'],
    ['a fence', severity, '```json\n{"answer": "high"}\n```', 'high'],
    ['words around it', severity, 'Here it is: {"answer": "high"}', 'high'],
    ['a thought before it', severity, '<think>{"answer": "low"}?</think>{"answer": "high"}', 'high'],
    ['a number', { schema: { type: 'integer' } }, '3', 3],
    ['an enclosed number', { schema: { type: 'integer' } }, '{"answer": 3}', 3],
    ['a list', { schema: { type: 'array', items: text } }, '["a"]', ['a']],
    ['an enclosed list', { schema: { type: 'array', items: text } }, '{"answer": ["a"]}', ['a']],
    ['null', { schema: { type: ['string', 'null'], enum: ['high', null] } }, '{"answer": null}', null],
  ])('is read with and without the object: %s', (_, response_format, answer, response) =>
    withAssistant([{ text: answer }], async ({ ask }) => {
      expect(await ask({ prompt: 'Hi', response_format: response_format as never })).toMatchObject({ response });
    }),
  );

  test.each([
    ['two different ones', '{"answer": "low"}\n{"answer": "high"}'],
    ['another key', '{"severity": "high"}'],
    ['more than one key', '{"answer": "high", "sure": false}'],
    ['a cut one', '{"answer": "hi'],
    ['a word that does not fit', '{"answer": "middling"}'],
  ])('is refused where it is not plain: %s', (_, answer) =>
    withAssistant([{ text: answer }], async ({ failure }) => {
      expect(await failure({ prompt: 'Hi', response_format: severity as never })).toMatchObject({ code: 'invalid_output' });
    }),
  );

  test('is told so where a server cannot be told a format', () =>
    withAssistant([{ when: { instructions: '"answer"' }, text: '```json\n{"answer": "low"}\n```' }], async ({ ask }) => {
      const response_format = { schema: { type: 'string', enum: ['high', 'low'] } };
      const config = { capabilities: { json_schema: false } };
      expect(await ask({ prompt: 'Hi', response_format }, { config })).toMatchObject({ response: 'low' });
    }));

  test('is asked for again where what is enclosed does not fit', () =>
    withAssistant(
      [{ when: { turn: 0 }, text: '{"answer": "middling"}' }, { text: '{"answer": "high"}' }],
      async ({ ask, input }) => {
        const response_format = { schema: { type: 'string', enum: ['high', 'low'] }, repair: 1 };
        expect(await ask({ prompt: 'Hi', response_format })).toMatchObject({ response: 'high' });
        expect(JSON.stringify(input(1))).toMatch(/must be equal to one of the allowed values/);
      },
    ));
});

test('an answer of one key is what it is where its schema is an object', () =>
  withAssistant([{ text: '{"answer": "high"}' }], async ({ ask }) => {
    const results = await ask({ prompt: 'Hi', response_format: { schema: closed({ answer: text }) } });
    expect(results.response).toEqual({ answer: 'high' });
  }));
