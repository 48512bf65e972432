import { expect, test } from '@jest/globals';
import type { JsonObject } from 'threadline/provider';
import { RunThreads } from '../../../src/run/run-threads.ts';
import { failureOf, runAssistant } from '../testing/test-assistant.ts';
import { type Answer, imitate, lookup } from './test-imitation.ts';

const called = (name: string): Answer => ({
  json: {
    choices: [
      {
        message: {
          content: null,
          tool_calls: [{ id: 'call_0', type: 'function', function: { name: 'lookup', arguments: `{"host":"${name}"}` } }],
        },
      },
    ],
  },
});
const done: Answer = { json: { choices: [{ message: { content: 'Done.' } }] } };

/** Ids of calls that no output follows before the next message, as servers look for them. */
function openCallsOf(messages: JsonObject[]): string[] {
  const found: string[] = [];
  for (const [at, { tool_calls: calls }] of messages.entries()) {
    const next = messages.slice(at + 1).findIndex(({ role }) => role !== 'tool');
    const outputs = messages.slice(at + 1, next < 0 ? undefined : at + 1 + next);
    const made = Array.isArray(calls) ? calls.length : 0;
    if (made > outputs.filter(({ role }) => role === 'tool').length) found.push(`message ${at}`);
  }
  return found;
}

test('a thread whose server begins with `call_0` in every round stays usable after a round that was interrupted', async () => {
  const server = await imitate('chat', (_, count) => (count <= 3 ? called(`r${count}`) : done));
  const threads = new RunThreads({ threads: ':memory:', locks: ':memory:' });
  const host = {
    config: { base_url: server.baseUrl, api_key: 'sk-local', server: 'compatible' as const, max_retries: 0 },
    threads,
  };
  const params = { wire: 'chat', stream: false, thread: { key: 'db-1' } } as const;
  const error = await failureOf(runAssistant({ ...params, prompt: 'Why?', tools: [lookup()], max_tool_rounds: 2 }, host));
  expect(error.code).toBe('too_many_tool_rounds');
  expect(await runAssistant({ ...params, prompt: 'And now?' }, host)).toMatchObject({ response: 'Done.' });
  const messages = server.requests.at(-1)?.body.messages as JsonObject[];
  expect(openCallsOf(messages)).toEqual([]);
  expect(messages.filter(({ role }) => role === 'tool').map(({ content }) => content)).toEqual([
    'up',
    'up',
    '{"error":"too many rounds"}',
  ]);
  await threads.close();
});

test('calls of one round that share an id get an output each', async () => {
  const seen: JsonObject[] = [];
  const both: Answer = {
    json: {
      choices: [
        {
          message: {
            content: null,
            tool_calls: ['a', 'b'].map((name) => ({
              id: 'call_0',
              type: 'function',
              function: { name: 'lookup', arguments: `{"host":"${name}"}` },
            })),
          },
        },
      ],
    },
  };
  const server = await imitate('chat', (_, count) => (count === 1 ? both : done));
  expect(await server.ask({ tools: [lookup(seen)] })).toMatchObject({ response: 'Done.' });
  expect(seen).toEqual([{ host: 'a' }, { host: 'b' }]);
  expect(openCallsOf(server.requests[1]?.body.messages as JsonObject[])).toEqual([]);
});
