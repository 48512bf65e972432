import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from 'threadline/provider';
import { host, withAssistant } from '../testing/test-assistant.ts';
import { PRESETS, SERVER_NAMES, serverAt } from './servers.ts';

const at = (url: string) => serverAt(new URL(url), undefined);
const chatOf = (emulator: { requests: readonly { path: string; body: unknown }[] }) =>
  emulator.requests.filter(({ path }) => path === '/chat/completions').map(({ body }) => body as JsonObject);

describe('a server is known', () => {
  test.each([
    ['https://api.openai.com/v1', 'openai', 'responses'],
    ['https://eu.api.openai.com/v1', 'openai', 'responses'],
    ['https://mine.openai.azure.com/openai/v1/', 'azure', 'responses'],
    ['https://mine.services.ai.azure.com/openai/v1/', 'azure', 'responses'],
    ['http://localhost:11434/v1', 'ollama', 'chat'],
    ['http://10.0.0.7:1234/v1', 'lmstudio', 'chat'],
    ['https://api.mistral.ai/v1', 'mistral', 'chat'],
    ['http://localhost:8000/v1', 'compatible', 'chat'],
    ['https://notopenai.com/v1', 'compatible', 'chat'],
    ['https://openai.com.evil.example/v1', 'compatible', 'chat'],
  ])('%s is %s, and is asked over %s', (url, name, wire) => {
    expect(at(url)).toMatchObject({ name, wire });
  });

  test('by its name, and what is said of it overrides what is known', () => {
    const server = serverAt(new URL('http://localhost:8000/v1'), 'ollama', { tool_choice: true });
    expect(server).toMatchObject({ name: 'ollama', can: { tool_choice: true, image_urls: false } });
    expect(PRESETS.ollama.can.tool_choice).toBe(false);
  });

  test('every preset says of every capability whether it is there', () => {
    const keys = Object.keys(PRESETS.openai.can);
    for (const name of SERVER_NAMES) expect(Object.keys(PRESETS[name].can)).toEqual(keys);
  });
});

describe('what a server cannot do', () => {
  const ollama = { config: { server: 'ollama' as const } };

  test('is refused with the field, before anything is sent', () =>
    withAssistant([], async ({ failure, emulator }) => {
      const image = { prompt: 'See', images: [{ url: 'https://example.com/a.png' }] };
      expect(await failure(image, ollama)).toMatchObject({ code: 'unsupported', details: { field: 'images.url', wire: 'chat' } });
      const thinking = { server: 'ollama' as const, capabilities: { reasoning_effort: false } };
      expect(await failure({ prompt: 'Hi', reasoning_effort: 'low' }, { config: thinking })).toMatchObject({
        code: 'unsupported',
        details: { field: 'reasoning_effort' },
        hint: expect.stringContaining('capabilities'),
      });
      expect(emulator.requests).toEqual([]);
    }));

  test('is left out with a warning where the step says so', () =>
    withAssistant([], async ({ ask, events, emulator }) => {
      await ask({ prompt: 'See', images: [{ url: 'https://example.com/a.png' }], on_unsupported: 'warn' }, ollama);
      expect(JSON.stringify(chatOf(emulator))).not.toContain('image_url');
      expect(events).toContainEqual({ type: 'log', level: 'warning', message: expect.stringMatching(/`images.url`.*left out/) });
    }));

  test('O2: a format that it cannot be told is told in words, and checked here', () =>
    withAssistant([{ when: { instructions: 'JSON Schema' }, json: { host: 'db-1' } }], async ({ ask, emulator }) => {
      const config = { server: 'compatible' as const, capabilities: { json_schema: false, json_object: false } };
      const { response } = await ask({ prompt: 'Which?', response_format: { schema: host } }, { config });
      expect(response).toEqual({ host: 'db-1' });
      expect(chatOf(emulator)[0]).not.toHaveProperty('response_format');
    }));

  test.each([
    ['ollama', 'max_tokens'],
    ['vllm', 'max_completion_tokens'],
  ] as const)('O6: %s calls the limit of an answer %s', (server, field) =>
    withAssistant([], async ({ ask, emulator }) => {
      await ask({ prompt: 'Hi', max_completion_tokens: 50 }, { config: { server } });
      expect(chatOf(emulator)[0]).toMatchObject({ [field]: 50 });
    }),
  );
});

describe('O5: a parameter that the model refuses', () => {
  const message = "Unsupported value: 'temperature' does not support 0.2 with this model.";
  const refusal = { error: { status: 400, code: 'unsupported_value', param: 'temperature', message } };
  const rules = [{ when: { prompt: 'Hi' }, ...refusal, times: 1 }, { text: 'Hello.' }];

  test('fails with its name', () =>
    withAssistant(rules, async ({ failure, asked }) => {
      const error = await failure({ prompt: 'Hi', temperature: 0.2 });
      expect(error).toMatchObject({ code: 'bad_request', hint: 'The model does not take `temperature`: leave it out.' });
      expect(asked()).toHaveLength(1);
    }));

  test.each(['responses', 'chat'] as const)('is left out with a warning where the step says so: %s', (wire) =>
    withAssistant(rules, async ({ ask, events, emulator }) => {
      expect(await ask({ prompt: 'Hi', temperature: 0.2, on_unsupported: 'warn', wire })).toMatchObject({ text: 'Hello.' });
      expect(emulator.requests.at(-1)?.body).not.toHaveProperty('temperature');
      expect(events).toContainEqual({
        type: 'log',
        level: 'warning',
        message: expect.stringContaining('does not take `temperature`'),
      });
    }),
  );

  test('the name of a limit is no wish: it is said as the server wants it', () =>
    withAssistant(
      [
        {
          error: { status: 400, code: 'unsupported_parameter', param: 'max_tokens', message: 'Use max_completion_tokens.' },
          times: 1,
        },
        { text: 'Hello.' },
      ],
      async ({ ask, emulator }) => {
        await ask({ prompt: 'Hi', max_completion_tokens: 50 }, { config: { server: 'compatible' } });
        expect(chatOf(emulator).map(({ max_tokens: old, max_completion_tokens: now }) => [old, now])).toEqual([
          [50, undefined],
          [undefined, 50],
        ]);
      },
    ));
});
