import { execFile } from 'node:child_process';
import { getEventListeners } from 'node:events';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { counting, failureOf, KEY, runAssistant } from '../testing/test-assistant.ts';
import { systemClock } from './clock.ts';
import { transportsOn } from './open-transport.ts';
import { answer, answering, clientOf, failing, fine, settled, TestClock } from './test-transport.ts';

const noRequestsLeft = {
  'x-ratelimit-limit-requests': '1',
  'x-ratelimit-remaining-requests': '0',
  'x-ratelimit-reset-requests': '6s',
};

test('requests wait for the rate limit, in their order, and say so', async () => {
  const clock = new TestClock();
  const { baseURL, asked } = await answering(answer(200, {}, noRequestsLeft));
  const { ask, waits } = clientOf(baseURL, clock);
  await ask('one');
  const two = ask('two');
  const three = ask('three');
  while (waits.length < 2) await settled();
  expect(asked).toHaveLength(1);
  clock.advance(6000);
  await two;
  expect(asked.map(({ body }) => JSON.parse(body).input)).toEqual(['one', 'two']);
  clock.advance(6000);
  await three;
  expect(asked.map(({ body }) => JSON.parse(body).input)).toEqual(['one', 'two', 'three']);
});

test('another model and another key have limits of their own; another step has the same', async () => {
  const { baseURL, asked } = await answering(answer(200, {}, noRequestsLeft), answer(200, {}, noRequestsLeft), fine);
  const openTransport = transportsOn(new TestClock());
  const waits: unknown[] = [];
  const post = async (apiKey: string, model: string) => {
    const fetch = openTransport({
      server: new URL(baseURL).host,
      apiKey,
      maxRetries: 0,
      onRetry: () => {},
      onWait: (note) => waits.push(note),
    });
    await fetch(baseURL, { method: 'POST', body: JSON.stringify({ model }) });
  };
  await post('one', 'small');
  await post('one', 'large');
  await post('two', 'small');
  expect([asked.length, waits.length]).toEqual([3, 0]);
  post('one', 'small');
  expect([asked.length, waits.length]).toEqual([3, 1]);
});

test('after a 429 everybody waits as long as one was told', async () => {
  const clock = new TestClock();
  const { baseURL, asked } = await answering(failing(429, {}, { 'retry-after': '7' }), fine);
  const { ask, waits, retries } = clientOf(baseURL, clock);
  const first = ask('one');
  while (retries.length === 0) await settled();
  const second = ask('two');
  while (waits.length === 0) await settled();
  expect(waits).toEqual([{ reason: 'the server asked to wait', delayMs: 7000 }]);
  expect(asked).toHaveLength(1);
  clock.advance(7000);
  await Promise.all([first, second]);
  expect(asked).toHaveLength(3);
});

test('a wait ends when the signal aborts', async () => {
  const { baseURL, asked } = await answering(failing(503));
  const controller = new AbortController();
  const { ask } = clientOf(baseURL, systemClock, { onRetry: () => controller.abort() });
  await expect(ask('Hi', controller.signal)).rejects.toThrow('Request was aborted.');
  expect(asked).toHaveLength(1);
});

test('sleep leaves nothing on the signal, however it ends', async () => {
  const controller = new AbortController();
  await systemClock.sleep(1, controller.signal);
  const sleeping = systemClock.sleep(60_000, controller.signal);
  controller.abort(new Error('Ctrl-C'));
  await expect(sleeping).rejects.toThrow('Ctrl-C');
  await expect(systemClock.sleep(1, controller.signal)).rejects.toThrow('Ctrl-C');
  expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
});

test('a wait alone does not keep the process', async () => {
  const clock = JSON.stringify(new URL('./clock.ts', import.meta.url).href);
  const program = `const { systemClock } = await import(${clock}); systemClock.sleep(600_000); console.log('waiting');`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program]);
  expect(stdout).toBe('waiting\n');
});

test('a step repeats what its configuration lets it, and fails with what the server said at last', async () => {
  const { base_url, count } = await counting((response) => response.writeHead(503, { 'retry-after-ms': '1' }).end());
  const config = { api_key: KEY, base_url, max_retries: 2 };
  const error = await failureOf(runAssistant({ prompt: 'Hi', thread_id: 'conv_1' }, { config }));
  expect(error).toMatchObject({ code: 'server_error', details: { status: 503, retry_after_ms: 1 } });
  expect(count()).toBe(3);
});

test('a step that is asked to wait for hours fails at once, with how long', async () => {
  const { base_url, count } = await counting((response) => response.writeHead(429, { 'retry-after': '7200' }).end());
  const error = await failureOf(runAssistant({ prompt: 'Hi', thread_id: 'conv_1' }, { config: { base_url, max_retries: 6 } }));
  expect(error).toMatchObject({ code: 'rate_limit', details: { retry_after_ms: 7_200_000 } });
  expect(count()).toBe(1);
});
