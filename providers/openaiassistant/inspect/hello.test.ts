import { describe, expect, test } from '@jest/globals';
import type { Finding, JsonObject } from 'threadline/provider';
import type { Rule } from '../../../src/emulator/index.ts';
import { serve, withAssistant } from '../testing/test-assistant.ts';
import { inspected, of } from './test-inspect.ts';

const model = 'gpt-6-luna';
const look = (name: string) => ({ function: name, parameters: { type: 'object', properties: {} }, provider: { type: 'mock' } });
const SORRY = { code: 'server_error', message: 'Sorry, something went wrong.' } as const;
const schema = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'], additionalProperties: false };

/** The findings under these rules; requests and answers are held against OpenAI's document. */
async function under(rules: Rule[], params: JsonObject, config: JsonObject = {}) {
  let findings: Finding[] = [];
  let asked: JsonObject[] = [];
  let traffic: string[] = [];
  await withAssistant(rules, async (setup) => {
    const base_url = setup.emulator.url;
    findings = await inspected(
      { base_url, server: 'openai', ...config },
      { steps: { triage: { model, prompt: 'x', ...params } } },
    );
    // Without the empty one that shows whether the route is there.
    asked = setup.asked().slice(1);
    traffic = setup.traffic();
  });
  const [hello] = of(findings, 'hello');
  const tried = (hello?.details?.tried ?? []) as JsonObject[];
  return { findings, hello, asked, traffic, tried: tried.map(({ change, works }) => [change, works]) };
}

describe('a hello', () => {
  test.each(['responses', 'chat'] as const)('R14: is one small question over the wire of the step: %s', async (wire) => {
    const { hello, findings, traffic } = await under([], { wire });
    expect(hello).toMatchObject({
      status: 'ok',
      details: { wire, model, usage: { total_tokens: expect.any(Number) } },
      steps: ['triage'],
    });
    expect(hello?.message).toMatch(/\d+ ms, \d+ tokens/);
    expect(of(findings, 'quota')).toMatchObject([{ status: 'ok', details: { requests: { remaining: 9999 } } }]);
    const path = { responses: 'POST /responses', chat: 'POST /chat/completions' }[wire];
    expect(traffic).toEqual(['GET /models', path, `GET /models/${model}`, path]);
  });

  test('R14: asks with functions and format, of which no function is called, and keeps nothing', async () => {
    const tools = [look('a'), look('b')];
    const { asked } = await under([], { tools, response_format: { schema }, instructions: 'Long.', metadata: { a: 'b' } });
    expect(asked).toMatchObject([
      { tool_choice: 'none', store: false, max_output_tokens: 16, text: { format: { type: 'json_schema' } } },
    ]);
    expect(asked[0]?.tools).toHaveLength(2);
    expect(asked[0]?.instructions).toBeUndefined();
  });

  test('R14: one that is cut off has reached the model', async () => {
    const { hello } = await under([{ incomplete: 'max_output_tokens', text: 'Hel' }], {});
    expect(hello).toMatchObject({ status: 'ok', details: { status: 'incomplete' } });
  });

  test('R14: over the wire of assistants leaves neither thread nor assistant behind', async () => {
    const { hello, traffic } = await under([], { wire: 'assistants' });
    expect(hello).toMatchObject({ status: 'ok' });
    const made = traffic.filter((line) => /^POST \/(threads|assistants)$/.test(line));
    expect(traffic.filter((line) => line.startsWith('DELETE'))).toHaveLength(made.length);
  });

  test('R14: nobody is asked where no model is named, and of a step that is a mistake', async () => {
    await withAssistant([], async ({ emulator }) => {
      const config = { base_url: emulator.url, server: 'openai' } as const;
      expect(of(await inspected(config), 'hello')).toMatchObject([
        { status: 'skipped', hint: expect.stringContaining('--model') },
      ]);
      const steps = { a: { prompt: 'x' }, b: { prompt: 'x', model: '{{ alert.model }}' } };
      const findings = await inspected(config, { steps });
      expect(of(findings, 'model')).toMatchObject([
        { status: 'skipped', steps: ['b'] },
        { status: 'problem', code: 'invalid_params' },
      ]);
    });
  });
});

describe('failures that name themselves', () => {
  test('A16: no credit is left', async () => {
    const error = { status: 429, code: 'insufficient_quota', type: 'insufficient_quota', message: 'You exceeded your quota.' };
    const { findings, asked } = await under([{ error }], { tools: [look('a')] });
    expect(of(findings, 'quota')).toMatchObject([{ code: 'quota_exceeded', hint: expect.stringMatching(/billing/i) }]);
    expect(asked).toHaveLength(1);
  });

  test('R9: too many requests at once', async () => {
    const { findings } = await under([{ error: { status: 429, code: 'rate_limit_exceeded', message: 'Slow down.' } }], {});
    expect(of(findings, 'quota')).toMatchObject([
      { code: 'rate_limit', hint: expect.stringContaining('Too many requests at once') },
    ]);
  });

  test('R9: who was told to wait is not asked again', async () => {
    const error = { status: 429, code: 'rate_limit_exceeded', message: 'Slow down.', headers: { 'retry-after': 240 } };
    await withAssistant([{ error }], async ({ emulator }) => {
      const steps = { a: { model, prompt: 'x' }, b: { model, prompt: 'x', response_format: 'json_object' } };
      const findings = await inspected({ base_url: emulator.url, server: 'openai' }, { steps });
      expect(of(findings, 'quota')).toMatchObject([{ code: 'rate_limit', steps: ['a'] }]);
      expect(of(findings, 'hello')).toMatchObject([{ status: 'skipped', steps: ['b'] }]);
    });
  });

  test('R9: the limit of a day is used up', async () => {
    const message = 'Rate limit reached on requests per day (RPD): Limit 200, Used 200, Requested 1.';
    const { findings } = await under([{ error: { status: 429, code: 'rate_limit_exceeded', message } }], {});
    expect(of(findings, 'quota')).toMatchObject([{ code: 'quota_exceeded', hint: expect.stringContaining('limit of a day') }]);
  });

  test('R9: the same where a run says it', async () => {
    const { findings } = await under([{ failed: { code: 'rate_limit_exceeded', message: 'Slow down.' } }], {});
    expect(of(findings, 'quota')).toMatchObject([{ code: 'rate_limit' }]);
  });

  test('R9: little is left', async () => {
    const base_url = await serve((request, response) => {
      request.resume();
      const headers = {
        'x-ratelimit-limit-requests': '500',
        'x-ratelimit-remaining-requests': '3',
        'x-ratelimit-reset-requests': '1s',
      };
      response.writeHead(200, { 'content-type': 'application/json', ...headers });
      const choices = [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'Hi' } }];
      response.end(JSON.stringify({ id: 'c', object: 'chat.completion', model: 'm', data: [{ id: 'm' }], choices }));
    });
    const findings = await inspected({ base_url, model: 'm' }, { steps: { a: { prompt: 'x', stream: false } } });
    expect(of(findings, 'quota')).toMatchObject([{ status: 'warning', message: expect.stringContaining('3 of 500 requests') }]);
  });

  test('A11: a parameter that the model refuses is named, and nothing else is tried', async () => {
    const base_url = await serve((request, response) => {
      let text = '';
      request.on('data', (chunk) => {
        text += chunk;
      });
      request.on('end', () => {
        const isHello = text.includes('Hello');
        response.writeHead(isHello ? 400 : 200, { 'content-type': 'application/json' });
        const error = { message: "Unsupported parameter: 'temperature'.", param: 'temperature', code: 'unsupported_parameter' };
        response.end(JSON.stringify(isHello ? { error } : { data: [{ id: 'o9' }] }));
      });
    });
    const steps = { a: { prompt: 'x', temperature: 0.5, tools: [look('a')] } };
    const [hello] = of(await inspected({ base_url, model: 'o9' }, { steps }), 'hello');
    expect(hello).toMatchObject({ code: 'bad_request', hint: 'The model does not take `temperature`: leave it out.' });
    expect(hello?.details?.tried).toBeUndefined();
  });
});

test('what a server wants otherwise is found, with the setting that saves the refused request', async () => {
  const base_url = await serve((request, response) => {
    let text = '';
    request.on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', () => {
      const isRefused = text.includes('"max_tokens"');
      const message =
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.";
      const choices = [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'Hi' } }];
      response.writeHead(isRefused ? 400 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(isRefused ? { error: { message } } : { id: 'c', model: 'm', data: [{ id: 'm' }], choices }));
    });
  });
  const findings = await inspected({ base_url, model: 'm' }, { steps: { a: { prompt: 'x', stream: false } } });
  expect(of(findings, 'hello')).toMatchObject([
    { status: 'ok' },
    {
      status: 'warning',
      message: expect.stringContaining('does not take `max_tokens`: it is asked with `max_completion_tokens`'),
      hint: expect.stringContaining('`capabilities: { max_completion_tokens: true }`'),
    },
  ]);
});

describe('R8: "Sorry, something went wrong"', () => {
  test('it failed in passing', async () => {
    const { hello, tried } = await under([{ failed: SORRY, times: 1 }], {});
    expect(hello).toMatchObject({ status: 'warning', hint: expect.stringContaining('retry') });
    expect(tried).toEqual([['once more', true]]);
  });

  test('one function is the culprit, and is named', async () => {
    const { hello, tried } = await under([{ when: { tool: 'bad' }, failed: SORRY }], { tools: [look('good'), look('bad')] });
    expect(hello).toMatchObject({
      status: 'problem',
      code: 'run_failed',
      hint: expect.stringContaining('Without `bad` it works'),
    });
    expect(tried).toEqual([
      ['once more', false],
      ['without functions', true],
      ['with the function good alone', true],
      ['with the function bad alone', false],
    ]);
  });

  test('a model that takes no functions is named as the cause, and none of its functions', async () => {
    const rules: Rule[] = [{ when: { tool: 'look' }, error: { status: 400, message: 'm does not support tools' } }];
    const { hello, tried } = await under(rules, { tools: [look('look')], wire: 'chat' });
    expect(hello).toMatchObject({ code: 'bad_request', hint: expect.stringContaining('The model takes no functions') });
    expect(tried).toEqual([]);
  });

  test('the same over Chat Completions, where it is a status', async () => {
    const rules: Rule[] = [{ when: { tool: 'bad' }, error: { status: 500, message: SORRY.message } }];
    const { hello } = await under(rules, { tools: [look('bad')], wire: 'chat' });
    expect(hello).toMatchObject({ code: 'server_error', hint: expect.stringContaining('Without `bad` it works') });
  });

  test('the format is the culprit', async () => {
    const { hello, tried } = await under([{ when: { schema: 'output' }, failed: SORRY }], { response_format: { schema } });
    expect(hello?.hint).toContain('`response_format` (json_schema) is the culprit');
    expect(tried.at(-1)).toEqual(['as plain text', true]);
  });

  test('F26 O4: json_object and functions fail together only', async () => {
    const rules: Rule[] = [{ when: { tool: 'a', prompt: '/json/i' }, failed: SORRY }];
    const { hello, findings } = await under(rules, { tools: [look('a')], response_format: 'json_object' });
    expect(hello?.hint).toMatch(/together they fail.*`schema`.*`auto`/);
    expect(of(findings, 'format')).toMatchObject([{ status: 'warning' }]);
  });

  test('the model is the culprit', async () => {
    const { hello } = await under([{ when: { model }, failed: SORRY }], {}, { model: 'gpt-6-sol' });
    expect(hello?.hint).toContain('With `model: gpt-6-sol` it works');
  });

  test('nothing helps: what was tried is said', async () => {
    const { hello, tried } = await under([{ failed: SORRY }], { tools: [look('a')], response_format: 'json_object' });
    expect(tried.map(([change]) => change)).toEqual([
      'once more',
      'without functions',
      'as plain text',
      'without functions, as plain text',
    ]);
    expect(hello?.hint).toContain('Nothing helped of what was tried: once more; without functions');
  });
});
