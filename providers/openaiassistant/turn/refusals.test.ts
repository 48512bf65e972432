import { describe, expect, test } from '@jest/globals';
import type { Json, JsonObject } from 'threadline/provider';
import type { Params } from '../contract/schema.ts';
import { runAssistant } from '../testing/test-assistant.ts';
import { type Answer, imitate, lookup, type Request } from '../wires/test-imitation.ts';

const said: Answer = { json: { choices: [{ message: { content: 'Full.' }, finish_reason: 'stop' }] } };
const refusal = (json: Json, status = 400): Answer => ({ json, status });
const worded = (message: string, more: JsonObject = {}): Json => ({ error: { message, type: 'invalid_request_error', ...more } });

/** Asks a server that answers once it is asked as it wants, and refuses in its own words until then. */
async function asking(refused: Answer, isWanted: (body: JsonObject) => boolean, params: Params) {
  const { ask, failure, requests } = await imitate('chat', ({ body }) => (isWanted(body) ? said : refused));
  return { ask: () => ask(params), failure: () => failure(params), requests, last: () => (requests.at(-1) as Request).body };
}

const without = (key: string) => (body: JsonObject) => body[key] === undefined;

/** Bodies of refusals as the servers send them. */
const REFUSALS: [server: string, key: string, params: Params, answer: Answer][] = [
  [
    'OpenAI, with code and param',
    'temperature',
    { temperature: 0.2 },
    refusal(
      worded("Unsupported value: 'temperature' does not support 0.2 with this model. Only the default (1) value is supported.", {
        param: 'temperature',
        code: 'unsupported_value',
      }),
    ),
  ],
  [
    'OpenAI, with a param alone',
    'temperature',
    { temperature: 0.2 },
    refusal(
      worded("Unsupported parameter: 'temperature' is not supported with this model.", { param: 'temperature', code: null }),
    ),
  ],
  [
    'Azure, in words alone',
    'parallel_tool_calls',
    { parallel_tool_calls: false, tools: [lookup()] },
    refusal(worded('Unrecognized request argument supplied: parallel_tool_calls', { param: null, code: null })),
  ],
  [
    'Azure AI',
    'reasoning_effort',
    { reasoning_effort: 'low' },
    refusal(worded("Extra parameters ['reasoning_effort'] are not allowed when extra-parameters is not set.")),
  ],
  [
    'GitHub Models',
    'top_p',
    { top_p: 0.3 },
    refusal({
      error: {
        code: 'invalid_request_body',
        message: "Unsupported parameter: 'top_p' is not supported with this model.",
      },
    }),
  ],
  [
    'LiteLLM of one parameter',
    'temperature',
    { temperature: 0.2 },
    refusal({
      error: {
        message:
          "litellm.UnsupportedParamsError: gpt-5 models (including gpt-5-codex) don't support temperature=0.2. Only temperature=1 is supported.",
        type: 'None',
        param: 'None',
        code: '400',
      },
    }),
  ],
  [
    'LiteLLM of several',
    'tool_choice',
    { tool_choice: 'required', tools: [lookup()] },
    refusal({
      error: {
        message:
          "litellm.UnsupportedParamsError: bedrock does not support parameters: {'tool_choice': 'required'}, for model=us.meta.llama3-3-70b-instruct-v1:0. To drop these, set `litellm.drop_params=True`",
        type: 'None',
        param: null,
        code: '400',
      },
    }),
  ],
  [
    'Groq of a property',
    'reasoning_effort',
    { reasoning_effort: 'low' },
    refusal(worded("property 'reasoning_effort' is unsupported, did you mean 'reasoning_format'?")),
  ],
  [
    'Groq of a model',
    'reasoning_effort',
    { reasoning_effort: 'low' },
    refusal(worded('`reasoning_effort` is not supported with this model')),
  ],
  [
    'Groq of a value',
    'reasoning_effort',
    { reasoning_effort: 'low' },
    refusal(worded('reasoning_effort must be one of `none` or `default`')),
  ],
  [
    'vLLM, as Python writes lists',
    'parallel_tool_calls',
    { parallel_tool_calls: false, tools: [lookup()] },
    refusal({
      object: 'error',
      message:
        "[{'type': 'extra_forbidden', 'loc': ('body', 'parallel_tool_calls'), 'msg': 'Extra inputs are not permitted', 'input': False}]",
      type: 'BadRequestError',
      param: null,
      code: 400,
    }),
  ],
  [
    'Ollama',
    'reasoning_effort',
    { reasoning_effort: 'low' },
    refusal(worded('"llama3.1:8b" does not support thinking', { param: null, code: null })),
  ],
  [
    'Ollama of a value',
    'reasoning_effort',
    { reasoning_effort: 'medium' },
    refusal(worded('think value "medium" is not supported for this model')),
  ],
  [
    'Mistral, with a list for a message',
    'reasoning_effort',
    { reasoning_effort: 'low' },
    refusal(
      {
        object: 'error',
        message: {
          detail: [
            { type: 'extra_forbidden', loc: ['body', 'reasoning_effort'], msg: 'Extra inputs are not permitted', input: 'low' },
          ],
        },
        type: 'invalid_request_error',
        param: null,
        code: null,
      },
      422,
    ),
  ],
  [
    'FastAPI, with a list alone',
    'top_p',
    { top_p: 0.3 },
    refusal({ detail: [{ type: 'extra_forbidden', loc: ['body', 'top_p'], msg: 'Extra inputs are not permitted' }] }, 422),
  ],
  [
    'OpenRouter, which found no server',
    'tool_choice',
    { tool_choice: 'required', tools: [lookup()] },
    refusal({ error: { message: "No endpoints found that support the provided 'tool_choice' value.", code: 404 } }, 404),
  ],
  [
    'OpenRouter, with the words of the server behind it',
    'temperature',
    { temperature: 0.2 },
    refusal({
      error: {
        message: 'Provider returned error',
        code: 400,
        metadata: { raw: '{"error":{"message":"`temperature` is deprecated for this model."}}', provider_name: 'Azure' },
      },
    }),
  ],
  [
    'xAI',
    'reasoning_effort',
    { reasoning_effort: 'low' },
    refusal({ code: 'Client specified an invalid argument', error: 'Model grok-4 does not support parameter reasoningEffort.' }),
  ],
];

describe.each(REFUSALS)('a parameter that is refused by %s: %s', (_, key, params, answer) => {
  test('fails with its name, after one request', async () => {
    const { failure, requests } = await asking(answer, without(key), params);
    expect(await failure()).toMatchObject({
      hint: `The model does not take \`${key}\`: leave it out.`,
      details: expect.objectContaining({ param: key }),
    });
    expect(requests).toHaveLength(1);
  });

  test('is left out where the step allows it', async () => {
    const { ask, requests } = await asking(answer, without(key), { ...params, on_unsupported: 'warn' });
    expect(await ask()).toMatchObject({ text: 'Full.' });
    expect(requests).toHaveLength(2);
  });
});

describe('what has another name, or is no wish of the author, is mended without being allowed', () => {
  const oldName = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.";

  test.each<[string, Answer]>([
    ['OpenAI', refusal(worded(oldName, { param: 'max_tokens', code: 'unsupported_parameter' }))],
    ['GitHub Models', refusal({ error: { message: oldName, code: 'invalid_request_body' } })],
    [
      'OpenRouter',
      refusal({ error: { message: 'Provider returned error', code: 400, metadata: { raw: JSON.stringify(worded(oldName)) } } }),
    ],
  ])('%s: `max_tokens` is called `max_completion_tokens`', async (_, answer) => {
    const { ask, requests, last } = await asking(answer, without('max_tokens'), { max_completion_tokens: 300 });
    await ask();
    expect(last()).toMatchObject({ max_completion_tokens: 300 });
    expect(requests).toHaveLength(2);
  });

  test('Mistral: `max_completion_tokens` is called `max_tokens`', async () => {
    const detail = [{ type: 'extra_forbidden', loc: ['body', 'max_completion_tokens'], msg: 'Extra inputs are not permitted' }];
    const { baseUrl, requests } = await imitate('chat', ({ body }) =>
      without('max_completion_tokens')(body) ? said : refusal({ object: 'error', message: { detail } }, 422),
    );
    const config = { base_url: baseUrl, api_key: 'sk-1', server: 'vllm' as const };
    const { text } = await runAssistant({ prompt: 'Why?', stream: false, max_completion_tokens: 300 }, { config });
    expect(text).toBe('Full.');
    expect(requests.at(-1)?.body).toMatchObject({ max_tokens: 300 });
  });

  test('a server that refuses both names is asked twice, not for ever', async () => {
    const { failure, requests } = await imitate('chat', ({ body }) => {
      const name = body.max_tokens === undefined ? 'max_completion_tokens' : 'max_tokens';
      return refusal(worded(`Unsupported parameter: '${name}' is not supported with this model.`));
    });
    expect(await failure({ max_completion_tokens: 300 })).toMatchObject({ code: 'bad_request' });
    expect(requests).toHaveLength(2);
  });

  test('`stream_options` are left out', async () => {
    const answer = refusal(
      { detail: [{ type: 'extra_forbidden', loc: ['body', 'stream_options'], msg: 'Extra inputs are not permitted' }] },
      422,
    );
    const { ask } = await asking(answer, without('stream_options'), { stream: true });
    expect(await ask()).toMatchObject({ text: 'Full.' });
  });

  test('LM Studio: the name of a function is no `tool_choice`: it is offered alone, and required', async () => {
    const answer = refusal({ error: "Invalid tool_choice type: 'object'. Supported string values: none, auto, required" });
    const other = { ...lookup(), function: 'other' };
    const params = { tools: [other, lookup()], tool_choice: { function: 'lookup' } };
    const { ask, last } = await asking(answer, ({ tool_choice: choice }) => typeof choice !== 'object', params);
    expect(await ask()).toMatchObject({ text: 'Full.' });
    expect(last()).toMatchObject({ tool_choice: 'required', tools: [{ function: { name: 'lookup' } }] });
  });

  test.each<[string, Answer]>([
    ['LM Studio', refusal({ error: "'response_format.type' must be 'json_schema' or 'text'" })],
    ['DeepSeek', refusal(worded('This response_format type is unavailable now'))],
    ['OpenAI', refusal(worded("Invalid parameter: 'response_format' of type 'json_object' is not supported with this model."))],
  ])('%s: a format is told in words, and the answer is checked here', async (_, answer) => {
    const json: Answer = { json: { choices: [{ message: { content: '{"page":true}' } }] } };
    const { ask, requests } = await imitate('chat', ({ body }) => (body.response_format === undefined ? json : answer));
    expect(await ask({ response_format: 'json_object' })).toMatchObject({ response: { page: true } });
    expect(JSON.stringify(requests.at(-1)?.body.messages)).toContain('JSON object only');
  });
});

describe('functions that a model takes without thinking only', () => {
  const words =
    "Function tools with reasoning_effort are not supported for gpt-6-luna in /v1/chat/completions. To use function tools, use /v1/responses or set reasoning_effort to 'none'.";
  const answer = refusal(worded(words, { param: 'reasoning_effort' }));
  const isOff = (body: JsonObject) => body.reasoning_effort === 'none';

  test('are refused where nothing is said of it', async () => {
    const { failure, requests } = await asking(answer, isOff, { tools: [lookup()] });
    expect(await failure()).toMatchObject({
      code: 'bad_request',
      hint: 'Use `wire: responses`, or write `reasoning_effort: none`.',
    });
    expect(requests).toHaveLength(1);
  });

  test('are asked for without it where the step allows that', async () => {
    const { ask, requests } = await asking(answer, isOff, { tools: [lookup()], on_unsupported: 'warn' });
    expect(await ask()).toMatchObject({ text: 'Full.' });
    expect(requests).toHaveLength(2);
  });
});

test.each<[string, Answer, string]>([
  [
    'a wrong value',
    refusal(worded("Invalid type for 'temperature': expected a number.", { param: 'temperature', code: 'invalid_type' })),
    'temperature',
  ],
  [
    'a schema',
    refusal(worded("Invalid schema for response_format 'verdict': 'oneOf' is not permitted.", { param: 'text.format.schema' })),
    '',
  ],
  ['a busy server', refusal(worded("'temperature' is not supported with this model."), 500), ''],
])('%s is no parameter that could be left out', async (_, answer) => {
  const { failure, requests } = await asking(answer, () => false, { temperature: 0.2, on_unsupported: 'warn' });
  await failure();
  expect(requests).toHaveLength(1);
});

test('a model without functions is said to be one', async () => {
  const answer = refusal(worded('registry.ollama.ai/library/gemma3:4b does not support tools'));
  const { failure } = await asking(answer, without('tools'), { tools: [lookup()], on_unsupported: 'warn' });
  expect(await failure()).toMatchObject({ hint: expect.stringContaining('takes no functions') });
});
