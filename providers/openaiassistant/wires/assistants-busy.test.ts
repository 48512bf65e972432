import { describe, expect, test } from '@jest/globals';
import OpenAI from 'openai';
import { testStep } from 'threadline/testing';
import { KEY, type Setup, withAssistant } from '../testing/test-assistant.ts';
import { withProcesses } from '../testing/test-mortal.ts';
import { imitate } from './test-imitation.ts';

const wire = 'assistants' as const;
const calling = [{ when: { prompt: 'Look' }, tool_calls: [{ name: 'look' }], times: 1 }, { text: 'Free.' }];
const clientOf = ({ emulator }: Setup) => new OpenAI({ apiKey: KEY, baseURL: emulator.url });

/** A thread with a run of another program, which waits for an output. */
async function busyThread(setup: Setup) {
  const { thread_id: threadId } = await setup.ask({ prompt: 'Hi', wire });
  const client = clientOf(setup);
  const thread_id = String(threadId);
  await client.beta.threads.messages.create(thread_id, { role: 'user', content: 'Look' });
  const tools = [{ type: 'function' as const, function: { name: 'look', parameters: { type: 'object', properties: {} } } }];
  const { id: assistant_id } = await client.beta.assistants.create({ model: 'gpt-6-luna', tools });
  const run = await client.beta.threads.runs.create(thread_id, { assistant_id });
  const end = async () => {
    const { required_action: action } = await client.beta.threads.runs.poll(run.id, { thread_id });
    const outputs = (action?.submit_tool_outputs.tool_calls ?? []).map(({ id }) => ({ tool_call_id: id, output: 'up' }));
    await client.beta.threads.runs.submitToolOutputs(run.id, { thread_id, tool_outputs: outputs });
  };
  return { thread_id, runId: run.id, end };
}

const cancelled = (setup: Setup) => setup.traffic().filter((line) => line.endsWith('/cancel'));

describe('a thread that another run has at the server', () => {
  test('is waited for, and the run is left alone', () =>
    withAssistant(calling, async (setup) => {
      const { thread_id, runId, end } = await busyThread(setup);
      const emit = ({ type, ...event }: { type: string }) => {
        if (type === 'log' && JSON.stringify(event).includes(`${runId} has the thread`)) void end();
      };
      expect(await setup.ask({ prompt: 'Next', wire, thread_id }, { emit })).toMatchObject({ text: 'Free.' });
      expect(cancelled(setup)).toEqual([]);
    }));

  test('is not waited for with `on_busy: fail`', () =>
    withAssistant([{ when: { prompt: 'Look' }, tool_calls: [{ name: 'look' }] }, { text: 'Free.' }], async (setup) => {
      const { ask, failure } = setup;
      const thread = { key: 'db-1', on_busy: 'fail' as const };
      const { thread_id } = await ask({ prompt: 'Hi', wire, thread });
      const client = clientOf(setup);
      const tools = [{ type: 'function' as const, function: { name: 'look' } }];
      const { id: assistant_id } = await client.beta.assistants.create({ model: 'gpt-6-luna', tools });
      await client.beta.threads.messages.create(String(thread_id), { role: 'user', content: 'Look' });
      await client.beta.threads.runs.create(String(thread_id), { assistant_id });
      const error = await failure({ prompt: 'Next', wire, thread });
      expect(error).toMatchObject({ code: 'thread_busy', retryable: true, details: { thread_id } });
      expect(cancelled(setup)).toEqual([]);
    }));

  test('is freed where the run is of a process of ours that died', () =>
    withProcesses(calling, async (setup, processes) => {
      const { promise: begun, resolve } = Promise.withResolvers<void>();
      const never = testStep(() => {
        resolve();
        return new Promise<never>(() => undefined);
      });
      const thread = { key: 'db-1' };
      processes.begin(setup, { prompt: 'Look', wire, thread, tools: [{ function: 'look', provider: never }] });
      await begun;
      await processes.park();
      expect(await setup.ask({ prompt: 'Next', wire, thread })).toMatchObject({ text: 'Free.' });
      expect(cancelled(setup)).toHaveLength(1);
    }));
});

test('a run that waits for outputs at a server without metadata is ours: the thread is freed', async () => {
  let isBusy = true;
  const { ask, requests } = await imitate('assistants', ({ method, path }) => {
    const answer = { role: 'assistant', run_id: 'run_1', content: 'Free.' };
    if (method === 'GET' && path.endsWith('/messages')) return { json: { data: [answer] } };
    if (path.endsWith('/runs/run_old/cancel')) isBusy = false;
    if (path.includes('/runs/run_old')) return { json: { id: 'run_old', status: isBusy ? 'requires_action' : 'cancelled' } };
    const message = "Can't add messages to x_1 while a run run_old is active.";
    if (path.endsWith('/messages') && isBusy) return { json: { error: { message } }, status: 400 };
    return { json: { id: path.endsWith('/runs') ? 'run_1' : 'x_1', status: 'completed' } };
  });
  expect(await ask()).toMatchObject({ text: 'Free.' });
  expect(requests.filter(({ path }) => path.endsWith('/cancel'))).toHaveLength(1);
});

test('a run that cannot be followed any more is cancelled', async () => {
  const { failure, requests } = await imitate('assistants', ({ method, path }) => {
    if (method === 'GET' && path.includes('/runs/')) return { json: { error: { message: 'Gone.' } }, status: 500 };
    return { json: { id: path.endsWith('/runs') ? 'run_1' : 'x_1', status: 'queued' } };
  });
  expect(await failure()).toMatchObject({ code: 'server_error' });
  expect(requests.some(({ path }) => path.endsWith('/runs/run_1/cancel'))).toBe(true);
});

describe('an answer that is only a picture', () => {
  const picture = { role: 'assistant', run_id: 'run_1', content: [{ type: 'image_file', image_file: { file_id: 'file_1' } }] };
  const text = { role: 'assistant', run_id: 'run_1', content: [{ type: 'text', text: { value: 'The load.', annotations: [] } }] };
  const answering = (...newest: object[]) =>
    imitate('assistants', ({ method, path }) => {
      if (path === '/files/file_1') return { json: { id: 'file_1', filename: 'plot.png' } };
      if (path === '/files/file_1/content') return { stream: 'PNG' };
      if (method === 'GET' && path.endsWith('/messages')) return { json: { data: JSON.parse(JSON.stringify(newest)) } };
      return { json: { id: path.endsWith('/runs') ? 'run_1' : 'x_1', status: 'completed' } };
    });
  const file = {
    file_id: 'file_1',
    filename: 'plot.png',
    media_type: 'image/png',
    data_url: `data:image/png;base64,${btoa('PNG')}`,
    error: null,
  };

  test('is in the files of the results', async () => {
    const { ask } = await answering(picture);
    expect(await ask()).toMatchObject({ text: '', response: '', status: 'completed', files: [file] });
  });

  test('is no JSON that was asked for', async () => {
    const { failure } = await answering(picture);
    expect(await failure({ response_format: 'json_object' })).toMatchObject({ code: 'invalid_output' });
  });

  test.each<[string, object[]]>([
    ['before', [text, picture]],
    ['behind', [picture, text]],
  ])('may come %s the message with the text', async (_, newest) => {
    expect(await (await answering(...newest)).ask()).toMatchObject({ text: 'The load.', files: [file] });
  });
});
