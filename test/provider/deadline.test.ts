import { getEventListeners } from 'node:events';
import { expect, test } from '@jest/globals';
import { abortReason, ThreadlineError, withDeadline } from 'threadline/provider';

const LATE = new ThreadlineError('timeout', 'It took longer than a moment.');
const untilAborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

test('work that takes too long is aborted with the failure that was given', async () => {
  await expect(withDeadline(10, LATE, new AbortController().signal, untilAborted)).rejects.toBe(LATE);
});

test('work ends with the step, for the reason of the step', async () => {
  const step = new AbortController();
  const reason = new ThreadlineError('waiting', 'The run waits.');
  const work = withDeadline(60_000, LATE, step.signal, untilAborted);
  step.abort(reason);
  await expect(work).rejects.toBe(reason);
});

test('a limit longer than a timer can count does not end the work, and nothing stays on the signal', async () => {
  const { signal } = new AbortController();
  const longest = 10 * 365 * 86_400_000;
  const work = withDeadline(
    longest,
    LATE,
    signal,
    (limit) => new Promise((resolve) => setTimeout(() => resolve(limit.aborted), 20)),
  );
  expect(getEventListeners(signal, 'abort')).toHaveLength(1);
  expect(await work).toBe(false);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test.each([
  [AbortSignal.abort(LATE), LATE],
  [AbortSignal.abort(new DOMException('', 'TimeoutError')), { code: 'timeout' }],
  [AbortSignal.abort(), { code: 'cancelled' }],
])('every reason of an abort is a failure of the step', (signal, wanted) => {
  const failure = abortReason(signal);
  expect(failure).toBeInstanceOf(ThreadlineError);
  expect(failure).toMatchObject(wanted);
});
