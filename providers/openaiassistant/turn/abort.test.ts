import { once } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { ThreadlineError } from 'threadline/provider';
import { testStep } from 'threadline/testing';
import { failureOf, host, runAssistant, serve, withAssistant } from '../testing/test-assistant.ts';

const words = 'one two three four five six seven eight nine ten';
const ctrlC = () => new ThreadlineError('cancelled', 'The run was cancelled.');

/** A server that takes requests and answers none of them; `left` resolves when the client hangs up. */
async function silentServer() {
  const asked = Promise.withResolvers<void>();
  const left = Promise.withResolvers<void>();
  const base_url = await serve((request, response) => {
    request.resume();
    once(response, 'close').then(() => left.resolve());
    asked.resolve();
  });
  return { base_url, asked: asked.promise, left: left.promise };
}

test('a run that was cancelled before sends nothing', () =>
  withAssistant([], async ({ failure, traffic }) => {
    const error = await failure({ prompt: 'Hi' }, { signal: AbortSignal.abort(ctrlC()) });
    expect(error).toMatchObject({ code: 'cancelled', retryable: false });
    expect(traffic()).toEqual([]);
  }));

test('whatever the signal aborts with, the failure is one that reports know', () =>
  withAssistant([], async ({ failure }) => {
    expect(await failure({ prompt: 'Hi' }, { signal: AbortSignal.abort() })).toMatchObject({ code: 'cancelled' });
  }));

describe.each([true, false])('with stream: %s', (stream) => {
  test.each([
    ['the thread is made', {}],
    ['the answer is waited for', { thread_id: 'conv_1' }],
  ])('Ctrl-C while %s ends the request', async (_, params) => {
    const { base_url, asked, left } = await silentServer();
    const controller = new AbortController();
    const running = failureOf(
      runAssistant({ prompt: 'Hi', stream, ...params }, { config: { base_url }, signal: controller.signal }),
    );
    await asked;
    controller.abort(ctrlC());
    expect(await running).toMatchObject({ code: 'cancelled', message: 'The run was cancelled.' });
    await left;
  });

  test.each([
    ['timeout', { timeout: '500ms' }],
    ["Keep's max_wait_time", { max_wait_time: 0.5 }],
  ])('T16: %s ends the run, at the server too', (_, params) =>
    withAssistant(
      [{ when: { prompt: 'slow' }, text: words, latency_ms: 60_000 }, { text: 'Still here.' }],
      async ({ ask, failure, events }) => {
        const { thread_id: id } = await ask({ prompt: 'One' });
        const error = await failure({ prompt: 'slow', thread_id: String(id), stream, ...params });
        expect(error).toMatchObject({
          code: 'timeout',
          message: 'The assistant took longer than 0.5 seconds.',
          hint: 'Raise `timeout` in its parameters.',
          details: { thread_id: id },
        });
        if (stream) expect(error.details?.run_id).toMatch(/^resp_/);
        expect(events.filter(({ type }) => type === 'log')).toEqual([]);
        // The emulator sees that nobody listens and frees the thread.
        await new Promise((resolve) => setTimeout(resolve, 100));
        const { messages } = await ask({ prompt: 'Two', thread_id: String(id) });
        expect(messages.map(({ text }) => text)).toEqual(['One', 'Still here.', 'Two', 'Still here.']);
      },
    ),
  );
});

test('Ctrl-C in mid-stream ends it, with the ids of what was under way', () =>
  withAssistant([{ text: words, chunk_latency_ms: 20 }], async ({ failure, events }) => {
    const controller = new AbortController();
    const running = failure(
      { prompt: 'Hi' },
      {
        signal: controller.signal,
        emit: (event) => {
          events.push(event);
          if (event.type === 'text-delta') controller.abort(ctrlC());
        },
      },
    );
    expect(await running).toMatchObject({
      code: 'cancelled',
      details: {
        thread_id: expect.stringMatching(/^conv_/),
        run_id: expect.stringMatching(/^resp_/),
        request_id: expect.stringMatching(/^req_/),
      },
    });
    expect(events.filter(({ type }) => type === 'text-delta')).toHaveLength(1);
  }));

test('Ctrl-C during a function reaches the function, and leaves a thread that can be used', () =>
  withAssistant(
    [{ when: { prompt: 'next' }, text: 'Next.' }, { tool_calls: [{ name: 'look', arguments: { host: 'a' } }] }],
    async ({ ask, failure }) => {
      const controller = new AbortController();
      const told = Promise.withResolvers<unknown>();
      const step = testStep((_, signal) => {
        signal.addEventListener('abort', () => told.resolve(signal.reason));
        setTimeout(() => controller.abort(ctrlC()), 10);
        return new Promise<never>(() => {});
      });
      const tools = [{ function: 'look', parameters: host, provider: step }];
      const error = await failure({ prompt: 'check', tools }, { signal: controller.signal });
      expect(error).toMatchObject({ code: 'cancelled' });
      expect(await told.promise).toMatchObject({ code: 'cancelled' });
      const threadId = String(error.details?.thread_id);
      expect(await ask({ prompt: 'next', thread_id: threadId })).toMatchObject({ response: 'Next.' });
    },
  ));

test('functions that have not begun when the run is cancelled never do', () =>
  withAssistant(
    [{ tool_calls: Array.from({ length: 20 }, () => ({ name: 'look', arguments: { host: 'a' } })) }],
    async ({ failure }) => {
      const controller = new AbortController();
      let begun = 0;
      const step = testStep(async (_, signal) => {
        if (++begun === 8) controller.abort(ctrlC());
        signal.throwIfAborted();
        return new Promise((resolve) => signal.addEventListener('abort', () => resolve('late')));
      });
      const tools = [{ function: 'look', parameters: host, provider: step }];
      expect(await failure({ prompt: 'check', tools }, { signal: controller.signal })).toMatchObject({ code: 'cancelled' });
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(begun).toBe(8);
    },
  ));

test('a run that is cancelled between an answer and its functions runs none', () =>
  withAssistant([{ tool_calls: [{ name: 'look', arguments: { host: 'a' } }] }], async ({ failure }) => {
    const controller = new AbortController();
    let begun = 0;
    const tools = [{ function: 'look', parameters: host, provider: testStep(() => ++begun) }];
    const emit = ({ type }: { type: string }) => type === 'usage' && controller.abort(ctrlC());
    expect(await failure({ prompt: 'check', tools }, { signal: controller.signal, emit })).toMatchObject({ code: 'cancelled' });
    expect(begun).toBe(0);
  }));
