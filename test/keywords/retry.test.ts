import { describe, expect, test } from '@jest/globals';
import { delayBeforeNext, type RetryPolicy } from '../../src/keywords/retry.ts';
import { type ErrorCode, ThreadlineError } from '../../src/shared/errors/errors.ts';
import { fc } from '../support/properties.ts';

const POLICY: RetryPolicy = { attempts: 10, backoff: 'exponential', delayMs: 1000, maxDelayMs: 60_000, on: undefined };
const error = (code: ErrorCode, retryAfterMs?: number) =>
  new ThreadlineError(code, 'x', retryAfterMs === undefined ? {} : { details: { retry_after_ms: retryAfterMs } });

describe('the delay before the next try', () => {
  test('doubles, up to its maximum', () => {
    const delays = [1, 2, 3, 4, 7, 9].map((attempt) => delayBeforeNext(POLICY, attempt, error('rate_limit'), 1));
    expect(delays).toEqual([1000, 2000, 4000, 8000, 60_000, 60_000]);
  });

  test('stays the same when it is fixed', () => {
    const fixed = { ...POLICY, backoff: 'fixed' } as const;
    expect([1, 2, 5].map((attempt) => delayBeforeNext(fixed, attempt, error('timeout'), 0.3))).toEqual([1000, 1000, 1000]);
  });

  test('has jitter of at most a quarter, downwards', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 1, max: 9 }), (random, attempt) => {
        const full = Math.min(1000 * 2 ** (attempt - 1), 60_000);
        const delay = delayBeforeNext(POLICY, attempt, error('server_error'), random) ?? -1;
        expect(delay).toBeGreaterThanOrEqual(full * 0.75 - 1);
        expect(delay).toBeLessThanOrEqual(full);
      }),
    );
  });

  test('is what the server asks for, when that is longer, up to ten minutes', () => {
    expect(delayBeforeNext(POLICY, 1, error('rate_limit', 30_000), 0)).toBe(30_000);
    expect(delayBeforeNext(POLICY, 1, error('rate_limit', 5), 0)).toBe(750);
    expect(delayBeforeNext(POLICY, 1, error('rate_limit', 10 ** 9), 0)).toBe(600_000);
    expect(delayBeforeNext(POLICY, 1, error('rate_limit', Number.NaN), 0)).toBe(750);
  });

  test('is none after the last try', () => {
    expect(delayBeforeNext({ ...POLICY, attempts: 3 }, 3, error('timeout'), 0)).toBeUndefined();
    expect(delayBeforeNext({ ...POLICY, attempts: 1 }, 1, error('timeout'), 0)).toBeUndefined();
  });

  test.each<[ErrorCode, string[] | undefined, boolean]>([
    ['rate_limit', undefined, true],
    ['bad_request', undefined, false],
    ['bad_request', ['any'], true],
    ['bad_request', ['bad_request'], true],
    ['rate_limit', ['timeout'], false],
    ['cancelled', ['any', 'cancelled'], false],
  ])('%s with on: %j: %s', (code, on, wanted) => {
    const policy = { ...POLICY, on: on && new Set(on) };
    expect(delayBeforeNext(policy, 1, error(code), 0) !== undefined).toBe(wanted);
  });
});
