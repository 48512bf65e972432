import { expect, test } from '@jest/globals';
import { didYouMean, nearest } from '../../../src/shared/text/suggest.ts';

const KEYS = ['name', 'if', 'foreach', 'retry', 'timeout', 'on-failure', 'continue-on-error', 'provider'];

test.each([
  ['nmae', 'name'],
  ['forEach', 'foreach'],
  ['onFailure', 'on-failure'],
  ['on_failure', 'on-failure'],
  ['continueOnError', 'continue-on-error'],
  ['provder', 'provider'],
  ['iff', 'if'],
  ['Retry', 'retry'],
])('%s is %s, misspelt', (word, meant) => {
  expect(nearest(word, KEYS)).toBe(meant);
});

test.each(['banana', '', 'x', '__proto__', 'a'.repeat(100_000)])('nothing is like %.20s', (word) => {
  expect(nearest(word, KEYS)).toBeUndefined();
});

test('a word is not suggested for itself', () => {
  expect(nearest('name', ['name'])).toBeUndefined();
  expect(didYouMean('name', ['name', 'nam'])).toBe('Did you mean `nam`?');
});
