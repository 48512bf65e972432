import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from 'threadline/provider';
import { testStep } from 'threadline/testing';
import { withAssistant } from '../testing/test-assistant.ts';

const SRE = {
  name: 'SRE',
  model: 'gpt-6-luna',
  instructions: 'You are SRE.',
  tools: [{ function: 'look', description: 'Looks' }],
};
const look = (answer: string) => ({ function: 'look', provider: testStep(() => answer) });

describe('over the wire of the Assistants API', () => {
  test('A5: an assistant is made from its profile, once, and again when the profile changes', () =>
    withAssistant([], async ({ ask, emulator }) => {
      const made = () => emulator.requests.filter(({ method, path }) => method === 'POST' && path === '/assistants');
      const params = { prompt: 'Hi', wire: 'assistants' as const, tools: [look('up')], model: 'gpt-6-luna' };
      for (let ask_ = 0; ask_ < 2; ask_++) await ask({ ...params, assistant: 'sre.yml' }, { files: { 'sre.yml': SRE } });
      expect(made()).toHaveLength(1);
      expect(made()[0]?.body).toMatchObject({
        name: 'SRE',
        model: 'gpt-6-luna',
        instructions: 'You are SRE.',
        tools: [{ type: 'function', function: { name: 'look' } }],
      });
      await ask({ ...params, assistant: 'sre.yml' }, { files: { 'sre.yml': { ...SRE, instructions: 'Be kind.' } } });
      expect(made()).toHaveLength(2);
    }));

  test('T20: additional instructions go along with the run, as they are', () =>
    withAssistant([], async ({ ask, emulator }) => {
      await ask({ prompt: 'Hi', wire: 'assistants', instructions: 'You are SRE.', additional_instructions: 'Be short.' });
      const run = emulator.requests.find(({ path }) => path.endsWith('/runs'))?.body as JsonObject;
      expect(run).toMatchObject({ additional_instructions: 'Be short.' });
      expect(run).not.toHaveProperty('instructions');
    }));

  test('T16: a function under way when time is over: the run is cancelled, and the thread is free', () =>
    withAssistant([{ tool_calls: [{ name: 'look' }], times: 1 }, { text: 'Free.' }], async ({ ask, failure, traffic }) => {
      const never = { function: 'look', provider: testStep(() => new Promise<never>(() => undefined)) };
      const error = await failure({ prompt: 'Look', wire: 'assistants', tools: [never], timeout: '500ms' });
      expect(error).toMatchObject({ code: 'timeout', details: { run_id: expect.stringMatching(/^run_/) } });
      expect(traffic().some((line) => line.endsWith('/cancel'))).toBe(true);
      const thread_id = String(error.details?.thread_id);
      expect(await ask({ prompt: 'Next', wire: 'assistants', thread_id })).toMatchObject({ text: 'Free.' });
    }));

  test('T15 T17: a run that expires is a failure', () =>
    withAssistant([{ expired: true }], async ({ failure }) => {
      const error = await failure({ prompt: 'Hi', wire: 'assistants' });
      expect(error).toMatchObject({ code: 'run_failed', message: expect.stringContaining('expired') });
    }));

  test('a stream that breaks loses nothing: the run is waited for', () =>
    withAssistant([{ text: 'one two three', cut_after: 5 }], async ({ ask, emulator }) => {
      expect(await ask({ prompt: 'Count', wire: 'assistants', stream: true })).toMatchObject({ text: 'one two three' });
      expect(emulator.requests.filter(({ path }) => path.endsWith('/runs'))).toHaveLength(1);
    }));

  test('files are uploaded once for each content', () =>
    withAssistant([], async ({ ask, traffic }) => {
      const files = { 'notes.md': new TextEncoder().encode('full') };
      for (const prompt of ['One', 'Two'])
        await ask({ prompt, wire: 'assistants', attachments: [{ path: 'notes.md' }] }, { files });
      expect(traffic().filter((line) => line === 'POST /files')).toHaveLength(1);
    }));
});

test('A6: two assistants in one run have functions of their own, though these have one name', () =>
  withAssistant(
    [
      { when: { tool_output: 'database' }, text: 'I saw the database.' },
      { when: { tool_output: 'network' }, text: 'I saw the network.' },
      { when: { tool: 'look' }, tool_calls: [{ name: 'look' }] },
    ],
    async ({ ask }) => {
      const texts = await Promise.all(
        ['database', 'network'].map(async (what) => {
          const assistant = { name: what, model: 'gpt-6-luna', instructions: `You know the ${what}.` };
          return (await ask({ prompt: 'Look', assistant, tools: [look(what)] })).text;
        }),
      );
      expect(texts).toEqual(['I saw the database.', 'I saw the network.']);
    },
  ));

test('F16: a function of the assistant is found by its name among those of the step', () =>
  withAssistant(
    [
      { when: { tool_output: 'up' }, text: 'Up.' },
      { when: { tool: 'look' }, tool_calls: [{ name: 'look' }] },
    ],
    async ({ ask }) => {
      const answer = await ask({ prompt: 'Look', assistant: 'sre.yml', tools: [look('up')] }, { files: { 'sre.yml': SRE } });
      expect(answer).toMatchObject({ text: 'Up.', tool_calls: [{ name: 'look', output: 'up' }] });
    },
  ));

test('F15: the inputs and the description of a workflow make the declaration of a function', () =>
  withAssistant(
    [
      { when: { tool_output: 'sre' }, text: 'Ask sre.' },
      { when: { tool: 'owner_of' }, tool_calls: [{ name: 'owner_of', arguments: { host: 'db-1' } }] },
    ],
    async ({ ask, asked }) => {
      const signature = {
        id: 'owner.of',
        inputs: [
          { name: 'host', type: 'string', required: true, default: undefined, description: 'Its name', options: undefined },
        ],
        outputs: ['team'],
      };
      const workflows = {
        'owner-of.yml': { signature, run: ({ inputs }: { inputs: JsonObject }) => ({ team: `sre of ${inputs.host}` }) },
      };
      const tools = [{ workflow: 'owner-of.yml', name: 'owner_of', description: 'Who owns a host' }];
      const { text, tool_calls: calls } = await ask({ prompt: 'Who?', tools }, { workflows: workflows as never });
      expect({ text, calls }).toMatchObject({ text: 'Ask sre.', calls: [{ name: 'owner_of', output: { team: 'sre of db-1' } }] });
      expect(asked()[0]?.tools).toMatchObject([
        {
          name: 'owner_of',
          description: 'Who owns a host',
          parameters: { type: 'object', properties: { host: { type: 'string', description: 'Its name' } }, required: ['host'] },
        },
      ]);
    },
  ));

test('F18: handing in what functions gave is tried again when it fails in passing', () =>
  withAssistant(
    [
      { when: { tool_output: 'up' }, error: { status: 503, headers: { 'retry-after-ms': 1 } }, times: 2 },
      { when: { tool_output: 'up' }, text: 'Up.' },
      { when: { tool: 'look' }, tool_calls: [{ name: 'look' }] },
    ],
    async ({ ask }) => {
      const answer = await ask({ prompt: 'Look', tools: [look('up')] }, { config: { max_retries: 3 } });
      expect(answer).toMatchObject({ text: 'Up.', tool_calls: [{ name: 'look' }] });
    },
  ));

test('R13: what an ask costs is known where its model has a price, and null where it has none', () =>
  withAssistant([], async ({ ask, failure }) => {
    const prices = { 'gpt-6-*': { input: 1000, output: 1000 } };
    const { cost_usd: cost, usage } = await ask({ prompt: 'Hi' }, { prices });
    expect(cost).toBeCloseTo(Number(usage.total_tokens) / 1000, 9);
    expect(await ask({ prompt: 'Hi', model: 'other' }, { prices })).toMatchObject({ cost_usd: null });
    expect(await failure({ prompt: 'Hi', model: 'other', max_cost_usd: 1 }, { prices })).toMatchObject({
      code: 'invalid_config',
    });
  }));

test('R13: a limit of cost stops before the next request', () =>
  withAssistant([{ tool_calls: [{ name: 'look' }] }], async ({ failure, asked }) => {
    const prices = { 'gpt-6-luna': { input: 1000, output: 1000 } };
    const error = await failure({ prompt: 'Look', tools: [look('up')], max_cost_usd: 0.001 }, { prices });
    expect(error).toMatchObject({ code: 'budget_exceeded', details: { max_cost_usd: 0.001 } });
    expect(asked()).toHaveLength(1);
  }));
