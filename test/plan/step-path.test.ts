import { expect, test } from '@jest/globals';
import { nameOfPath, pathOfTry } from '../../src/plan/step-path.ts';

test('each further try has a path of its own, and all have one name', () => {
  const paths = [1, 2, 3].map((attempt) => `${pathOfTry('hosts[2]', attempt)}/ping`);
  expect(paths).toEqual(['hosts[2]/ping', 'hosts[2].try-2/ping', 'hosts[2].try-3/ping']);
  expect(new Set(paths.map(nameOfPath))).toEqual(new Set(['hosts[2]/ping']));
});

test('the tries of groups within groups are all left out of the name', () => {
  expect(nameOfPath('a.try-2/b.try-12/c')).toBe('a/b/c');
});
