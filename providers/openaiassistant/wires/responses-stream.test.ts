import { describe, expect, test } from '@jest/globals';
import { counting, failureOf, runAssistant, withAssistant } from '../testing/test-assistant.ts';

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
    expect(error).toMatchObject({ code: expected, retryable, message: 'The API reports an error: It broke.' });
    expect(error.details).toMatchObject({ run_id: 'resp_1', request_id: 'req_1' });
    expect(count()).toBe(1);
  });

  test('with an event that is no JSON', async () => {
    const { base_url } = await sending(`${events(created)}data: {"type":\n\n`);
    expect(await failed(base_url)).toMatchObject({ code: 'server_error', retryable: false, details: { run_id: 'resp_1' } });
  });

  describe('that stalls', () => {
    const silent = { prompt: 'Why?', thread_id: 'conv_1', idle_timeout: '100ms' } as const;
    const message = 'The stream said nothing for 0.1 seconds.';

    test('is given up without headers', async () => {
      const { base_url } = await counting(() => undefined);
      expect(await failureOf(runAssistant(silent, { config: { base_url } }))).toMatchObject({
        code: 'connection_failed',
        message,
      });
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
