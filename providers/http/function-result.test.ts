import { expect, test } from '@jest/globals';
import http from './index.ts';

const answer = {
  ok: true,
  status: true,
  status_code: 200,
  headers: { 'set-cookie': 'session=1' },
  body: [{ id: 1 }],
  url: 'https://x',
};

test('a function that is an http step returns the body: neither headers nor cookies reach a model', () => {
  expect(http.functionResult?.(answer)).toEqual([{ id: 1 }]);
  expect(http.functionResult?.({ ...answer, body: null })).toBeNull();
});

test('an answer that failed, and was let through, says its status', () => {
  expect(http.functionResult?.({ ...answer, ok: false, status_code: 404, body: 'no such host' })).toEqual({
    status_code: 404,
    body: 'no such host',
  });
});

test('what stands in for an answer stays as it is', () => {
  expect(http.functionResult?.('up')).toBe('up');
  expect(http.functionResult?.({ hosts: 2 })).toEqual({ hosts: 2 });
});
