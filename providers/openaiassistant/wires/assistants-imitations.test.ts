import { describe, expect, test } from '@jest/globals';
import type { Json, JsonObject } from 'threadline/provider';
import { type Answer, imitate, lookup, type Request } from './test-imitation.ts';

const MISSING: Answer = { json: { error: { message: 'Cannot find that.' } }, status: 404 };

interface Facade {
  run?: JsonObject;
  /** Later looks at the run, in turn; the last one stays. */
  looks?: JsonObject[];
  messages?: (asked: Request[]) => Json;
}

/** As much of the API as the smallest facade has: it knows no retrieving of threads, no cancelling, and no deleting. */
async function facade({ run = { status: 'completed' }, looks = [], messages = () => [answer('Full.')] }: Facade) {
  const asked: Request[] = [];
  let look = 0;
  const imitation = await imitate('assistants', (request) => {
    asked.push(request);
    const line = `${request.method} ${request.path}`;
    if (line === 'POST /assistants') return { json: { id: 'asst_1' } };
    if (line === 'POST /threads') return { json: { id: 'thread_1' } };
    if (line === 'POST /threads/thread_1/messages') return { json: { id: 'msg_0' } };
    if (line === 'GET /threads/thread_1/messages') return { json: { data: messages(asked) } };
    if (line === 'POST /threads/thread_1/runs') return { json: { id: 'run_1', ...run } };
    if (line === 'GET /threads/thread_1/runs/run_1' || line.endsWith('/submit_tool_outputs'))
      return { json: { id: 'run_1', ...looks[Math.min(look++, looks.length - 1)] } };
    return MISSING;
  });
  return { ...imitation, lines: () => asked.map(({ method, path }) => `${method} ${path}`) };
}

const answer = (content: Json, more: JsonObject = {}): JsonObject => ({ role: 'assistant', content, ...more });
const question: JsonObject = { id: 'msg_0', role: 'user', content: 'Why?' };

describe('a facade of the Assistants API', () => {
  test.each<[string, Facade]>([
    ['that has answered when it is asked', {}],
    ['whose contents are strings', { messages: () => [answer('Full.'), question] }],
    ['whose texts are strings', { messages: () => [answer([{ type: 'text', text: 'Full.' }]), question] }],
    ['that does not say of which run a message is', { messages: () => [answer('Full.', { run_id: null }), question] }],
    ['that lists the oldest first', { messages: () => [question, answer('Full.', { run_id: 'run_1' })] }],
    ['that says no status at first', { run: {}, looks: [{ status: 'completed' }] }],
    ['of states that nobody knows', { run: { status: 'thinking' }, looks: [{ status: 'thinking' }, { status: 'completed' }] }],
    ['that knows no streams', {}],
  ])('%s is understood', async (title, parts) => {
    const { ask } = await facade(parts);
    expect(await ask({ stream: title.endsWith('streams') })).toMatchObject({
      text: 'Full.',
      status: 'completed',
      run_id: 'run_1',
    });
  });

  test.each<[string, Facade, object]>([
    ['that has no answer', { messages: () => [question] }, { code: 'empty_output' }],
    [
      'that has an older answer only',
      { messages: () => [question, answer('Old.', { run_id: 'run_0' })] },
      { code: 'empty_output' },
    ],
    [
      'whose run fails without saying why',
      { run: { status: 'failed' } },
      { code: 'run_failed', message: 'The server ended the run as failed: its status is failed.' },
    ],
    [
      'whose message was cut',
      { messages: () => [answer('Do NOT ', { status: 'incomplete', incomplete_details: { reason: 'max_tokens' } })] },
      { code: 'incomplete', message: 'The answer was cut off: max_tokens.' },
    ],
    ['whose run has expired', { run: { status: 'expired' } }, {}],
    ['whose run is no run', { run: { id: null } }, { code: 'server_error', retryable: false }],
    ['whose messages are none', { messages: () => null }, { code: 'empty_output' }],
  ])('%s is a failure', async (_, parts, failure) => {
    expect(await (await facade(parts)).failure()).toMatchObject(failure);
  });

  test('whose run wants something and does not say what is a failure, and the run is given up', async () => {
    const { failure, lines } = await facade({ run: { status: 'requires_action' } });
    const error = await failure({ tools: [lookup()] });
    expect(error).toMatchObject({ code: 'run_failed', message: expect.stringContaining('does not say which') });
    expect(lines().filter((line) => line.endsWith('/cancel'))).toHaveLength(1);
  });

  test('whose calls have objects for arguments', async () => {
    const calls = { submit_tool_outputs: { tool_calls: [{ id: 'x', function: { name: 'lookup', arguments: { host: 'a' } } }] } };
    const { ask } = await facade({
      run: { status: 'requires_action', required_action: calls },
      looks: [{ status: 'completed' }],
    });
    const { text, tool_calls: made } = await ask({ tools: [lookup()] });
    expect({ text, made }).toMatchObject({ text: 'Full.', made: [{ arguments: { host: 'a' }, error: null }] });
  });

  test('that cannot cancel does not keep a step from ending', async () => {
    const { failure } = await facade({ run: { status: 'queued' }, looks: [{ status: 'queued' }] });
    expect(await failure({ timeout: '300ms' })).toMatchObject({
      code: 'timeout',
      details: { run_id: 'run_1', thread_id: 'thread_1' },
    });
  });

  test.each(['/assistants', '/threads'])('that makes %s without an id is a failure', async (path) => {
    const { failure } = await imitate('assistants', (request) => ({ json: request.path === path ? {} : { id: 'x' } }));
    expect(await failure()).toMatchObject({ code: 'server_error', retryable: false });
  });
});
