import { expect, test } from '@jest/globals';
import { type JsonObject, type ProviderContext, ThreadlineError } from 'threadline/provider';
import { checkSchema } from 'threadline/runtime';
import provider from './index.ts';

/** Runs the provider as the host does, with parameters that fit its schema. */
async function run(params: JsonObject, signal = new AbortController().signal): Promise<unknown> {
  expect(checkSchema(provider.params, params)).toEqual([]);
  return provider.run(params, { config: {}, signal } as ProviderContext<object>);
}

test.each([
  ['output', { output: { a: 1 } }, { a: 1 }],
  ['an output of null', { output: null, other: 1 }, null],
  ['an output of false', { output: false }, false],
  ["Keep's command_output", { command: 'ls', command_output: [1, 2] }, [1, 2]],
  ['output before command_output', { output: 'a', command_output: 'b' }, 'a'],
  ['all parameters when none is the output', { name: 'x', nested: { list: [1] } }, { name: 'x', nested: { list: [1] } }],
  ['an empty map for nothing', {}, {}],
])('returns %s', async (_, params, result) => {
  expect(await run(params)).toEqual(result);
});

test('a delay passes first, and is no part of the result', async () => {
  const started = performance.now();
  expect(await run({ delay: '50ms', a: 1 })).toEqual({ a: 1 });
  expect(performance.now() - started).toBeGreaterThanOrEqual(45);
});

test('a delay ends when the step is cancelled', async () => {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 20);
  await expect(run({ delay: '1h' }, controller.signal)).rejects.toMatchObject({ code: 'cancelled' });
});

test('a delay fails with what the abort gives as its reason', async () => {
  const reason = new ThreadlineError('timeout', 'The step took longer than its timeout of 1s.');
  await expect(run({ delay: 60 }, AbortSignal.abort(reason))).rejects.toBe(reason);
});

test.each([
  [{ message: 'no' }, { code: 'step_failed', message: 'no', retryable: false }],
  [
    { message: 'slow down', code: 'rate_limit' },
    { code: 'rate_limit', retryable: true },
  ],
  [
    { message: 'never', code: 'server_error', retryable: false },
    { code: 'server_error', retryable: false },
  ],
])('fails with %j', async (error, wanted) => {
  await expect(run({ error, output: 1 })).rejects.toMatchObject(wanted);
});

test('an error code that does not exist is a mistake in the workflow', () => {
  const issues = checkSchema(provider.params, { error: { message: 'x', code: 'rate_limt' } });
  expect(issues).toMatchObject([{ path: ['error', 'code'], hint: expect.stringContaining('rate_limit') }]);
});
