import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { type Rule, RuleFileSchema, startEmulator } from '../../src/emulator/index.ts';
import { ThreadlineError } from '../../src/shared/errors/errors.ts';
import { lookup, withEmulator } from './with-emulator.ts';

const MODEL = 'gpt-6-luna';

test.each<[string, Rule['when'] & object]>([
  ['part of the prompt', { prompt: 'disk' }],
  ['a regular expression on the prompt', { prompt: '/DISK\\s+is/i' }],
  ['a path in the prompt, which is not a regular expression', { prompt: '/var/log' }],
  ['part of the instructions', { instructions: 'on call' }],
  ['the name of an offered function', { tool: 'lookup' }],
  ['the model', { model: MODEL }],
  ['the path', { path: '/responses' }],
  ['several at once', { prompt: 'disk', model: '/^gpt-6/', turn: 0 }],
  ['nothing in particular', {}],
])('a rule can go by %s', (_what, when) =>
  withEmulator([{ when, text: 'matched' }], async ({ client }) => {
    const request = { model: MODEL, instructions: 'You are on call.', input: 'The disk is full: /var/log/x', tools: [lookup] };
    expect((await client.responses.create(request)).output_text).toBe('matched');
  }),
);

test('all conditions of a rule must hold, and the first rule that holds wins', () =>
  withEmulator(
    [{ when: { prompt: 'disk', model: 'other' }, text: 'a' }, { when: { prompt: 'disk' }, text: 'b' }, { text: 'c' }],
    async ({ client }) => {
      expect((await client.responses.create({ model: MODEL, input: 'disk' })).output_text).toBe('b');
      expect((await client.responses.create({ model: MODEL, input: 'cpu' })).output_text).toBe('c');
    },
  ));

test('a rule with times steps aside when it is used up', () =>
  withEmulator([{ text: 'first', times: 1 }, { text: 'then' }], async ({ client }) => {
    const ask = async () => (await client.responses.create({ model: MODEL, input: 'Hi' })).output_text;
    expect([await ask(), await ask(), await ask()]).toEqual(['first', 'then', 'then']);
  }));

test('a rule can make a path fail that asks no model, if it names it', () =>
  withEmulator(
    [{ when: { path: '/conversations/*/items' }, error: { status: 500 } }, { error: { status: 503 } }],
    async ({ client }) => {
      const { id } = await client.conversations.create();
      await expect(client.conversations.items.list(id)).rejects.toMatchObject({ status: 500 });
    },
  ));

test('a rule that lets a run expire holds for runs only', () =>
  withEmulator([{ expired: true }, { text: 'next' }], async ({ client }) => {
    expect((await client.responses.create({ model: MODEL, input: 'Hi' })).output_text).toBe('next');
  }));

test('texts of rules are never templates', () =>
  withEmulator([{ text: '{{prompt}}' }], async ({ client }) => {
    expect((await client.responses.create({ model: MODEL, input: 'Hi' })).output_text).toBe('{{prompt}}');
  }));

test.each<[string, Rule, string]>([
  ['a regular expression that is none', { when: { prompt: '/(/' }, text: 'x' }, 'rules[0].when.prompt'],
  ['no answer', { when: { prompt: 'x' } }, 'rules[0] needs exactly one answer'],
  ['two answers', { text: 'x', refusal: 'y' }, 'it has text and refusal'],
  ['a text that expires', { text: 'x', expired: true }, 'it has text and expired'],
])('a rule with %s is an error that names the rule', async (_what, rule, message) => {
  const starting = startEmulator({ rules: [rule] });
  await expect(starting).rejects.toThrow(message);
  await expect(starting).rejects.toThrow(ThreadlineError);
});

test('the schema of the rules file takes what rules may say and finds misspelt keys', () => {
  const validate = new Ajv().compile(RuleFileSchema);
  const rule = { when: { prompt: 'x', turn: 0 }, tool_calls: [{ name: 'f', arguments: { a: 1 } }], latency_ms: 5, times: 1 };
  expect(validate({ rules: [rule, { json: null }, { error: { status: 429, headers: { 'retry-after': 1 } } }] })).toBe(true);
  expect(validate({ rules: [{ when: { promt: 'x' }, text: 'y' }] })).toBe(false);
});

test('the rules in the documentation are valid', async () => {
  const page = readFileSync(new URL('../../docs/emulator.md', import.meta.url), 'utf8');
  const files = [...page.matchAll(/```yaml\n(.*?)```/gs)].map(([, text = '']) => parse(text));
  const validate = new Ajv().compile(RuleFileSchema);
  expect(files).toHaveLength(4);
  for (const file of files) {
    expect([validate(file), validate.errors]).toEqual([true, null]);
    await (await startEmulator(file)).close();
  }
});
