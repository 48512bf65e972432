import { describe, expect, test } from '@jest/globals';
import type { Json, JsonObject, ParamsProblem } from 'threadline/provider';
import { host } from '../testing/test-assistant.ts';
import { checkParams } from './check.ts';

const check = (params: JsonObject, files: Record<string, Json> = {}): ParamsProblem[] =>
  checkParams(
    { prompt: 'Hi', ...params },
    { data: (path) => files[path], exists: (path) => path in files, workflow: () => undefined },
  );

const step = { type: 'http', with: { url: 'https://ci.example' } };
const look = { function: 'look', parameters: host, provider: step };
const typo = { type: 'object', propertys: {} };

describe('finds', () => {
  test.each<[string, JsonObject, (string | number)[], RegExp, RegExp?]>([
    ['two questions', { messages: [{ role: 'user', content: 'Hi' }] }, ['messages'], /both given/, /Keep one/],
    ['two names of the timeout', { timeout: '1m', max_wait_time: 60 }, ['max_wait_time'], /mean the same/, /Keep one/],
    ['a thread that is not to be kept', { store: false, thread_id: 'conv_1' }, ['store'], /keeps no thread/],
    [
      'A4 A14: an assistant of the API that ended',
      { assistant: 'asst_abc123' },
      ['assistant'],
      /`asst_abc123`: .*2026-08-26/,
      /into a file/,
    ],
    ['A14: a saved prompt', { assistant: 'pmpt_abc123' }, ['assistant'], /2026-11-30/, /into a file/],
    [
      'A14: a thread of the API that ended',
      { thread_id: 'thread_abc' },
      ['thread_id'],
      /`thread_abc`: .*2026-08-26/,
      /a new thread begins/,
    ],
    [
      'a schema with a typo',
      { response_format: { schema: typo } },
      ['response_format', 'schema', 'propertys'],
      /unknown key `propertys`/,
      /properties/,
    ],
    [
      "a schema with a typo in OpenAI's form",
      { response_format: { type: 'json_schema', json_schema: { schema: typo } } },
      ['response_format', 'json_schema', 'schema', 'propertys'],
      /propertys/,
    ],
    [
      "a schema with a typo in the assistant's",
      { assistant: { response_format: { schema: typo } } },
      ['assistant', 'response_format', 'schema', 'propertys'],
      /propertys/,
    ],
    [
      'a schema that cannot be enforced',
      { response_format: { strict: true, schema: { type: 'object' } } },
      ['response_format', 'schema'],
      /strict/,
      /additionalProperties: false/,
    ],
    [
      'F11: a function without a step',
      { tools: [{ function: 'look' }] },
      ['tools', 0],
      /function `look` has no step/,
      /`provider:`/,
    ],
    ['a function twice', { tools: [look, look] }, ['tools', 1, 'function'], /two functions called `look`/],
    [
      'F13: parameters with a typo',
      { tools: [{ ...look, parameters: typo }] },
      ['tools', 0, 'parameters', 'propertys'],
      /propertys/,
    ],
    [
      'F13: parameters of a wrong type',
      { tools: [{ ...look, parameters: { type: 'object', additionalProperties: { type: 'strnig' } } }] },
      ['tools', 0, 'parameters', 'additionalProperties', 'type'],
      /strnig/,
      /string/,
    ],
    [
      'F13: required parameters that are not there',
      { tools: [{ ...look, parameters: { type: 'object', properties: {}, required: ['host'] } }] },
      ['tools', 0, 'parameters', 'required', 0],
      /names `host`/,
    ],
    [
      'F13: parameters that are no object',
      { tools: [{ ...look, parameters: { type: 'string' } }] },
      ['tools', 0, 'parameters'],
      /`type: object`/,
    ],
    [
      'F13: parameters that cannot be enforced',
      { tools: [{ ...look, strict: true, parameters: { type: 'object' } }] },
      ['tools', 0, 'parameters'],
      /strict/,
    ],
    ['F13: the name of a built-in tool', { tools: [{ ...look, function: 'web_search' }] }, ['tools', 0], /built-in tool/],
    [
      "F13: parameters with a typo in OpenAI's form",
      { tools: [look, { type: 'function', function: { name: 'look', parameters: { ...typo } } }] },
      ['tools', 1, 'function', 'parameters', 'propertys'],
      /propertys/,
    ],
    [
      'a choice of a function that is not there',
      { tools: [look], tool_choice: { function: 'lock' } },
      ['tool_choice'],
      /`lock`/,
      /There are: look\./,
    ],
    ['a forced call where there is nothing to call', { tool_choice: 'required' }, ['tool_choice'], /nothing to call/, /tools/],
    ['a search in nothing', { tools: ['file_search'] }, ['tools', 0], /nothing to search/, /vector_store_ids/],
    [
      'a search in nothing, in full',
      { tools: [{ type: 'file_search', vector_store_ids: [] }] },
      ['tools', 0],
      /nothing to search/,
    ],
    ["a search in nothing, of the assistant's", { assistant: { tools: ['file_search'] } }, ['assistant'], /nothing to search/],
    ['an image from nowhere', { images: [{ detail: 'low' }] }, ['images', 0], /exactly one of url, path, file_id/],
    ['an image from two places', { images: [{ url: 'https://x', path: 'y' }] }, ['images', 0], /exactly one of/],
    ['an attachment from nowhere', { attachments: [{}] }, ['attachments', 0], /exactly one of path, glob, file_id, url, data/],
    ['data without a name', { attachments: [{ data: 'x' }] }, ['attachments', 0, 'data'], /needs a `name`/],
    ['two names of a thread', { thread: { key: 'k' }, thread_id: 'conv_1' }, ['thread'], /both name a thread/, /Keep one/],
    [
      'a tool that the wire has not',
      { wire: 'chat', tools: ['web_search'] },
      ['tools', 0],
      /`web_search` .* `chat`/,
      /wire: responses/,
    ],
    [
      "a tool of the assistant's that the wire has not",
      { wire: 'chat', assistant: { tools: ['code_interpreter'] } },
      ['assistant'],
      /`code_interpreter` .* `chat`/,
    ],
    ['knowledge without a search', { wire: 'chat', knowledge: 'runbooks/*.md' }, ['knowledge'], /`file_search` .* `chat`/],
    [
      'a file for a tool that the wire has not',
      { wire: 'chat', attachments: [{ file_id: 'file-1', tools: ['code_interpreter'] }] },
      ['attachments', 0, 'tools'],
      /`code_interpreter` .* `chat`/,
    ],
    [
      'an image by id over chat',
      { wire: 'chat', images: [{ file_id: 'file-1' }] },
      ['images', 0, 'file_id'],
      /`images.file_id`/,
      /`path` or `url`/,
    ],
    [
      'a background that the wire has not',
      { wire: 'assistants', background: true },
      ['background'],
      /`background` .* `assistants`/,
    ],
    [
      'a message of the system in a thread of assistants',
      { wire: 'assistants', additional_messages: [{ role: 'system', content: 'x' }] },
      ['additional_messages', 0, 'role'],
      /messages.system/,
      /instructions/,
    ],
    [
      'O6: a limit below what the wire takes',
      { wire: 'assistants', max_completion_tokens: 100 },
      ['max_completion_tokens'],
      /at least 256/,
    ],
    [
      'O6: a limit below what Responses takes',
      { wire: 'responses', max_completion_tokens: 4 },
      ['max_completion_tokens'],
      /at least 16/,
    ],
    [
      'an id of something else',
      { wire: 'assistants', thread_id: 'conv_1' },
      ['thread_id'],
      /is not a thread of the wire/,
      /thread_…/,
    ],
    ['a key of an operation in a question', { purpose: 'vision' }, ['purpose'], /means nothing/, /operation: upload/],
  ])('%s', (...[_, params, path, message, hint]) => {
    const problems = check(params);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ path, message: expect.stringMatching(message) });
    if (hint) expect(problems[0]?.hint).toMatch(hint);
  });

  test('no question at all', () => {
    expect(checkParams({}, { data: () => undefined, exists: () => false, workflow: () => undefined })).toEqual([
      { path: [], message: '`prompt` or `messages` is missing' },
    ]);
  });

  test('several mistakes at once', () => {
    expect(
      check({ thread_id: 'thread_1', images: [{}], tools: [{ function: 'look' }], timeout: 1, max_wait_time: 1 }),
    ).toHaveLength(4);
  });
});

describe('in the file of an assistant it finds', () => {
  test.each<[string, Json, (string | number)[], RegExp]>([
    ['A9: mistakes against its schema', { instructions: 'x'.repeat(256_001) }, ['instructions'], /256000 characters/],
    ['a key that it does not know', { temprature: 1 }, ['temprature'], /unknown key/],
    ['mistakes under `assistant`', { assistant: { temperature: 9 } }, ['assistant', 'temperature'], /at most 2/],
    ['a schema with a typo', { response_format: { schema: typo } }, ['response_format', 'schema', 'propertys'], /propertys/],
    [
      'F13: parameters with a typo',
      { assistant: { tools: [{ function: 'look', parameters: typo }] } },
      ['assistant', 'tools', 0, 'parameters', 'propertys'],
      /propertys/,
    ],
    ['a step, which belongs into the workflow', { tools: [look] }, ['tools', 0, 'provider'], /belongs into the workflow/],
  ])('%s', (_, file, path, message) => {
    const problems = check({ assistant: 'sre.yml', tools: [look] }, { 'sre.yml': file });
    expect(problems).toEqual([expect.objectContaining({ file: 'sre.yml', path, message: expect.stringMatching(message) })]);
  });

  test('F8 F11: functions that the step gives no step', () => {
    const file = { tools: [{ function: 'look' }, { type: 'function', function: { name: 'page', parameters: host } }] };
    expect(check({ assistant: 'sre.yml', tools: [look] }, { 'sre.yml': file })).toEqual([
      { path: ['assistant'], message: 'function `page` has no step', hint: expect.stringContaining('- function: page') },
    ]);
  });

  test('mistakes in the schema file that it names', () => {
    const files = { 'sre.yml': { response_format: { schema: 'verdict.json' } }, 'verdict.json': typo };
    expect(check({ assistant: 'sre.yml' }, files)).toMatchObject([{ file: 'verdict.json', path: ['propertys'] }]);
  });
});

test('a schema file that the assistant names and that is not there', () => {
  const files = { 'sre.yml': { response_format: { schema: 'verdcit.json' } } };
  expect(check({ assistant: 'sre.yml' }, files)).toMatchObject([
    { file: 'sre.yml', path: ['response_format', 'schema'], message: 'there is no file verdcit.json' },
  ]);
});

test.each<[string, JsonObject, Record<string, Json>?]>([
  ['a question', {}],
  [
    'everything together',
    {
      assistant: 'sre.yml',
      thread_id: 'conv_1',
      tools: [look],
      tool_choice: { function: 'look' },
      images: [{ url: 'https://x' }],
    },
    { 'sre.yml': { tools: ['web_search'] } },
  ],
  ['functions of an inline assistant', { assistant: { tools: [look] } }],
  [
    "a declaration in OpenAI's form and its step",
    {
      tools: [
        { type: 'function', function: { name: 'look', parameters: host } },
        { function: 'look', provider: step },
      ],
    },
  ],
  ["the step's stores for the assistant's search", { assistant: { tools: ['file_search'] }, vector_store_ids: ['vs_1'] }],
  ["the assistant's stores for the step's search", { assistant: { vector_store_ids: ['vs_1'] }, tools: ['file_search'] }],
  [
    "the step's search in full for the assistant's",
    { assistant: { tools: ['file_search'] }, tools: [{ type: 'file_search', vector_store_ids: ['vs_1'] }] },
  ],
  ['a file whose name begins like an id', { assistant: 'asst_sre.yml' }],
  ['a schema in a file', { response_format: { schema: 'a.json', strict: true } }, { 'a.json': host }],
  ['files that are reported already', { assistant: 'none.yml', response_format: { schema: 'none.json' } }],
])('has nothing against %s', (...[_, params, files]) => {
  expect(check(params, files)).toEqual([]);
});

test.each<[string, JsonObject]>([
  ['an assistant', { assistant: '{{ inputs.assistant }}' }],
  ['a thread', { thread_id: '{{ steps.first.results.thread_id }}' }],
  ['a schema', { response_format: { schema: '{{ inputs.schema }}', strict: true } }],
  ['a format', { response_format: '{{ inputs.format }}' }],
  [
    'tools',
    {
      tools: '{{ inputs.tools }}',
      assistant: { tools: [{ function: 'look' }, 'file_search'] },
      tool_choice: { function: 'look' },
    },
  ],
  ['images', { images: '{{ alert.images }}' }],
  ['an image', { images: [{ url: '{{ alert.grafana_screenshot_url }}' }, '{{ alert.image }}'] }],
  ['stores', { tools: ['file_search'], vector_store_ids: '{{ inputs.stores }}' }],
  ['a choice', { tools: [look], tool_choice: { function: '{{ inputs.function }}' } }],
])('a template for %s is not judged', (_, params) => {
  expect(check(params)).toEqual([]);
});
