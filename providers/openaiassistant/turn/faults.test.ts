import { describe, expect, test } from '@jest/globals';
import type { Rule } from '../../../src/emulator/index.ts';
import { withAssistant } from '../testing/test-assistant.ts';
import { WIRE_NAMES } from '../wires/index.ts';

const soon = { 'retry-after-ms': 1 };
const passing: Rule[] = [
  { probability: 0.1, error: { status: 429, code: 'rate_limit_exceeded', headers: soon } },
  { probability: 0.1, error: { status: 503, headers: soon } },
  { probability: 0.1, error: { status: 500, headers: soon } },
];

describe.each(WIRE_NAMES)('over %s', (wire) => {
  test('T19 R9: a third of all requests fails in passing, and every ask ends right', () =>
    withAssistant([...passing, { text: 'Right.' }], async ({ ask }) => {
      const config = { max_retries: 20 };
      const one = () => ask({ prompt: 'Why?', wire, stream: wire !== 'assistants' }, { config });
      for (let round = 0; round < 5; round++) {
        const answers = await Promise.all(Array.from({ length: 20 }, one));
        expect(answers.every(({ text }) => text === 'Right.')).toBe(true);
      }
    }));

  test('a quota that is used up is asked for once', () =>
    withAssistant(
      [{ error: { status: 429, code: 'insufficient_quota', type: 'insufficient_quota' } }],
      async ({ failure, emulator }) => {
        const error = await failure({ prompt: 'Why?', wire }, { config: { max_retries: 5 } });
        expect(error).toMatchObject({ code: 'quota_exceeded', hint: expect.stringContaining('billing') });
        const path = { responses: '/responses', chat: '/chat/completions', assistants: '/runs' }[wire];
        expect(emulator.requests.filter((request) => request.path.endsWith(path))).toHaveLength(1);
      },
    ));
});

describe('a connection that breaks after the server has taken the request', () => {
  test.each([true, false])('is not paid twice: the answer stands in the conversation (stream: %s)', (stream) =>
    withAssistant(
      [{ when: { prompt: 'Lost' }, reset: 'after', times: 1 }, { when: { prompt: 'Lost' }, text: 'Found.' }, { text: 'Hello.' }],
      async ({ ask, asked, events }) => {
        const { thread_id: threadId } = await ask({ prompt: 'Hello' });
        const { text } = await ask({ prompt: 'Lost', thread_id: String(threadId), stream });
        expect({ text, asked: asked().length }).toEqual({ text: 'Found.', asked: 2 });
        expect(events).toContainEqual(expect.objectContaining({ message: expect.stringContaining('found in the conversation') }));
      },
    ),
  );

  test('in the background: the stream is gone on with', () =>
    withAssistant([{ text: 'one two three four', cut_after: 6 }], async ({ ask, asked, events, traffic }) => {
      const { text } = await ask({ prompt: 'Count', background: true });
      expect({ text, asked: asked().length }).toEqual({ text: 'one two three four', asked: 1 });
      expect(traffic().some((line) => line.startsWith('GET /responses/'))).toBe(true);
      const deltas = events.flatMap((event) => (event.type === 'text-delta' ? [event.text] : []));
      expect(deltas.join('')).toBe('one two three four');
    }));

  test('in the background: a cancelled step cancels the response', () =>
    withAssistant([{ text: 'Late.', latency_ms: 20_000 }], async ({ failure, traffic }) => {
      const error = await failure({ prompt: 'Slow', background: true, timeout: '300ms' });
      expect(error).toMatchObject({ code: 'timeout' });
      expect(traffic().some((line) => /^POST \/responses\/\w+\/cancel$/.test(line))).toBe(true);
    }));
});

describe('an answer that is none', () => {
  test.each<[string, Rule]>([
    ['a page of a proxy', { html: true }],
    ['a body that is no JSON', { garbage: true }],
    ['a stream that stalls', { text: 'one two three four', stall: true, cut_after: 3 }],
    ['a stream that is cut', { text: 'one two three', cut_after: 3 }],
  ])('%s ends in a failure that says so', (_what, rule) =>
    withAssistant([{ text: 'Hello.', ...rule }], async ({ failure }) => {
      for (const wire of ['responses', 'chat'] as const) {
        const error = await failure({ prompt: 'Why?', wire, idle_timeout: '200ms' });
        expect(['server_error', 'connection_failed']).toContain(error.code);
        expect(error.retryable).toBe(false);
      }
    }),
  );
});

test('a stream may say nothing for longer than one timer of Node lasts', () =>
  withAssistant([{ text: 'Hello.' }], async ({ ask }) => {
    for (const wire of ['responses', 'chat'] as const)
      expect(await ask({ prompt: 'Why?', wire, idle_timeout: '30d' })).toMatchObject({ text: 'Hello.' });
  }));

test('T24 R1: what the fallback has said is known to the first way afterwards', () =>
  withAssistant(
    [
      { when: { prompt: 'Two', path: '/chat/completions' }, text: 'From chat.' },
      { when: { prompt: 'Two' }, error: { status: 500 } },
      { when: { turn: 2 }, text: 'I know both.' },
    ],
    async ({ ask, emulator }) => {
      const first = await ask({ prompt: 'One' });
      const thread_id = String(first.thread_id);
      expect(await ask({ prompt: 'Two', thread_id, fallback: ['chat'] })).toMatchObject({ text: 'From chat.', wire: 'chat' });
      expect(await ask({ prompt: 'Three', thread_id })).toMatchObject({ text: 'I know both.', wire: 'responses' });
      const pushed = emulator.requests.filter(({ method, path }) => method === 'POST' && path.endsWith('/items'));
      expect(JSON.stringify(pushed)).toContain('From chat.');
    },
  ));

test('T7: a thread that the server has lost is made again from our copy', () =>
  withAssistant([{ when: { turn: 1 }, text: 'I remember.' }], async ({ ask, emulator, events }) => {
    const { thread_id: threadId } = await ask({ prompt: 'One' });
    await fetch(`${emulator.url}/conversations/${threadId}`, { method: 'DELETE', headers: { authorization: 'Bearer x' } });
    expect(await ask({ prompt: 'Two', thread_id: String(threadId) })).toMatchObject({ text: 'I remember.', thread_id: threadId });
    expect(events).toContainEqual(expect.objectContaining({ message: expect.stringContaining('made again from our copy') }));
    expect(await ask({ prompt: 'Three', thread_id: String(threadId) })).toMatchObject({ thread_id: threadId });
  }));

test('two asks of one key at once have one thread, one after the other', () =>
  withAssistant([{ text: 'Hello.', latency_ms: 50 }], async ({ ask }) => {
    const answers = await Promise.all(['One', 'Two', 'Three'].map((prompt) => ask({ prompt, thread: { key: 'db-1' } })));
    expect(new Set(answers.map(({ thread_id: id }) => id)).size).toBe(1);
    expect(answers.map(({ messages }) => messages.length).toSorted()).toEqual([2, 4, 6]);
  }));

test('`on_busy: fail` does not wait', () =>
  withAssistant([{ text: 'Hello.', latency_ms: 200 }], async ({ ask, failure }) => {
    const first = ask({ prompt: 'One', thread: { key: 'db-1' } });
    await new Promise((resolve) => setImmediate(resolve));
    expect(await failure({ prompt: 'Two', thread: { key: 'db-1', on_busy: 'fail' } })).toMatchObject({ code: 'thread_busy' });
    await first;
  }));
