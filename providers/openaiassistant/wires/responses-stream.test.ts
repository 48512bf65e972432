import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { openClient } from '../client.ts';
import { counting, failureOf, runAssistant, withAssistant } from '../test-assistant.ts';

describe('a stream', () => {
  test.each([2, 5, 7])('T18: that is cut after %i events names its run, and is not asked for again', (count) =>
    withAssistant([{ text: 'one two three', cut_after: count }], async ({ failure, asked }) => {
      const error = await failure({ prompt: 'Why?' });
      expect(error).toMatchObject({ code: 'connection_failed', retryable: false });
      expect(error.details).toMatchObject({
        run_id: expect.stringMatching(/^resp_/),
        thread_id: expect.stringMatching(/^conv_/),
      });
      expect(asked()).toHaveLength(1);
    }),
  );

  const created = { type: 'response.created', response: { id: 'resp_1', status: 'in_progress', output: [] } };
  const events = (...list: object[]) => list.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('');
  const failed = (base_url: string) => failureOf(runAssistant({ prompt: 'Why?', thread_id: 'conv_1' }, { config: { base_url } }));
  const sending = (text: string) =>
    counting((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'x-request-id': 'req_1' });
      response.end(text);
    });

  test('that ends in good order without an answer', async () => {
    const { base_url } = await sending(events(created));
    const error = await failed(base_url);
    expect(error).toMatchObject({
      code: 'connection_failed',
      message: 'The stream ended before the answer did.',
      retryable: false,
    });
    expect(error.details).toMatchObject({ thread_id: 'conv_1', run_id: 'resp_1', request_id: 'req_1' });
  });

  test.each([
    ['server_error', 'server_error', true],
    ['rate_limit_exceeded', 'rate_limit', true],
    ['insufficient_quota', 'quota_exceeded', false],
    ['invalid_prompt', 'bad_request', false],
    [null, 'server_error', true],
  ])('with an error event (%s)', async (code, expected, retryable) => {
    const event = { type: 'error', code, message: 'It broke.', param: null, sequence_number: 1 };
    const { base_url, count } = await sending(`${events(created)}event: error\ndata: ${JSON.stringify(event)}\n\n`);
    const error = await failed(base_url);
    expect(error).toMatchObject({ code: expected, retryable, message: 'The API ended the stream: It broke.' });
    expect(error.details).toMatchObject({ run_id: 'resp_1', request_id: 'req_1' });
    expect(count()).toBe(1);
  });

  test('with an event that is no JSON', async () => {
    const { base_url } = await sending(`${events(created)}data: {"type":\n\n`);
    expect(await failed(base_url)).toMatchObject({ code: 'server_error', retryable: false, details: { run_id: 'resp_1' } });
  });

  describe('that stalls', () => {
    afterEach(() => {
      jest.useRealTimers();
    });
    const REAL = 'Date hrtime nextTick performance queueMicrotask setImmediate clearImmediate setInterval clearInterval'.split(
      ' ',
    );
    const fakeTimers = () => jest.useFakeTimers({ doNotFake: REAL as never });

    test('is given up after five minutes, though the connection is kept alive', async () => {
      const sent = Promise.withResolvers<ServerResponse>();
      const { base_url } = await counting((response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream', 'x-request-id': 'req_1' });
        response.write(`${events(created)}: still here\n\n`, () => sent.resolve(response));
      });
      await openClient({ base_url });
      fakeTimers();
      const running = failed(base_url);
      const response = await sent.promise;
      for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
      jest.advanceTimersByTime(300_000);
      const error = await running;
      expect(error).toMatchObject({
        code: 'connection_failed',
        message: 'The stream said nothing for 300 seconds.',
        retryable: false,
      });
      expect(error.details).toMatchObject({ thread_id: 'conv_1', run_id: 'resp_1', request_id: 'req_1' });
      if (!response.closed) await once(response, 'close');
    });

    test('is given up after five minutes without headers', async () => {
      const asked = Promise.withResolvers<void>();
      const { base_url } = await counting(() => asked.resolve());
      await openClient({ base_url });
      fakeTimers();
      const running = failed(base_url);
      await asked.promise;
      jest.advanceTimersByTime(300_000);
      expect(await running).toMatchObject({ code: 'connection_failed', message: 'The stream said nothing for 300 seconds.' });
    });

    test('after its last event has answered', async () => {
      const text = { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Done.' }] };
      const completed = { type: 'response.completed', response: { id: 'resp_1', status: 'completed', output: [text] } };
      const { base_url } = await counting((response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(events(created, completed));
      });
      expect(await runAssistant({ prompt: 'Why?', store: false }, { config: { base_url } })).toMatchObject({ text: 'Done.' });
    });
  });
});
