import { describe, expect, test } from '@jest/globals';
import type { Json, JsonObject } from 'threadline/provider';
import { lineOf, mistakes } from '../../../test/language/support.ts';
import { withAssistant } from '../testing/test-assistant.ts';
import { withOwnNames } from './other-names.ts';

const FLAT = { type: 'json_schema', name: 'verdict', schema: { type: 'object' }, strict: false };

describe('a parameter by another name', () => {
  test.each<[string, JsonObject, JsonObject]>([
    ['conversation_id', { conversation_id: 'conv_1' }, { thread_id: 'conv_1' }],
    ['system_prompt', { system_prompt: 'Be short.' }, { instructions: 'Be short.' }],
    ['max_wait_time', { max_wait_time: 120 }, { timeout: 120 }],
    ['max_tokens', { max_tokens: 10 }, { max_completion_tokens: 10 }],
    ['max_output_tokens', { max_output_tokens: 10 }, { max_completion_tokens: 10 }],
    ['structured_output_format', { structured_output_format: 'json_object' }, { response_format: 'json_object' }],
    ['text', { text: { format: FLAT } }, { response_format: { name: 'verdict', schema: { type: 'object' }, strict: false } }],
    ['text of a type', { text: { format: { type: 'json_object' } } }, { response_format: { type: 'json_object' } }],
    ['reasoning', { reasoning: { effort: 'low' } }, { reasoning_effort: 'low' }],
    ['truncation', { truncation: 'disabled' }, { truncation_strategy: 'none' }],
    ['user and service_tier', { user: 'a', service_tier: 'flex' }, { extra: { user: 'a', service_tier: 'flex' } }],
    ['max_tool_calls', { max_tool_calls: 3, extra: { seed: 1 } }, { extra: { seed: 1, max_tool_calls: 3 } }],
    ['assistant_id', { assistant_id: 'asst_1', wire: 'assistants' }, { assistant: 'asst_1', wire: 'assistants' }],
  ])('%s is taken as ours', (_, written, own) => {
    expect(withOwnNames(written)).toEqual(own);
  });

  const step = (params: string) =>
    `workflow:\n  id: w\n  steps:\n    - name: ask\n      provider: { type: openaiassistant, with: { model: m, prompt: hi, ${params} } }\n`;

  test.each(['system_prompt: x', 'max_tokens: 5', 'text: { format: { type: json_object } }', 'parse_json: true'])(
    '%s is right',
    async (params) => {
      expect((await mistakes(step(params))).filter(({ severity }) => severity !== 'note')).toEqual([]);
    },
  );

  test('is noted with our name', async () => {
    expect(await mistakes(step('max_output_tokens: 5'))).toMatchObject([
      { severity: 'note', code: 'provider-note', message: '`max_output_tokens` is `max_completion_tokens` here' },
    ]);
  });

  test.each([
    ['timeout: 5, max_wait_time: 6', 'mean the same'],
    ['max_tokens: 5, max_output_tokens: 6', 'mean the same'],
    ['extra: { user: b }, user: a', 'mean the same'],
    ['prompt_id: pmpt_1', 'Saved prompts end on 2026-11-30'],
    ['previous_response_id: resp_1', 'results.thread_id'],
    ['assistant_id: asst_1', 'ended with the Assistants API on 2026-08-26'],
    ['conversation_id: thread_1', 'threads ended with the Assistants API'],
    ['seed: 7', 'Write `extra: { seed: … }`'],
    ['text: { verbosity: low }', 'extra: { text: { verbosity'],
  ])('%s is refused, and the right name is said', async (params, said) => {
    const found = (await mistakes(step(params))).filter(({ severity }) => severity !== 'note');
    expect(found).toHaveLength(1);
    expect(lineOf(found[0] as never)).toContain(said);
    const key = params.split(',').at(-1)?.trim().split(':')[0] ?? '';
    const place = found[0]?.place.column ?? 0;
    expect(
      step(params)
        .split('\n')[4]
        ?.slice(place - 1),
    ).toMatch(new RegExp(`^(${key}|\\{? ?verbosity|asst_1|thread_1)`));
  });
});

describe("Keep's parameters and results", () => {
  test('reach the model, and come back by name', () =>
    withAssistant([{ text: '{"severity":"high"}' }], async ({ ask, asked }) => {
      const results = await ask({
        prompt: 'Why?',
        system_prompt: 'Be short.',
        max_tokens: 50,
        user: 'host-1',
        max_wait_time: 60,
      });
      expect(asked()[0]).toMatchObject({ instructions: 'Be short.', max_output_tokens: 50, user: 'host-1' });
      expect(results).toMatchObject({
        response: { severity: 'high' },
        raw_response: '{"severity":"high"}',
        conversation_id: results.thread_id,
      });
      expect(results.messages.map(({ role, content }) => [role, content])).toEqual([
        ['user', 'Why?'],
        ['assistant', '{"severity":"high"}'],
      ]);
    }));

  test.each<[boolean, Json]>([
    [true, { severity: 'high' }],
    [false, '{"severity":"high"}'],
  ])('`parse_json: %s` gives %j', (parse_json, response) =>
    withAssistant([{ text: '{"severity":"high"}' }], async ({ ask }) => {
      expect(await ask({ prompt: 'Why?', parse_json })).toMatchObject({ response });
    }),
  );
});
