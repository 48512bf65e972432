import { describe, expect, test } from '@jest/globals';
import type { Json, JsonObject, ProviderEvent } from 'threadline/provider';
import type { Params } from '../contract/schema.ts';
import { failureOf, KEY, runAssistant } from '../testing/test-assistant.ts';
import { type Answer, events, imitate, lookup } from '../wires/test-imitation.ts';

const fine: Json = { choices: [{ message: { content: 'Full.' }, finish_reason: 'stop' }] };
const piece = (content: string): Json => ({ choices: [{ delta: { content } }] });

/** A server that fails `times` times, then answers. */
async function failing(fault: Answer, times: number, max_retries = 3) {
  const { baseUrl, requests } = await imitate('chat', (_, count) => (count <= times ? fault : { json: fine }));
  const seen: ProviderEvent[] = [];
  const config = { base_url: baseUrl, api_key: KEY, server: 'compatible' as const, max_retries };
  const ask = (params: Params = {}) =>
    runAssistant({ prompt: 'Why?', wire: 'chat', stream: false, ...params }, { config, emit: (event) => seen.push(event) });
  return { ask, failure: (params?: Params) => failureOf(ask(params)), requests, seen };
}

describe.each([false, true])('an error with status 200 (stream: %s)', (stream) => {
  const fault = (error: JsonObject): Answer => (stream ? { stream: events({ error }) } : { json: { error } });

  test.each<[string, JsonObject]>([
    ['of the rate', { message: 'Rate limit exceeded: free-models-per-min', code: 429, metadata: { headers: {} } }],
    ['of the rate, by its name', { message: 'Slow down.', code: 'rate_limit_exceeded' }],
    ['of a server behind', { message: 'Provider returned error', code: 502, metadata: { raw: 'overloaded' } }],
    ['of a busy server', { message: 'Overloaded', code: 529 }],
  ])('is asked again: %s', async (_, error) => {
    const { ask, requests, seen } = await failing(fault(error), 1);
    expect(await ask({ stream })).toMatchObject({ text: 'Full.' });
    expect(requests).toHaveLength(2);
    expect(seen).toContainEqual({
      type: 'progress',
      message: expect.stringMatching(/^attempt 1 failed \(the API answered 200, /),
    });
  });

  test('is asked again as often as `max_retries` says', async () => {
    const { failure, requests } = await failing(fault({ message: 'Slow down.', code: 429 }), 9, 1);
    expect(await failure({ stream })).toMatchObject({ code: 'rate_limit' });
    expect(requests).toHaveLength(2);
  });

  test.each<[string, JsonObject]>([
    ['of the request', { message: 'No.', code: 400 }],
    ['of no known kind', { message: 'No model is loaded.', type: 'x' }],
    ['of the quota', { message: 'Insufficient credits', code: 402 }],
    ['of a day', { message: 'Rate limit exceeded: free-models-per-day.', code: 429 }],
  ])('is not asked again: %s', async (_, error) => {
    const { failure, requests } = await failing(fault(error), 9);
    await failure({ stream });
    expect(requests).toHaveLength(1);
  });
});

test('an error within the choice is an error, and not a cut answer', async () => {
  const choice = { index: 0, message: { content: '' }, finish_reason: null, error: { code: 502, message: 'It is gone.' } };
  const { ask, requests } = await failing({ json: { choices: [choice] } }, 1);
  expect(await ask()).toMatchObject({ text: 'Full.' });
  expect(requests).toHaveLength(2);
});

test.each<[string, number, JsonObject]>([
  ['OpenRouter', 403, { code: 403, message: 'Your chosen model requires moderation and your input was flagged' }],
  [
    'OpenAI',
    400,
    { code: 'invalid_prompt', message: 'Invalid prompt: your prompt was flagged as potentially violating our usage policy.' },
  ],
])('a prompt that was flagged is refused, and neither the key nor the request is blamed: %s', async (_, status, error) => {
  const { failure } = await failing({ status, json: { error } }, 9);
  expect(await failure()).toMatchObject({ code: 'refused', hint: expect.stringContaining('rules for contents') });
});

test('an error in the middle of an answer is not asked again: the answer may be paid for', async () => {
  const { failure, requests } = await failing({ stream: events(piece('Disk'), { error: { message: 'Gone', code: 502 } }) }, 9);
  expect(await failure({ stream: true })).toMatchObject({ code: 'server_error' });
  expect(requests).toHaveLength(1);
});

describe('limits that waiting does not mend', () => {
  test.each<[string, Answer, object]>([
    [
      'a request that is larger than what OpenAI takes in a minute',
      {
        status: 429,
        json: {
          error: {
            message:
              'Request too large for gpt-4o in organization org-1 on tokens per min (TPM): Limit 30000, Requested 36278. The input or output tokens must be reduced in order to run successfully.',
            type: 'tokens',
            param: null,
            code: 'rate_limit_exceeded',
          },
        },
      },
      { code: 'bad_request', hint: expect.stringContaining('`max_prompt_tokens`') },
    ],
    [
      'a request that is larger than what Groq takes in a minute',
      {
        status: 413,
        json: {
          error: {
            message: 'Request too large for model `openai/gpt-oss-120b` on tokens per minute (TPM): Limit 8000, Requested 8590.',
            type: 'tokens',
            code: 'rate_limit_exceeded',
          },
        },
      },
      { code: 'bad_request', retryable: false, hint: expect.stringContaining('send less at once') },
    ],
    [
      'a request that is larger than what GitHub Models take',
      {
        status: 413,
        json: {
          error: { code: 'tokens_limit_reached', message: 'Request body too large for gpt-4o model. Max size: 8000 tokens.' },
        },
      },
      { code: 'bad_request', retryable: false },
    ],
    [
      "Groq's limit of a day",
      {
        status: 429,
        json: {
          error: {
            message:
              'Rate limit reached for model `llama-3.3-70b-versatile` on tokens per day (TPD): Limit 100000, Used 97050, Requested 3619. Please try again in 14.2s.',
            type: 'tokens',
            code: 'rate_limit_exceeded',
          },
        },
      },
      { code: 'quota_exceeded', retryable: false, hint: expect.stringContaining('limit of a day') },
    ],
    [
      "OpenRouter's limit of a day",
      { status: 429, json: { error: { message: 'Rate limit exceeded: free-models-per-day. Add 10 credits', code: 429 } } },
      { code: 'quota_exceeded', hint: expect.stringContaining('`fallback`') },
    ],
    [
      "GitHub Models' limit of a day",
      {
        status: 429,
        json: { error: { code: 'RateLimitReached', message: 'Rate limit of 50 per 86400s exceeded for UserByModelByDay.' } },
      },
      { code: 'quota_exceeded' },
    ],
    [
      "Gemini's limit of a day, which is named in the details only",
      {
        status: 429,
        json: [
          {
            error: {
              code: 429,
              status: 'RESOURCE_EXHAUSTED',
              message: 'You exceeded your current quota. Please retry in 58.8s.',
              details: [{ violations: [{ quotaId: 'GenerateRequestsPerDayPerProjectPerModel-FreeTier', quotaValue: '20' }] }],
            },
          },
        ],
      },
      { code: 'quota_exceeded', hint: expect.stringContaining('limit of a day') },
    ],
    [
      'a model that the account has no quota for at Gemini',
      {
        status: 429,
        json: {
          error: {
            code: 429,
            status: 'RESOURCE_EXHAUSTED',
            message: 'Quota exceeded for metric: generate_content_free_tier_requests, limit: 0, model: m. Please retry in 10s.',
          },
        },
      },
      { code: 'quota_exceeded', hint: expect.stringContaining('waiting does not help') },
    ],
    [
      'an account without credit at Anthropic, which answers 400',
      { status: 400, json: { error: { type: 'invalid_request_error', message: 'Your credit balance is too low.' } } },
      { code: 'quota_exceeded' },
    ],
    [
      'an account without credit',
      { status: 402, json: { error: { message: 'Insufficient Balance' } } },
      { code: 'quota_exceeded' },
    ],
  ])('%s: is asked once, and what helps is said', async (_, fault, expected) => {
    const { failure, requests } = await failing(fault, 9);
    expect(await failure()).toMatchObject(expected);
    expect(requests).toHaveLength(1);
  });

  test('a limit of a minute is waited for as long as its words ask for', async () => {
    const message = 'You exceeded your current quota. Please retry in 0.04s.';
    const violations = [{ quotaId: 'GenerateRequestsPerMinutePerProjectPerModel-FreeTier' }];
    const error = { code: 429, status: 'RESOURCE_EXHAUSTED', message, details: [{ violations }] };
    const { ask, seen } = await failing({ status: 429, json: [{ error }] }, 1);
    expect(await ask()).toMatchObject({ text: 'Full.' });
    expect(seen).toContainEqual({ type: 'progress', message: expect.stringContaining('again in 40 ms') });
  });

  test('a limit of a minute is waited for', async () => {
    const message = 'Rate limit reached for gpt-4o on requests per min (RPM): Limit 3, Used 3, Requested 1.';
    const { ask, requests } = await failing({ status: 429, json: { error: { message, code: 'rate_limit_exceeded' } } }, 1);
    expect(await ask()).toMatchObject({ text: 'Full.' });
    expect(requests).toHaveLength(2);
  });

  test('a server that is overloaded (529) is asked again', async () => {
    const { ask } = await failing(
      { status: 529, json: { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } } },
      1,
    );
    expect(await ask()).toMatchObject({ text: 'Full.' });
  });
});

describe('what the model wrote and its server could not read', () => {
  const failed = (code: string): Answer => ({
    status: 400,
    json: {
      error: {
        message: "Failed. See 'failed_generation' for more details.",
        type: 'invalid_request_error',
        code,
        failed_generation: '<f>',
      },
    },
  });

  test.each(['tool_use_failed', 'json_validate_failed'])('is asked for again: %s', async (code) => {
    const { ask, requests } = await failing(failed(code), 1);
    expect(await ask({ tools: [lookup()] })).toMatchObject({ text: 'Full.' });
    expect(requests).toHaveLength(2);
  });

  test('is asked for again behind a gateway, which repeats the code in its sentence', async () => {
    const message =
      'litellm.BadRequestError: GroqException - {"error":{"message":"Failed to call a function.","code":"tool_use_failed"}}';
    const { ask } = await failing({ status: 400, json: { error: { message, code: '400' } } }, 1);
    expect(await ask({ tools: [lookup()] })).toMatchObject({ text: 'Full.' });
  });

  test('is given up after two more answers', async () => {
    const { failure, requests } = await failing(failed('tool_use_failed'), 9);
    expect(await failure({ tools: [lookup()] })).toMatchObject({ code: 'bad_request', details: { api_code: 'tool_use_failed' } });
    expect(requests).toHaveLength(3);
  });
});

describe("a prompt that the server's rules held back is a refusal", () => {
  const words =
    "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. Please modify your prompt and retry.";
  test.each<[string, JsonObject]>([
    ['Azure', { message: words, type: null, param: 'prompt', code: 'content_filter', status: 400 }],
    [
      'Azure, in its inner error alone',
      { message: 'No.', code: 'BadRequest', innererror: { code: 'ResponsibleAIPolicyViolation' } },
    ],
    [
      'LiteLLM',
      { message: `litellm.ContentPolicyViolationError: AzureException - ${words}`, type: null, param: null, code: '400' },
    ],
  ])('%s', async (_, error) => {
    const { failure, requests } = await failing({ status: 400, json: { error } }, 9);
    expect(await failure()).toMatchObject({ code: 'refused', retryable: false, hint: expect.stringContaining('alert') });
    expect(requests).toHaveLength(1);
  });
});
