import { describe, expect, test } from '@jest/globals';
import { testStep } from 'threadline/testing';
import { host, KEY, newVectorStore, withAssistant } from '../testing/test-assistant.ts';

const step = testStep(() => 'up');

test('T14 O5: every parameter arrives as the API names it', () =>
  withAssistant([], async ({ ask, asked, emulator }) => {
    await ask({
      prompt: 'Analyse',
      instructions: 'You are on call.',
      temperature: 0.2,
      top_p: 0.9,
      reasoning_effort: 'low',
      max_completion_tokens: 500,
      parallel_tool_calls: false,
      tool_choice: 'auto',
      tools: [{ function: 'look', description: 'Looks a host up', parameters: host, provider: step }],
      metadata: { team: 'sre' },
      stream: false,
    });
    expect(asked()).toEqual([
      {
        model: 'gpt-6-luna',
        input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Analyse' }] }],
        instructions: 'You are on call.',
        conversation: expect.stringMatching(/^conv_/),
        temperature: 0.2,
        top_p: 0.9,
        reasoning: { effort: 'low' },
        max_output_tokens: 500,
        parallel_tool_calls: false,
        tool_choice: 'auto',
        tools: [{ type: 'function', name: 'look', description: 'Looks a host up', parameters: host, strict: false }],
        metadata: { team: 'sre', workflow: 'triage', run: 'run-1', step: 'ask' },
        stream: false,
      },
    ]);
    expect(emulator.requests[0]).toMatchObject({ path: '/conversations', body: { metadata: { team: 'sre', run: 'run-1' } } });
    expect(emulator.requests[0]?.headers.authorization).toBe(`Bearer ${KEY}`);
  }));

test('what is not given is not sent', () =>
  withAssistant([], async ({ ask, asked }) => {
    await ask({ prompt: 'Hi' });
    expect(Object.keys(asked()[0] ?? {}).toSorted()).toEqual(['conversation', 'input', 'metadata', 'model', 'stream']);
  }));

test('temperature 0 is a value', () =>
  withAssistant([], async ({ ask, asked }) => {
    await ask({ prompt: 'Hi', temperature: 0, top_p: 0 });
    expect(asked()[0]).toMatchObject({ temperature: 0, top_p: 0 });
  }));

test('O7: what `extra` names is passed on, and does not take away what stands beside it', () =>
  withAssistant([{ json: { severity: 'low' } }], async ({ ask, asked }) => {
    const extra = { service_tier: 'flex', text: { verbosity: 'low' }, reasoning: { summary: 'auto' }, top_logprobs: 2 };
    await ask({ prompt: 'Hi', reasoning_effort: 'low', response_format: { schema: { type: 'object' } }, extra });
    expect(asked()[0]).toMatchObject({
      service_tier: 'flex',
      top_logprobs: 2,
      text: { verbosity: 'low', format: { type: 'json_schema' } },
      reasoning: { effort: 'low', summary: 'auto' },
    });
  }));

test('T20: additional_instructions come after those of the assistant, lines as they are', () =>
  withAssistant([], async ({ ask, asked }) => {
    await ask({
      prompt: 'Hi',
      assistant: { instructions: 'You are on call.' },
      additional_instructions: 'Use the runbooks.\nBe brief.',
    });
    await ask({ prompt: 'Hi', additional_instructions: 'Be brief.' });
    expect(asked().map(({ instructions }) => instructions)).toEqual([
      'You are on call.\n\nUse the runbooks.\nBe brief.',
      'Be brief.',
    ]);
  }));

test('T11: messages of every role are added in their order', () =>
  withAssistant([], async ({ ask, asked }) => {
    const messages = [
      { role: 'system' as const, content: 'Rules' },
      { role: 'user' as const, content: 'Question' },
      { role: 'assistant' as const, content: 'Earlier answer' },
      { role: 'user' as const, content: 'More' },
    ];
    const { messages: history } = await ask({ messages });
    expect(asked()[0]?.input).toMatchObject([
      { role: 'system', content: [{ type: 'input_text', text: 'Rules' }] },
      { role: 'user', content: [{ type: 'input_text', text: 'Question' }] },
      { role: 'assistant', content: 'Earlier answer' },
      { role: 'user', content: [{ type: 'input_text', text: 'More' }] },
    ]);
    expect(history.slice(0, 4)).toMatchObject(messages.map(({ role, content }) => ({ role, text: content })));
  }));

test('names of workflow, run and step are cut to what metadata may hold', () =>
  withAssistant([], async ({ ask, asked }) => {
    const long = 'n'.repeat(600);
    const metadata = Object.fromEntries(Array.from({ length: 13 }, (_, index) => [`key${index}`, 'x'.repeat(512)]));
    await ask({ prompt: 'Hi', metadata }, { run: { id: long, workflow: long, offline: false } });
    const sent = asked()[0]?.metadata as Record<string, string>;
    expect(Object.keys(sent)).toHaveLength(16);
    expect([sent.run, sent.workflow]).toEqual([long.slice(0, 512), long.slice(0, 512)]);
  }));

describe('assistant', () => {
  const file = { name: 'SRE', model: 'gpt-file', instructions: 'From the file', temperature: 0.1, tools: ['web_search'] };

  test.each([
    ['with its keys at the top', file],
    ['with its keys under `assistant`', { assistant: file }],
  ])('A13: comes from a file, %s', (_, data) =>
    withAssistant([], async ({ ask, asked }) => {
      await ask({ prompt: 'Hi', assistant: 'sre.yml', model: 'gpt-step' }, { files: { 'sre.yml': data } });
      expect(asked()[0]).toMatchObject({
        model: 'gpt-step',
        instructions: 'From the file',
        temperature: 0.1,
        tools: [{ type: 'web_search' }],
      });
    }),
  );

  test("A13: the step's own keys win, and its tools are added", () =>
    withAssistant([], async ({ ask, asked }) => {
      const assistant = { model: 'gpt-a', instructions: 'Old', tools: ['web_search' as const] };
      await ask({ prompt: 'Hi', assistant, instructions: 'New', tools: ['code_interpreter'] });
      expect(asked()[0]).toMatchObject({ instructions: 'New', tools: [{ type: 'web_search' }, { type: 'code_interpreter' }] });
    }));

  test('a file with mistakes fails before anything is sent', () =>
    withAssistant([], async ({ failure, traffic }) => {
      const error = await failure({ prompt: 'Hi', assistant: 'sre.yml' }, { files: { 'sre.yml': { temperature: 9 } } });
      expect(error).toMatchObject({
        code: 'invalid_config',
        message: expect.stringMatching(/^sre\.yml: temperature must be at most 2/),
      });
      expect(traffic()).toEqual([]);
    }));

  test('a file cannot bring its own steps: what runs stands in the workflow', () =>
    withAssistant([], async ({ failure, traffic }) => {
      const tools = [{ function: 'look', provider: { type: 'http', with: { url: 'http://evil' } } }];
      const error = await failure({ prompt: 'Hi', assistant: 'sre.yml' }, { files: { 'sre.yml': { tools } } });
      expect(error).toMatchObject({ code: 'invalid_config', hint: expect.stringContaining('under `tools` of the step') });
      expect(traffic()).toEqual([]);
    }));
});

describe('built-in tools', () => {
  test('F22 F23 F24: by name, in full, and in the form that the API wants', () =>
    withAssistant([], async ({ ask, asked, emulator }) => {
      const ids = [await newVectorStore(emulator), await newVectorStore(emulator)];
      await ask({
        prompt: 'Hi',
        vector_store_ids: ids,
        tools: ['file_search', 'code_interpreter', { type: 'web_search' }],
      });
      await ask({ prompt: 'Hi', tools: [{ type: 'file_search', vector_store_ids: ids.slice(1), max_num_results: 5 }] });
      expect(asked().map(({ tools }) => tools)).toEqual([
        [
          { type: 'file_search', vector_store_ids: ids },
          { type: 'code_interpreter', container: { type: 'auto' } },
          { type: 'web_search' },
        ],
        [{ type: 'file_search', vector_store_ids: ids.slice(1), max_num_results: 5 }],
      ]);
    }));

  test('a tool that assistant and step both name is offered once', () =>
    withAssistant([], async ({ ask, asked, emulator }) => {
      const vector_store_ids = [await newVectorStore(emulator)];
      const assistant = { tools: ['file_search' as const, 'web_search' as const], vector_store_ids };
      await ask({ prompt: 'Hi', assistant, tools: [{ type: 'file_search', max_num_results: 3 }] });
      expect(asked()[0]?.tools).toEqual([{ type: 'file_search', vector_store_ids, max_num_results: 3 }, { type: 'web_search' }]);
    }));
});
