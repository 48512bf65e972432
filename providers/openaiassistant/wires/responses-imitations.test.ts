import { describe, expect, test } from '@jest/globals';
import type { Json, JsonObject } from 'threadline/provider';
import { RunThreads } from '../../../src/run/run-threads.ts';
import { runAssistant } from '../testing/test-assistant.ts';
import { type Answer, events, imitate, lookup } from './test-imitation.ts';

const message = (content: Json): JsonObject => ({ type: 'message', role: 'assistant', content });
const text = (words: string) => message([{ type: 'output_text', text: words }]);
const done = (more: JsonObject) => ({ type: 'response.completed', response: { id: 'r', ...more } });
/** A server without conversations. */
const answers = (answer: Answer | ((count: number) => Answer)) => {
  let asked = 0;
  return imitate('responses', ({ path }) => {
    if (path !== '/responses') return { json: { error: { message: 'Not found' } }, status: 404 };
    return typeof answer === 'function' ? answer(++asked) : answer;
  });
};

describe('a response', () => {
  test.each<[string, Json]>([
    ['without id, status and usage', { output: [text('Full.')] }],
    [
      'with nulls in their place',
      { id: null, usage: null, error: null, incomplete_details: null, status: 'completed', output: [text('Full.')] },
    ],
    ['whose content is a string', { id: 'r', output: [message('Full.')] }],
    ['whose content is text by another name', { id: 'r', output: [message([{ type: 'text', text: 'Full.' }])] }],
    [
      'with thoughts, null and things that nobody knows',
      { id: 'r', output: [{ type: 'reasoning', summary: [] }, null, { type: 'novelty' }, text('Full.')] },
    ],
  ])('%s is read', async (_, json) => {
    expect(await (await answers({ json })).ask()).toMatchObject({
      text: 'Full.',
      status: 'completed',
      usage: { total_tokens: 0 },
    });
  });

  test.each<[string, Json, object]>([
    ['of no output', { id: 'r', status: 'completed', output: [] }, { code: 'empty_output' }],
    [
      'of thoughts alone',
      { id: 'r', output: [{ type: 'reasoning', content: [{ type: 'reasoning_text', text: 'Hm.' }] }] },
      { code: 'empty_output' },
    ],
    ['of a message without content', { id: 'r', output: [message(null)] }, { code: 'empty_output' }],
    ['without output', { id: 'r', status: 'completed' }, { code: 'server_error', retryable: false }],
    ['of Chat Completions', { choices: [{ message: { content: 'Full.' } }] }, { code: 'server_error', retryable: false }],
    [
      'that failed, without output',
      { id: 'r', status: 'failed', error: { code: 'server_error', message: 'It broke.' } },
      { code: 'server_error', message: 'The API reports an error: It broke.' },
    ],
    ['that failed, without a reason', { id: 'r', status: 'failed', output: [] }, { code: 'run_failed', retryable: false }],
    ['that is under way for ever', { id: 'r', status: 'in_progress', output: [] }, { code: 'unsupported' }],
  ])('%s is a failure', async (_, json, failure) => {
    expect(await (await answers({ json })).failure()).toMatchObject(failure);
  });

  test('whose calls have no ids of their own, or objects for arguments', async () => {
    const call = (host: string, more: JsonObject) => ({ type: 'function_call', name: 'lookup', arguments: { host }, ...more });
    const seen: JsonObject[] = [];
    const output = [call('a', { id: 'fc_1' }), call('b', {}), call('c', { call_id: 'x' })];
    const { ask, requests } = await answers((count) => ({ json: { output: count === 1 ? output : [text('Up.')] } }));
    expect(await ask({ tools: [lookup(seen)] })).toMatchObject({ text: 'Up.' });
    expect(seen).toEqual([{ host: 'a' }, { host: 'b' }, { host: 'c' }]);
    const input = requests.at(-1)?.body.input as JsonObject[];
    const idsOf = (type: string) => input.flatMap((item) => (item.type === type ? [item.call_id] : []));
    expect(idsOf('function_call')).toEqual(['fc_1', expect.stringMatching(/^[a-z0-9]{9}$/), 'x']);
    expect(idsOf('function_call_output')).toEqual(idsOf('function_call'));
  });
});

describe('a stream', () => {
  const delta = { type: 'response.output_text.delta', delta: 'Full.' };
  const item = { type: 'response.output_item.done', item: text('Full.') };
  test.each<[string, string]>([
    ['without an end but its last event', events(delta, done({ output: [text('Full.')] }))],
    ['whose last event says less than the others', events(delta, item, done({ status: 'completed', output: [] }))],
    ['whose last event has no output', events(delta, item, done({ status: 'completed' }))],
    ['whose last event is still under way', events(delta, done({ status: 'in_progress', output: [text('Full.')] }))],
    [
      'with Windows lines and comments',
      `: hi\n\n${events(delta, done({ output: [text('Full.')] }))}data: [DONE]\n\n`.replaceAll('\n', '\r\n'),
    ],
    [
      'with events that nobody knows',
      events({ type: 'novelty' }, {}, { type: 'response.created', response: null }, done({ output: [text('Full.')] })),
    ],
  ])('%s is read', async (_, stream) => {
    expect(await (await answers({ stream })).ask({ stream: true })).toMatchObject({ text: 'Full.', status: 'completed' });
  });

  test.each<[string, string, object]>([
    [
      'with an error that has no name',
      events(delta, { type: 'error', code: 'rate_limit_exceeded', message: 'Slow down.' }),
      { code: 'rate_limit', message: 'The API reports an error: Slow down.' },
    ],
    [
      'with an error of another API',
      events(delta, { error: { message: 'It broke.' } }),
      { code: 'server_error', message: 'The API reports an error: It broke.' },
    ],
    ['that ends with [DONE] alone', `${events(delta)}data: [DONE]\n\n`, { code: 'connection_failed', retryable: false }],
    ['whose last event says nothing', events(delta, { type: 'response.completed' }), { code: 'server_error', retryable: false }],
    ['that ends empty', events(done({ output: [] })), { code: 'empty_output' }],
    [
      'that was cut',
      events(delta, { type: 'response.incomplete', response: { id: 'r', output: [text('Fu')] } }),
      { code: 'incomplete' },
    ],
  ])('%s is a failure', async (_, stream, failure) => {
    expect(await (await answers({ stream })).failure({ stream: true })).toMatchObject(failure);
  });

  test('that was wished and not given is read as the answer that it is', async () => {
    const { ask, requests } = await answers({ json: { id: 'r', output: [text('Full.')] } });
    expect(await ask({ stream: true })).toMatchObject({ text: 'Full.', run_id: 'r' });
    expect(requests.filter(({ path }) => path === '/responses')).toHaveLength(1);
  });

  test('in the background that is answered in one piece is waited for', async () => {
    const { ask } = await imitate('responses', ({ method, path }) => {
      if (path === '/conversations') return { json: {}, status: 404 };
      return { json: { id: 'r', status: method === 'POST' ? 'queued' : 'completed', output: [text('Full.')] } };
    });
    expect(await ask({ stream: true, background: true })).toMatchObject({ text: 'Full.' });
  });
});

describe('a server that keeps conversations', () => {
  test('and gives all of them one name has threads of ours', async () => {
    const answer = { id: 'r', output: [text('Full.')] };
    const { baseUrl } = await imitate('responses', ({ path }) => ({
      json: path === '/conversations' ? { id: 'conv_1' } : answer,
    }));
    const threads = new RunThreads({ threads: ':memory:', locks: ':memory:' });
    const ask = () =>
      runAssistant(
        { prompt: 'Why?', wire: 'responses', stream: false },
        { config: { base_url: baseUrl, server: 'compatible' }, threads },
      );
    const [first, second] = [await ask(), await ask()];
    expect([first.thread_id, second.thread_id]).toEqual(['conv_1', expect.stringMatching(/^thr_/)]);
    expect(second.messages).toHaveLength(2);
    await threads.close();
  });

  test('and lists all of it, whatever is asked for, does not double our copy', async () => {
    const items: JsonObject[] = [];
    const { baseUrl } = await imitate('responses', ({ method, path, body }) => {
      if (path === '/conversations') return { json: { id: 'conv_1' } };
      if (method === 'GET') return { json: { data: items } };
      const answer = { ...text('Full.'), id: `out_${items.length}` };
      items.push({ ...(body.input as JsonObject[])[0], id: `in_${items.length}` }, answer);
      return { json: { id: 'r', output: [answer] } };
    });
    const threads = new RunThreads({ threads: ':memory:', locks: ':memory:' });
    const host = { config: { base_url: baseUrl, server: 'compatible' as const }, threads };
    const ask = (prompt: string, more = {}) => runAssistant({ prompt, wire: 'responses', stream: false, ...more }, host);
    const { thread_id } = await ask('One');
    await ask('Two', { thread_id });
    const { messages } = await ask('Three', { thread_id });
    expect(messages.map(({ text: words }) => words)).toEqual(['One', 'Full.', 'Two', 'Full.', 'Three', 'Full.']);
    await threads.close();
  });
});
