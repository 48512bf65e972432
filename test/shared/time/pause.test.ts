import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { PausableTimer } from '../../../src/journal/pausable-timer.ts';
import { withDeadline } from '../../../src/provider/deadline.ts';
import { ThreadlineError } from '../../../src/shared/errors/errors.ts';
import { pause } from '../../../src/shared/time/pause.ts';

const DAY_MS = 24 * 3_600_000;

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

/** Whether the promise is settled after so many days more. */
async function isOverAfter(promise: Promise<unknown>, days: number): Promise<boolean> {
  let isOver = false;
  void promise.then(() => {
    isOver = true;
  });
  for (let day = 0; day < days; day++) await jest.advanceTimersByTimeAsync(DAY_MS);
  return isOver;
}

test('a pause lasts as long as it says, longer than one timer of Node can', async () => {
  const over = pause(60 * DAY_MS);
  expect(await isOverAfter(over, 59)).toBe(false);
  expect(await isOverAfter(over, 1)).toBe(true);
});

test('a pause ends when its signal aborts, and does not begin where it has', async () => {
  const controller = new AbortController();
  const over = pause(DAY_MS, controller.signal);
  controller.abort();
  await over;
  await pause(DAY_MS, controller.signal);
  expect(jest.getTimerCount()).toBe(0);
});

test('a deadline of weeks ends when it says, and leaves no timer behind work that is done', async () => {
  const late = new ThreadlineError('timeout', 'too late');
  const never = new AbortController().signal;
  const work = (signal: AbortSignal) => new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
  const over = withDeadline(30 * DAY_MS, late, never, work);
  expect(await isOverAfter(over, 29)).toBe(false);
  expect(await isOverAfter(over, 1)).toBe(true);
  await withDeadline(30 * DAY_MS, late, never, async () => undefined);
  expect(jest.getTimerCount()).toBe(0);
});

test('a time limit of weeks ends when it says', async () => {
  const over = new Promise<void>((resolve) => new PausableTimer(30 * DAY_MS, resolve));
  expect(await isOverAfter(over, 29)).toBe(false);
  expect(await isOverAfter(over, 1)).toBe(true);
});

test('the time of a limit stands still while anybody has stopped it, and never ends once it was ended', async () => {
  let ends = 0;
  const timer = new PausableTimer(2 * DAY_MS, () => {
    ends++;
  });
  await jest.advanceTimersByTimeAsync(DAY_MS);
  const [go, goToo] = [timer.stop(), timer.stop()];
  await jest.advanceTimersByTimeAsync(5 * DAY_MS);
  go();
  await jest.advanceTimersByTimeAsync(5 * DAY_MS);
  goToo();
  await jest.advanceTimersByTimeAsync(DAY_MS - 1);
  expect(ends).toBe(0);
  await jest.advanceTimersByTimeAsync(1);
  expect(ends).toBe(1);
  const ended = new PausableTimer(DAY_MS, () => {
    ends++;
  });
  ended.end();
  await jest.advanceTimersByTimeAsync(2 * DAY_MS);
  expect(ends).toBe(1);
});
