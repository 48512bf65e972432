import { describe, expect, test } from '@jest/globals';
import { testStep } from 'threadline/testing';
import { withAssistant } from '../testing/test-assistant.ts';

const verdict = {
  type: 'object',
  properties: { severity: { enum: ['low', 'high'], type: 'string' }, action: { type: 'string' }, reason: { type: 'string' } },
  required: ['severity', 'action', 'reason'],
  additionalProperties: false,
};
const good = { severity: 'high', action: 'page', reason: 'disk full' };

describe('response_format', () => {
  test.each([
    ['json_object', 'json_object' as const],
    ["OpenAI's form of it", { type: 'json_object' as const }],
  ])('O3: %s brings the word that the API insists on', (_, format) =>
    withAssistant([{ json: good }], async ({ ask, asked }) => {
      const params = { instructions: 'Answer in JSON.', images: [{ url: 'https://x.example/json.png' }] };
      const { response, messages } = await ask({ prompt: 'Why?', ...params, response_format: format });
      expect(response).toEqual(good);
      expect(asked()[0]).toMatchObject({
        text: { format: { type: 'json_object' } },
        input: [
          {
            content: [
              { text: 'Why?' },
              { type: 'input_image' },
              { type: 'input_text', text: 'Respond with a valid JSON object.' },
            ],
          },
        ],
      });
      expect(messages[0]).toMatchObject({ role: 'user', text: 'Why?' });
    }),
  );

  test('O3: a prompt that has the word is left alone', () =>
    withAssistant([], async ({ ask, input }) => {
      await ask({ prompt: 'Answer as json', response_format: 'json_object' });
      expect(input(0)).toMatchObject([{ content: [{ text: 'Answer as json' }] }]);
    }));

  test('O3: so it is in the rounds after a function call', () =>
    withAssistant([{ when: { tool_output: 'up' }, json: good }, { tool_calls: [{ name: 'look' }] }], async ({ ask }) => {
      const tools = [{ function: 'look', provider: testStep(() => 'up') }];
      expect(await ask({ prompt: 'Why?', response_format: 'json_object', tools })).toMatchObject({ response: good });
      expect(await ask({ prompt: 'Why?', response_format: 'json_object', tools, store: false })).toMatchObject({
        response: good,
      });
    }));

  test.each([
    ['auto', 'auto' as const],
    ['text', 'text' as const],
    ["OpenAI's form of text", { type: 'text' as const }],
  ])('O4: %s asks for nothing', (_, format) =>
    withAssistant([{ text: 'Well.' }], async ({ ask, asked }) => {
      expect(await ask({ prompt: 'Why?', response_format: format })).toMatchObject({ response: 'Well.' });
      expect(asked()[0]).not.toHaveProperty('text');
    }),
  );

  test("O2: OpenAI's form of a schema, with name, description and strictness as given", () =>
    withAssistant([{ json: good }], async ({ ask, asked }) => {
      const json_schema = { name: 'verdict', description: 'What to do', schema: verdict, strict: false };
      await ask({ prompt: 'Why?', response_format: { type: 'json_schema', json_schema } });
      expect(asked()[0]?.text).toEqual({ format: { type: 'json_schema', ...json_schema } });
    }));

  test('O2: the schema may come from a file', () =>
    withAssistant([{ json: good }], async ({ ask, asked }) => {
      const response_format = { schema: 'verdict.json' };
      expect(await ask({ prompt: 'Why?', response_format }, { files: { 'verdict.json': verdict } })).toMatchObject({
        response: good,
      });
      expect(asked()[0]).toMatchObject({ text: { format: { schema: verdict } } });
    }));

  test('a file that holds no schema fails before anything is sent', () =>
    withAssistant([], async ({ failure, traffic }) => {
      const error = await failure({ prompt: 'Why?', response_format: { schema: 'list.json' } }, { files: { 'list.json': [1] } });
      expect(error).toMatchObject({ code: 'invalid_params', message: 'list.json does not hold a JSON Schema.' });
      expect(traffic()).toEqual([]);
    }));

  test.each([
    ['prose', 'The disk is full.', /there is no JSON in it/],
    ['JSON of another shape', '{"severity":"medium"}', /required property 'action'.*severity must be equal to one of/],
  ])('O2: %s instead of it fails, with the text that was paid for', (_, text, message) =>
    withAssistant([{ text }], async ({ failure, asked }) => {
      const error = await failure({ prompt: 'Why?', response_format: { schema: verdict } });
      expect(error).toMatchObject({
        code: 'invalid_output',
        hint: expect.stringContaining('`repair`'),
        details: { response: text },
      });
      expect(error.message).toMatch(message);
      expect(asked()).toHaveLength(1);
    }),
  );

  test('a list is no JSON object', () =>
    withAssistant([{ text: '[{"a":1}]' }], async ({ failure }) => {
      const error = await failure({ prompt: 'json', response_format: 'json_object' });
      expect(error).toMatchObject({ code: 'invalid_output', hint: expect.stringContaining('`schema` and `repair`') });
    }));

  test('what would not be JSON as it stands is made out of it, and says so', () =>
    withAssistant([{ text: "Here: {'severity': 'high', 'action': 'page', 'reason': 'disk full',}" }], async ({ ask }) => {
      const { response, json } = await ask({ prompt: 'Why?', response_format: { schema: verdict } });
      expect({ response, json }).toEqual({ response: good, json: { ok: true, how: 'repaired', error: null } });
    }));

  test('repair asks again with what is wrong, and takes the answer that fits; usage is the sum', () =>
    withAssistant(
      [
        { text: '{"severity":"medium"}', times: 1 },
        { when: { prompt: 'does not fit' }, json: good },
      ],
      async ({ ask, asked, events }) => {
        const { response, usage, messages } = await ask({ prompt: 'Why?', response_format: { schema: verdict, repair: 1 } });
        expect(response).toEqual(good);
        expect(asked()).toHaveLength(2);
        expect(JSON.stringify(asked()[1]?.input)).toMatch(/severity must be equal to one of the allowed values/);
        expect(asked()[1]).toMatchObject({ conversation: asked()[0]?.conversation, text: asked()[0]?.text });
        const parts = events.flatMap((event) => (event.type === 'usage' ? [event.usage.total_tokens] : []));
        expect(parts).toHaveLength(2);
        expect(usage.total_tokens).toBe((parts[0] ?? 0) + (parts[1] ?? 0));
        expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user', 'assistant']);
      },
    ));

  const BOTH = `${JSON.stringify(good)} … the alert tries to set ${JSON.stringify({ ...good, severity: 'low', action: 'ignore' })}`;

  test('two answers that fit are asked about, and neither is taken', () =>
    withAssistant(
      [
        { text: BOTH, times: 1 },
        { when: { prompt: 'two different answers' }, json: good },
      ],
      async ({ ask }) => {
        expect(await ask({ prompt: 'Why?', response_format: { schema: verdict, repair: 1 } })).toMatchObject({ response: good });
      },
    ));

  test.each([{ schema: verdict }, 'json_object' as const])(
    'two answers that fit fail, and both are shown: %j',
    (response_format) =>
      withAssistant([{ text: BOTH }], async ({ failure }) => {
        const error = await failure({ prompt: 'Why? As json.', response_format });
        expect(error.code).toBe('invalid_output');
        expect(error.message).toMatch(/two different answers, \{"severity":"high".*and \{"severity":"low"/);
      }),
  );

  test('repair ends after so many times', () =>
    withAssistant([{ text: 'No.' }], async ({ failure, asked }) => {
      const error = await failure({ prompt: 'Why?', response_format: { schema: verdict, repair: 2 } });
      expect(error.message).toMatch(/after 2 re-asks: there is no JSON in it/);
      expect(asked()).toHaveLength(3);
    }));

  test('a schema that is none fails before anything is sent', () =>
    withAssistant([], async ({ failure, traffic }) => {
      const schema = { type: 'object', properties: { a: { pattern: '(' } } };
      expect(await failure({ prompt: 'Why?', response_format: { schema } })).toMatchObject({ code: 'invalid_params' });
      expect(traffic()).toEqual([]);
    }));
});
