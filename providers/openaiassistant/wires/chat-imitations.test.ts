import { describe, expect, test } from '@jest/globals';
import type { Json, JsonObject } from 'threadline/provider';
import type { Params } from '../contract/schema.ts';
import { type Answer, events, imitate } from './test-imitation.ts';

const said = (message: Json, more: JsonObject = {}): Answer => ({ json: { choices: [{ message, ...more }] } });
const delta = (piece: Json, more: JsonObject = {}): Json => ({ choices: [{ delta: piece, ...more }] });
const stop = delta({}, { finish_reason: 'stop' });
const answers = (answer: Answer) => imitate('chat', () => answer);

describe('a completion', () => {
  test.each<[string, Answer, string]>([
    ['without id, model, usage and reason to finish', said({ content: 'Disk full.' }), 'Disk full.'],
    [
      'with nulls in their place',
      { json: { id: null, model: null, usage: null, choices: [{ message: { content: 'Full.' }, finish_reason: 'stop' }] } },
      'Full.',
    ],
    [
      'in parts',
      said({
        content: [
          { type: 'text', text: 'Disk' },
          { type: 'text', text: 'full.' },
        ],
      }),
      'Disk\nfull.',
    ],
    [
      'in parts, thoughts among them',
      said({
        content: [
          { type: 'reasoning', text: 'Hm.' },
          { type: 'thinking', thinking: [{ type: 'text', text: 'Hm.' }] },
          { type: 'text', text: 'Full.' },
        ],
      }),
      'Full.',
    ],
    ['in parts that are strings', said({ content: ['Full.'] }), 'Full.'],
    ['with thoughts beside it', said({ content: 'Full.', reasoning_content: 'Is it {"a":1}?', reasoning: 'Hm.' }), 'Full.'],
    ['with a reason of its own', said({ content: 'Full.' }, { finish_reason: 'eos_token' }), 'Full.'],
    ['with an empty list of calls', said({ content: 'Full.', tool_calls: [] }, { finish_reason: 'tool_calls' }), 'Full.'],
  ])('%s is read', async (_, answer, text) => {
    expect(await (await answers(answer)).ask()).toMatchObject({ text, status: 'completed' });
  });

  test.each<[string, Answer, object]>([
    ['of thoughts alone', said({ content: null, reasoning_content: 'The disk is full.' }), { code: 'empty_output' }],
    ['of nothing', said({ content: '' }), { code: 'empty_output' }],
    ['without choices', { json: { id: 'x', choices: [] } }, { code: 'server_error', retryable: false }],
    [
      'that was cut, in capitals',
      said({ content: 'Fu' }, { finish_reason: 'MAX_TOKENS' }),
      { code: 'incomplete', message: 'The answer was cut off: max_output_tokens.' },
    ],
    ['that was cut, in other words', said({ content: 'Fu' }, { finish_reason: 'model_length' }), { code: 'incomplete' }],
    [
      'whose reason to finish is null',
      said({ content: 'The disk is full; do NOT ' }, { finish_reason: null }),
      { code: 'incomplete', message: expect.stringContaining('`finish_reason` is null') },
    ],
    ['whose reason to finish is empty', said({ content: 'Fu' }, { finish_reason: '' }), { code: 'incomplete' }],
    [
      'that comes beside an error',
      { json: { error: { message: 'The provider is gone.', code: 502 }, choices: [{ message: { content: 'Fu' } }] } },
      { code: 'server_error', message: 'The API answered 502: The provider is gone.' },
    ],
    [
      'that was held back',
      said({ content: 'Fu' }, { finish_reason: 'SAFETY' }),
      { code: 'incomplete', message: 'The answer was cut off: content_filter.' },
    ],
    [
      'that failed',
      said({ content: 'Fu' }, { finish_reason: 'error' }),
      { code: 'run_failed', message: 'The server ended the run as failed: error.' },
    ],
  ])('%s is a failure', async (_, answer, failure) => {
    expect(await (await answers(answer)).failure()).toMatchObject(failure);
  });
});

describe.each([true, false])('an error with status 200 (stream: %s)', (stream) => {
  test.each<[string, Json, object]>([
    [
      'with its words',
      { error: { message: 'No model is loaded.', type: 'x' } },
      { code: 'server_error', message: 'The API reports an error: No model is loaded.' },
    ],
    [
      'with a status as its code',
      { error: { message: 'Slow down.', code: 429 } },
      { code: 'rate_limit', retryable: true, message: 'The API answered 429: Slow down.' },
    ],
    ['of the quota', { error: { message: 'Pay.', type: 'insufficient_quota' } }, { code: 'quota_exceeded', retryable: false }],
    [
      'of the request',
      { error: { message: 'No.', type: 'invalid_request_error', param: 'top_p' } },
      { code: 'bad_request', retryable: false, details: expect.objectContaining({ param: 'top_p' }) },
    ],
    [
      'without words',
      { error: { status: 'UNAVAILABLE' } },
      { code: 'server_error', message: expect.stringContaining('UNAVAILABLE') },
    ],
  ])('%s', async (_, json, failure) => {
    const whole = await answers({ json });
    expect(await whole.failure({ stream })).toMatchObject(failure);
    expect(whole.requests).toHaveLength(1);
    if (!stream) return;
    const broken = await answers({ stream: events(delta({ content: 'Disk' }), json) });
    expect(await broken.failure({ stream })).toMatchObject(failure);
  });
});

describe('a stream', () => {
  const streamed: Params = { stream: true };
  test.each<[string, string, string]>([
    ['without [DONE]', events(delta({ content: 'Disk ' }), delta({ content: 'full.' }), stop), 'Disk full.'],
    ['with Windows lines', `${events(delta({ content: 'Full.' }), stop)}data: [DONE]\n\n`.replaceAll('\n', '\r\n'), 'Full.'],
    ['with comments', `: ping\n\n${events(delta({ content: 'Full.' }))}:\n\n${events(stop)}`, 'Full.'],
    [
      'with chunks of nothing',
      events(
        {},
        { choices: [] },
        { choices: null },
        { choices: [{}] },
        delta(null),
        delta({ content: null }),
        delta({ content: 'Full.' }),
        stop,
      ),
      'Full.',
    ],
    [
      'whose reason comes late',
      events(
        delta({ content: 'Full.' }),
        delta({}),
        { choices: [{ delta: {}, finish_reason: null }] },
        { choices: [{ finish_reason: 'stop' }] },
      ),
      'Full.',
    ],
    ['whose reason comes with the text', events(delta({ content: 'Full.' }, { finish_reason: 'stop' })), 'Full.'],
    [
      'whose reason comes with each chunk',
      events(delta({ content: 'Disk ' }, { finish_reason: '' }), delta({ content: 'full.' }, { finish_reason: 'stop' })),
      'Disk full.',
    ],
    [
      'with thoughts',
      events(delta({ reasoning_content: '{"a":1}' }), delta({ reasoning: 'Hm.' }), delta({ content: 'Full.' }), stop),
      'Full.',
    ],
    [
      'in parts',
      events(
        delta({ content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'Hm.' }] }] }),
        delta({ content: [{ type: 'text', text: 'Disk ' }] }),
        delta({ content: 'full.' }),
        stop,
      ),
      'Disk full.',
    ],
    ['in one piece', events({ choices: [{ message: { content: 'Full.' }, finish_reason: 'stop' }] }), 'Full.'],
    ['on several lines', 'data: {"choices":\ndata: [{"delta":{"content":"Full."},"finish_reason":"stop"}]}\n\n', 'Full.'],
  ])('%s is read', async (_, stream, text) => {
    expect(await (await answers({ stream })).ask(streamed)).toMatchObject({ text, status: 'completed' });
  });

  test('that tells its tokens with each chunk is counted once', async () => {
    const usage = (tokens: number) => ({ usage: { prompt_tokens: 10, completion_tokens: tokens } });
    const chunk = (content: string, tokens: number) => ({ choices: [{ delta: { content } }], ...usage(tokens) });
    const stream = events(chunk('Disk ', 1), chunk('full.', 2), stop, { choices: [], ...usage(2) });
    const { usage: counted } = await (await answers({ stream })).ask(streamed);
    expect(counted).toMatchObject({ prompt_tokens: 10, completion_tokens: 2, total_tokens: 12 });
  });

  test('that was wished and not given is read as the answer that it is', async () => {
    const { ask, requests } = await answers(said({ content: 'Full.' }));
    expect(await ask(streamed)).toMatchObject({ text: 'Full.' });
    expect(requests).toHaveLength(1);
  });

  test.each<[string, string]>([
    ['without a reason to finish and without [DONE]', events(delta({ content: 'Disk' }))],
    ['of nothing', ''],
    ['of [DONE] alone', 'data: [DONE]\n\n'],
  ])('%s may be cut: that is a failure', async (_, stream) => {
    expect(await (await answers({ stream })).failure(streamed)).toMatchObject({ code: 'connection_failed', retryable: false });
  });

  test('whose thoughts are all that comes is a failure', async () => {
    const { failure } = await answers({ stream: events(delta({ reasoning_content: 'Hm.' }), stop) });
    expect(await failure(streamed)).toMatchObject({ code: 'empty_output' });
  });
});
