import { describe, expect, test } from '@jest/globals';
import type { Json, ProviderEvent } from 'threadline/provider';
import { events, imitate, lookup } from './test-imitation.ts';
import { tokensTold } from './tokens-told.ts';

const DONE = 'data: [DONE]\n\n';
const names = { prompt: 'prompt_tokens', completion: 'completion_tokens', details: 'prompt_tokens_details' };
const unknown = { prompt_tokens: null, cached_tokens: 0, completion_tokens: null, total_tokens: null };

test.each<[string, Json | undefined, object]>([
  ['are known where the server tells them', { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 }, { total_tokens: 5 }],
  ['have a sum where it tells none', { prompt_tokens: 3, completion_tokens: 2 }, { total_tokens: 5 }],
  ['are known in part where it tells a part', { prompt_tokens: 3 }, { ...unknown, prompt_tokens: 3 }],
  [
    'of a cache are told',
    { prompt_tokens: 3, completion_tokens: 2, prompt_tokens_details: { cached_tokens: 1 } },
    { cached_tokens: 1 },
  ],
  ['are unknown without usage', undefined, unknown],
  ['are unknown where usage is null', null, unknown],
  ['are unknown where usage says nothing', {}, unknown],
  ['are unknown where all are 0: no answer takes none', { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 }, unknown],
])('tokens %s', (_, told, expected) => {
  expect(tokensTold(told, names)).toMatchObject(expected);
});

describe('the usage of a step', () => {
  const prices = { '*': { input: 1, output: 1 } };
  const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };
  const text = { choices: [{ delta: { content: 'Up.' }, finish_reason: 'stop' }] };

  test('that comes behind the reason to finish is counted', async () => {
    const stream = events(text, { choices: [], usage }, { choices: [], usage: null }) + DONE;
    const { ask } = await imitate('chat', () => ({ stream }));
    expect(await ask({ stream: true }, { prices })).toMatchObject({ usage: { ...usage, cost_usd: 0.000005 } });
  });

  test.each([true, false])('that never comes is unknown, as its cost is (stream: %s)', async (stream) => {
    const message = { choices: [{ message: { content: 'Up.' }, finish_reason: 'stop' }] };
    const { ask } = await imitate('chat', () => (stream ? { stream: events(text) + DONE } : { json: message }));
    const said: ProviderEvent[] = [];
    const nothing = { prompt_tokens: null, completion_tokens: null, total_tokens: null, cost_usd: null };
    const results = await ask({ stream, thread: { key: 'db-1' } }, { prices, emit: (event) => said.push(event) });
    expect(results).toMatchObject({ usage: nothing, cost_usd: null, thread_usage: nothing });
    expect(said).toContainEqual({ type: 'usage', usage: nothing });
  });

  test('of which one answer tells nothing is unknown', async () => {
    const call = { id: 'x', type: 'function', function: { name: 'lookup', arguments: '{"host":"a"}' } };
    const first = { choices: [{ message: { content: null, tool_calls: [call] }, finish_reason: 'tool_calls' }], usage };
    const last = { choices: [{ message: { content: 'Up.' }, finish_reason: 'stop' }] };
    const { ask } = await imitate('chat', (_, count) => ({ json: count === 1 ? first : last }));
    expect(await ask({ tools: [lookup()] }, { prices })).toMatchObject({ usage: { total_tokens: null, cost_usd: null } });
  });

  test('is unknown behind a broken connection, which may have been paid for', async () => {
    const { failure } = await imitate('chat', () => ({ stream: events({ choices: [{ delta: { content: 'Up' } }] }) }));
    const { details } = await failure({ stream: true }, { prices });
    expect(details).toMatchObject({ usage: { total_tokens: null, cost_usd: null } });
  });

  test('is unknown behind an error in the middle of an answer, which may have been paid for', async () => {
    const stream = events({ choices: [{ delta: { content: 'Up' } }] }, { error: { message: 'Gone', code: 502 } });
    const { failure } = await imitate('chat', () => ({ stream }));
    const { details } = await failure({ stream: true }, { prices });
    expect(details).toMatchObject({ usage: { total_tokens: null, cost_usd: null } });
  });

  test('is nothing where no request was sent', async () => {
    const { failure } = await imitate('chat', () => ({ json: {} }));
    const { code, details } = await failure({}, { prices, config: { base_url: 'http://127.0.0.1:1/v1' } });
    expect({ code, details }).toMatchObject({ code: 'connection_failed', details: { usage: { total_tokens: 0, cost_usd: 0 } } });
  });

  test('that is unknown ends what has a limit of cost: nothing more is asked', async () => {
    const { failure, requests } = await imitate('chat', () => ({
      json: { choices: [{ message: { content: 'No JSON.' }, finish_reason: 'stop' }] },
    }));
    const response_format = { schema: { type: 'object', properties: {} }, repair: 1 };
    expect(await failure({ response_format, max_cost_usd: 1 }, { prices })).toMatchObject({ code: 'budget_exceeded' });
    expect(requests).toHaveLength(1);
  });
});
