import { expect, test } from '@jest/globals';
import type { JsonObject } from 'threadline/provider';
import type { Config } from '../contract/schema.ts';
import provider from '../index.ts';

const ollama: Config = { base_url: 'http://127.0.0.1:11434/v1', server: 'ollama' };
const check = (config: Config, params: JsonObject) => () =>
  provider.checkConfig?.(config, { model: 'm', prompt: 'Why?', ...params });

test.each<[string, JsonObject]>([
  ['tool_choice', { tool_choice: 'required' }],
  ['parallel_tool_calls', { parallel_tool_calls: false }],
  ['web_search', { tools: ['web_search'] }],
  ['file_search', { knowledge: 'runbooks/*.md' }],
  ['images.url', { images: [{ url: 'https://x.example/a.png' }] }],
  ['background', { background: true }],
])('%s is refused before the first step where the server is known not to have it', (field, params) => {
  const unsupported = expect.objectContaining({
    code: 'unsupported',
    message: expect.stringContaining('at 127.0.0.1:11434'),
    details: { field, wire: 'chat' },
  });
  expect(check(ollama, params)).toThrow(unsupported);
  expect(check({ ...ollama, server: 'openai', api_key: 'sk-x' }, { ...params, wire: 'responses' })).not.toThrow();
  expect(check(ollama, { ...params, on_unsupported: 'warn' })).not.toThrow();
  expect(check(ollama, { ...params, fallback: ['responses'] })).not.toThrow();
});

test('what the configuration says of the server counts, and a template is not known yet', () => {
  expect(check({ ...ollama, capabilities: { tool_choice: true } }, { tool_choice: 'required' })).not.toThrow();
  expect(check(ollama, { tool_choice: '{{ consts.choice }}' })).not.toThrow();
});
