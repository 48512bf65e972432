import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from 'threadline/provider';
import { RunThreads } from '../../../src/run/run-threads.ts';
import type { Config, Params } from '../contract/schema.ts';
import { failureOf, KEY, type Results, runAssistant } from '../testing/test-assistant.ts';
import { type Answer, imitate, lookup, type Request } from './test-imitation.ts';

type Server = NonNullable<Config['server']>;

const saying = (content: string): Answer => ({ json: { choices: [{ message: { content } }] } });
const said = saying('Both are up.');
const calling = (id: string): Answer => ({
  json: {
    choices: [{ message: { content: null, tool_calls: [{ id, function: { name: 'lookup', arguments: '{"host":"a"}' } }] } }],
  },
});
const refused = (message: string): Answer => ({ json: { error: { message, type: 'invalid_request_error' } }, status: 400 });
const messagesIn = ({ body }: Request) => body.messages as JsonObject[];
const rolesIn = (request: Request) => messagesIn(request).map(({ role }) => role);

/** Steps that share their threads, and what they sent. */
async function talking(answer: (request: Request, count: number) => Answer, server: Server = 'compatible') {
  const { baseUrl, requests } = await imitate('chat', answer);
  const threads = new RunThreads({ threads: ':memory:', locks: ':memory:' });
  const config: Config = { base_url: baseUrl, api_key: KEY, server };
  const ask = (params: Params): Promise<Results> =>
    runAssistant({ prompt: 'Why?', wire: 'chat', stream: false, ...params }, { config, threads });
  return { ask, requests, last: () => requests.at(-1) as Request };
}

describe('roles alternate', () => {
  test('a prompt and further messages are one message of the user', async () => {
    const { ask, last } = await talking(() => said);
    await ask({ additional_messages: [{ role: 'user', content: 'The disk?' }] });
    expect(messagesIn(last())).toEqual([{ role: 'user', content: 'Why?\n\nThe disk?' }]);
  });

  test('messages with pictures keep all their parts', async () => {
    const { ask, last } = await talking(() => said);
    await ask({ additional_messages: [{ role: 'user', content: 'This.' }], images: [{ url: 'https://example.com/a.png' }] });
    expect(messagesIn(last())).toHaveLength(1);
    expect(JSON.stringify(messagesIn(last()))).toMatch(/(?=.*Why\?)(?=.*a\.png)(?=.*This\.)/);
  });

  test('an answer in a thread stays apart from what is said around it', async () => {
    const { ask, last } = await talking(() => said);
    const { thread_id } = await ask({ instructions: 'Be short.' } as Params);
    await ask({ thread_id: String(thread_id) });
    expect(rolesIn(last())).toEqual(['user', 'assistant', 'user']);
  });

  /** A step whose functions were called, and whose answer failed. */
  const unanswered = (_: Request, count: number): Answer => (count === 1 ? calling('call_1') : { json: {}, status: 400 });

  test.each<[string, Server, number]>([
    ['a server that is known to want it', 'mistral', 1],
    ['a server that says so', 'compatible', 2],
  ])('outputs that nobody answered are followed by the assistant: %s', async (_, server, expected) => {
    const mistral = "Unexpected role 'user' after role 'tool'";
    const isUnruly = (request: Request) => rolesIn(request).some((role, at, all) => role === 'user' && all[at - 1] === 'tool');
    const { ask, requests, last } = await talking(
      (request, count) => (count <= 2 ? unanswered(request, count) : isUnruly(request) ? refused(mistral) : said),
      server,
    );
    await failureOf(ask({ thread: { key: 'db-1' }, tools: [lookup()] }));
    const before = requests.length;
    expect(await ask({ thread: { key: 'db-1' } })).toMatchObject({ text: 'Both are up.' });
    expect(rolesIn(last())).toEqual(['user', 'assistant', 'tool', 'assistant', 'user']);
    expect(requests.length - before).toBe(expected);
  });
});

test('a window begins with the user: the answer that it would begin with brings its question along', async () => {
  const { ask, last } = await talking((_, count) => saying(`Answer ${count}`));
  const { thread_id } = await ask({ prompt: 'One' });
  for (const prompt of ['Two', 'Three'])
    await ask({ prompt, thread_id: String(thread_id), truncation_strategy: { type: 'last_messages', last_messages: 2 } });
  expect(messagesIn(last()).map(({ content }) => content)).toEqual(['Two', 'Answer 2', 'Three']);
});

describe('ids of calls', () => {
  const idsIn = (request: Request) =>
    messagesIn(request).flatMap(({ tool_calls: calls, tool_call_id: id }) => [
      ...((calls ?? []) as JsonObject[]).map((call) => call.id),
      ...(id === undefined ? [] : [id]),
    ]);
  const wrong = (id: string) => refused(`Tool call id was ${id} but must be a-z, A-Z, 0-9, with a length of 9.`);
  const picky = (id: string) => (request: Request, count: number) => {
    const other = idsIn(request).find((one) => !/^[a-zA-Z0-9]{9}$/.test(String(one)));
    return other === undefined ? (count === 1 ? calling(id) : said) : wrong(String(other));
  };

  test.each<[string, string, Server, number]>([
    ['made up here, have nine letters', '', 'compatible', 2],
    ['of another server, have nine letters for one that is known', 'call_of_another_server', 'mistral', 2],
    ['of another server, have nine letters for one that says so', 'call_of_another_server', 'compatible', 3],
    ['of nine letters stay as they are', 'abcDEF123', 'mistral', 2],
  ])('%s', async (_, id, server, expected) => {
    const { ask, requests, last } = await talking(picky(id), server);
    expect(await ask({ tools: [lookup()] })).toMatchObject({ text: 'Both are up.' });
    const [asked, answered] = idsIn(last());
    expect(asked).toBe(answered);
    if (id.length === 9) expect(asked).toBe(id);
    expect(requests).toHaveLength(expected);
  });

  test('are left alone where nobody minds', async () => {
    const { ask, last } = await talking((_, count) => (count === 1 ? calling('functions.lookup:0') : said));
    await ask({ tools: [lookup()] });
    expect(idsIn(last())).toEqual(['functions.lookup:0', 'functions.lookup:0']);
  });
});

describe('a server that hands out fields which it does not take back is asked without them', () => {
  test.each([
    '[{"type":"extra_forbidden","loc":["body","messages",1,"assistant","reasoning_content"],"msg":"Extra inputs are not permitted"}]',
    "'messages.1' : for 'role:assistant' the following must be satisfied[('messages.1' : property 'reasoning_content' is unsupported)]",
    'messages.1.reasoning_content: Extra inputs are not permitted',
  ])('%s', async (message) => {
    const { ask, requests, last } = await talking((request, count) => {
      const thinking = {
        content: null,
        reasoning_content: 'Hm.',
        tool_calls: [{ id: 'c1', function: { name: 'lookup', arguments: '{"host":"a"}' } }],
      };
      if (count === 1) return { json: { choices: [{ message: thinking }] } };
      return messagesIn(request).some((one) => 'reasoning_content' in one) ? refused(message) : said;
    });
    expect(await ask({ tools: [lookup()] })).toMatchObject({ text: 'Both are up.' });
    expect(messagesIn(last())[1]).toMatchObject({ role: 'assistant', tool_calls: [{ function: { name: 'lookup' } }] });
    expect(requests).toHaveLength(3);
  });
});

describe('a step without functions, on a thread whose functions were called', () => {
  const demanding = (message: string) => (request: Request, count: number) => {
    if (count === 1) return calling('call_1');
    const calls = messagesIn(request).some(({ tool_calls: some }) => some !== undefined);
    return calls && request.body.tools === undefined ? refused(message) : said;
  };

  test.each([
    "litellm.UnsupportedParamsError: Bedrock doesn't support tool calling without `tools=` param specified. Pass `tools=` param OR set `litellm.modify_params = True`",
    'The toolConfig field must be defined when using toolUse and toolResult content blocks.',
    'Requests which include `tool_use` or `tool_result` blocks must define tools',
  ])('declares them, and allows none, where the server wants that: %s', async (message) => {
    const { ask, last } = await talking(demanding(message));
    const { thread_id } = await ask({ tools: [lookup()] });
    expect(await ask({ thread_id: String(thread_id) })).toMatchObject({ text: 'Both are up.' });
    expect(last().body).toMatchObject({ tool_choice: 'none', tools: [{ function: { name: 'lookup' } }] });
  });

  test('declares them over Responses, too, where the thread is sent along', async () => {
    const { baseUrl, requests } = await imitate('responses', ({ body }, count) => {
      const output = count === 1 ? { type: 'function_call', call_id: 'c1', name: 'lookup', arguments: '{"host":"a"}' } : null;
      const isLacking = JSON.stringify(body.input).includes('function_call') && body.tools === undefined;
      if (isLacking) return refused("Bedrock doesn't support tool calling without `tools=` param specified.");
      const text = { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Both are up.' }] };
      return { json: { id: `r${count}`, status: 'completed', output: [output ?? text] } };
    });
    const threads = new RunThreads({ threads: ':memory:', locks: ':memory:' });
    const config: Config = { base_url: baseUrl, api_key: KEY, server: 'litellm' };
    const step = { prompt: 'Why?', wire: 'responses', stream: false } as const;
    const { thread_id } = await runAssistant({ ...step, tools: [lookup()] }, { config, threads });
    const { text } = await runAssistant({ ...step, thread_id: String(thread_id) }, { config, threads });
    expect(text).toBe('Both are up.');
    expect(requests.at(-1)?.body).toMatchObject({ tool_choice: 'none', tools: [{ name: 'lookup' }] });
  });

  test('declares nothing where the server does not mind', async () => {
    const { ask, last } = await talking((_, count) => (count === 1 ? calling('call_1') : said));
    const { thread_id } = await ask({ tools: [lookup()] });
    await ask({ thread_id: String(thread_id) });
    expect(last().body).not.toHaveProperty('tools');
  });
});
