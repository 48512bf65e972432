import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { loadWorkflow, openRegistry, runWorkflow } from '../../src/index.ts';
import type { JsonObject } from '../../src/shared/json/json.ts';
import { folderWith } from '../support/cli.ts';
import { lineOf, mistakes } from './support.ts';

/** A stranger's provider, whose parameters are text, text or a map, one of two words, and a map of texts. */
const SAY = `const text = { type: 'string', minLength: 1 };
export default {
  description: 'Returns its parameters.',
  config: { type: 'object', properties: {}, additionalProperties: false },
  params: {
    type: 'object',
    properties: {
      text,
      either: { anyOf: [text, { type: 'object', additionalProperties: true }] },
      word: { type: 'string', enum: ['1', '2'] },
      number: { anyOf: [{ type: 'number' }, { type: 'string' }] },
      fields: { type: 'object', additionalProperties: { type: 'string' } },
      list: { type: 'array', items: text },
    },
    additionalProperties: false,
  },
  run: async (params) => params,
};
`;
const registry = openRegistry([folderWith({ 'say/index.mjs': SAY })]);

const alert = {
  fingerprint: 'f',
  id: 5,
  big: 1e21,
  flag: true,
  nothing: null,
  labels: { team: 'db' },
  tags: ['a', 'b'],
  name: 'disk',
};

async function say(params: string) {
  const file = join(
    folderWith({
      'w.yml': `id: w\ntriggers: [{ type: alert }]\nsteps:\n  - { name: say, provider: { type: say, with: { ${params} } } }\n`,
    }),
    'w.yml',
  );
  const { plan, diagnostics } = await loadWorkflow(file, registry);
  if (!plan) throw new Error(diagnostics.map((one) => one.message).join('\n'));
  const { steps, error } = await runWorkflow(plan, { registry, environment: {}, alert });
  return { results: steps.say?.results as JsonObject, error };
}

describe('a parameter that is text takes any value of a template', () => {
  test.each([
    ['text: "{{ alert.labels }}"', { text: '{"team":"db"}' }],
    ['text: "{{ alert.tags }}"', { text: '["a","b"]' }],
    ['text: "{{ alert.id }}"', { text: '5' }],
    ['text: "{{ alert.flag }}"', { text: 'true' }],
    ['text: "{{ alert.name }}"', { text: 'disk' }],
    ['text: "keep.len({{ alert.tags }})"', { text: '2' }],
    ['text: { key: "{{ alert.nope }}", default: 7 }', { text: '7' }],
    ['fields: { id: "{{ alert.id }}", team: "{{ alert.labels }}" }', { fields: { id: '5', team: '{"team":"db"}' } }],
    ['list: ["{{ alert.id }}"]', { list: ['5'] }],
    ['word: "{{ 1 }}"', { word: '1' }],
  ])('%s', async (params, results) => {
    expect(await say(params)).toMatchObject({ results, error: null });
  });

  test.each([
    ['either: "{{ alert.labels }}"', { either: { team: 'db' } }],
    ['either: "{{ alert.id }}"', { either: '5' }],
    ['number: "{{ alert.id }}"', { number: 5 }],
    ['number: "{{ alert.tags }}"', { number: '["a","b"]' }],
  ])('one that may be something else takes that as it is: %s', async (params, results) => {
    expect(await say(params)).toMatchObject({ results, error: null });
  });

  test('null is refused, for nobody said what to take then', async () => {
    expect((await say('text: "{{ alert.nothing }}"')).error).toMatchObject({
      code: 'invalid_params',
      message: expect.stringContaining('`text` must be text, not nothing'),
      hint: expect.stringContaining('{{ default x'),
    });
  });

  test.each([
    ['word: "{{ alert.labels }}"', '`word` must be text, not a map'],
    ['word: "{{ alert.id }}"', '`word` must be'],
  ])('what is no word of those that are known is refused: %s', async (params, message) => {
    expect((await say(params)).error).toMatchObject({ code: 'invalid_params', message: expect.stringContaining(message) });
  });
});

test('a tag in a key of a map is a mistake, for keys stay as they are written', async () => {
  const lines = ['json: { "{{ alert.name }}": 1 }', 'json: { a: [{ "x-{{ alert.id }}": 1 }] }'].map(async (params) =>
    (
      await mistakes(
        `workflow:\n  id: t\n  triggers: [{ type: alert }]\n  steps:\n    - { name: a, provider: { type: http, with: { url: "https://x.example/", method: POST, ${params} } } }\n`,
      )
    ).map(lineOf),
  );
  const line = expect.stringMatching(/ template a `\{\{ \}\}` in a key is not filled \| .*dict_set/);
  expect(await Promise.all(lines)).toEqual([[line], [line]]);
});
