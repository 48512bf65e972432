import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from 'threadline/provider';
import type { Rule } from '../../../src/emulator/index.ts';
import { failureOf, runAssistant, withAssistant } from '../testing/test-assistant.ts';

const verdict = {
  type: 'object',
  properties: { severity: { enum: ['low', 'high'], type: 'string' }, action: { type: 'string' }, reason: { type: 'string' } },
  required: ['severity', 'action', 'reason'],
  additionalProperties: false,
};
const good = { severity: 'high', action: 'page', reason: 'disk full' };

describe.each([true, false])('with stream: %s', (stream) => {
  test('T1 T13 T15: a text is the response, and says where it comes from', () =>
    withAssistant([{ text: 'The disk is full.' }], async ({ ask, traffic }) => {
      const results = await ask({ prompt: 'Why?', stream });
      expect(results).toMatchObject({
        response: 'The disk is full.',
        text: 'The disk is full.',
        thread_id: expect.stringMatching(/^conv_/),
        run_id: expect.stringMatching(/^resp_/),
        status: 'completed',
        model: 'gpt-6-luna',
        wire: 'responses',
        tool_calls: [],
        annotations: [],
        cost_usd: null,
        fallbacks: [],
        json: { ok: false, how: null, error: 'there is no JSON in it' },
        server_response: { object: 'response', status: 'completed' },
      });
      const { prompt_tokens: prompt, completion_tokens: completion, total_tokens: total } = results.usage;
      expect(prompt).toBeGreaterThan(0);
      expect(total).toBe((prompt as number) + (completion as number));
      expect(traffic()).toEqual(['POST /conversations', 'POST /responses']);
    }));

  test('O1: JSON that nobody asked for is data too, and the text stays', () =>
    withAssistant([{ text: `Here: ${JSON.stringify(good)}` }], async ({ ask, asked }) => {
      const results = await ask({ prompt: 'Why?', stream });
      expect(results).toMatchObject({ response: good, text: `Here: ${JSON.stringify(good)}`, json: { ok: true, how: 'span' } });
      expect(asked()[0]).not.toHaveProperty('text');
    }));

  test('O2 O11: a schema is enforced by the server and checked here', () =>
    withAssistant([{ when: { schema: 'output' }, json: good }], async ({ ask, asked }) => {
      const { response, json } = await ask({ prompt: 'Why?', response_format: { schema: verdict }, stream });
      expect({ response, json }).toEqual({ response: good, json: { ok: true, how: 'json', error: null } });
      expect(asked()[0]?.text).toEqual({ format: { type: 'json_schema', name: 'output', schema: verdict, strict: true } });
    }));

  test.each<[string, Rule, object]>([
    [
      'T17: a failed run',
      { failed: { code: 'server_error', message: 'It crashed.' } },
      { code: 'run_failed', retryable: true, message: expect.stringContaining('server_error: It crashed.') },
    ],
    [
      'a run that failed because of the rate',
      { failed: { code: 'rate_limit_exceeded', message: 'Rate limit reached on requests per min (RPM): Limit 3.' } },
      { code: 'rate_limit', retryable: true, message: expect.stringContaining('rate_limit_exceeded: Rate limit') },
    ],
    [
      'a run that failed because of the limit of a day',
      { failed: { code: 'rate_limit_exceeded', message: 'Rate limit reached on requests per day (RPD): Limit 200.' } },
      { code: 'quota_exceeded', retryable: false },
    ],
    [
      'T17: a prompt that is refused for good',
      { failed: { code: 'invalid_prompt', message: 'No.' } },
      { code: 'run_failed', retryable: false },
    ],
    [
      'a refusal',
      { refusal: 'I cannot help with that.' },
      { code: 'refused', retryable: false, message: 'The model refused: I cannot help with that.' },
    ],
    [
      'T17: an answer that is cut off',
      { incomplete: 'max_output_tokens', text: 'It was a' },
      { code: 'incomplete', hint: 'Raise `max_completion_tokens`.', details: expect.objectContaining({ response: 'It was a' }) },
    ],
    [
      'T17: an answer that is held back',
      { incomplete: 'content_filter', text: 'It' },
      { code: 'incomplete', message: 'The answer was cut off: content_filter.', hint: undefined },
    ],
    ['an empty answer', { text: ' \n' }, { code: 'empty_output' }],
  ])('%s is a failure with the ids of thread, run and request', (_, rule, failure) =>
    withAssistant([rule], async ({ failure: failed, asked }) => {
      const error = await failed({ prompt: 'Why?', stream });
      expect(error).toMatchObject(failure);
      expect(error.details).toMatchObject({
        thread_id: expect.stringMatching(/^conv_/),
        run_id: expect.stringMatching(/^resp_/),
        request_id: expect.stringMatching(/^req_/),
        usage: { cost_usd: null },
      });
      expect(asked()).toHaveLength(1);
    }),
  );
});

describe('thoughts that a server leaves in the text', () => {
  const THOUGHT = '<think>Is it the disk? {"severity":"low"}</think>\n\nThe disk is full.';

  test.each(['chat', 'responses'] as const)('are not in text, response and history, nor sent back, over %s', (wire) =>
    withAssistant([{ text: THOUGHT }], async ({ ask, emulator }) => {
      const first = await ask({ prompt: 'Why?', wire });
      expect(first.text.trim()).toBe('The disk is full.');
      expect(first.response).toBe(first.text);
      expect(JSON.stringify(first.messages)).not.toContain('think');
      const second = await ask({ prompt: 'And now?', wire, thread_id: String(first.thread_id) });
      expect(second.messages).toHaveLength(4);
      expect(JSON.stringify(second.messages)).not.toContain('think');
      await ask({ prompt: 'At last?', wire: 'chat', thread_id: String(first.thread_id) });
      const { body } = emulator.requests.at(-1) as { body: JsonObject };
      expect(JSON.stringify(body)).toContain('The disk is full.');
      expect(JSON.stringify(body)).not.toContain('think');
    }),
  );

  test('and nothing else are an empty answer', () =>
    withAssistant([{ text: '<think>Is it the disk?</think>' }], async ({ failure }) => {
      expect(await failure({ prompt: 'Why?' })).toMatchObject({ code: 'empty_output' });
    }));
});

test('a function call written as text is no answer, also where text is wanted', () =>
  withAssistant([{ text: '<tool_call>\n{"name":"page","arguments":{}}\n</tool_call>' }], async ({ failure }) => {
    expect(await failure({ prompt: 'Why?' })).toMatchObject({
      code: 'invalid_output',
      message: 'The answer cannot be used: it is a function call written as text.',
      hint: expect.stringContaining('function calls'),
    });
  }));

describe('streaming', () => {
  test('O8: text arrives in pieces that make up the whole', () =>
    withAssistant([{ text: 'one two three four' }], async ({ ask, events }) => {
      const { text } = await ask({ prompt: 'Count' });
      const pieces = events.flatMap((event) => (event.type === 'text-delta' ? [event.text] : []));
      expect(pieces.length).toBeGreaterThan(1);
      expect(pieces.join('')).toBe(text);
    }));

  test('O8: without it there are no pieces', () =>
    withAssistant([{ text: 'one two' }], async ({ ask, events }) => {
      await ask({ prompt: 'Count', stream: false });
      expect(events.map(({ type }) => type)).toEqual(['progress', 'usage']);
    }));

  test('T15: a run that is queued first is waited for', () =>
    withAssistant([{ text: 'Done.', chunk_latency_ms: 5 }], async ({ ask }) => {
      expect(await ask({ prompt: 'Go', extra: { background: true } })).toMatchObject({ text: 'Done.', status: 'completed' });
    }));

  test('T15: without a stream, a run that is put off is no empty answer', () =>
    withAssistant([{ text: 'Done.', latency_ms: 50 }], async ({ failure }) => {
      const error = await failure({ prompt: 'Go', stream: false, extra: { background: true } });
      expect(error).toMatchObject({ code: 'unsupported', hint: 'Leave `background` out of `extra`.' });
      expect(error.message).toMatch(/its status is queued/);
    }));
});

test('no model is a mistake that names the places for it', async () => {
  const error = await failureOf(
    runAssistant({ prompt: 'Hi', model: undefined as never }, { config: { base_url: 'http://localhost:1/v1' } }),
  );
  expect(error).toMatchObject({ code: 'invalid_params', message: 'No model is named.' });
});
