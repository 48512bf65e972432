import { globSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };

/** The scripts of package.json that a text tells people, or a machine, to run. */
const namedIn = (text: string): string[] => [
  ...[...text.matchAll(/\bnpm run (?:-s )?([a-z][\w:-]*)/g)].map(([, name = '']) => name),
  ...[...text.matchAll(/\bnpm (?:-s )?(start|test)\b/g)].map(([, name = '']) => name),
];

const TELLING = [...globSync('*.md'), ...globSync('.github/**/*.{md,yml}')];

test.each(TELLING)('P6: %s names only commands that there are', (file) => {
  expect(namedIn(readFileSync(file, 'utf8')).filter((name) => !(name in scripts))).toEqual([]);
});

test('P6: CONTRIBUTING.md tells every command', () => {
  const RUN_BY_NPM = ['prepare', 'version'];
  const told = [...namedIn(readFileSync('CONTRIBUTING.md', 'utf8')), ...RUN_BY_NPM];
  expect(Object.keys(scripts).filter((name) => !told.includes(name))).toEqual([]);
});
