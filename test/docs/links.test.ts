import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';

const PAGES = [...globSync('*.md'), ...globSync('docs/**/*.md'), ...globSync('providers/*/README.md')];

/** Where a page's links lead that stay in the project, as paths from its root. */
const linksOf = (page: string): string[] =>
  [
    ...readFileSync(page, 'utf8')
      .replace(/```[\s\S]*?```/g, '')
      .matchAll(/\]\(([^)\s]+)\)/g),
  ]
    .map(([, target = '']) => target.replace(/#.*$/, ''))
    .filter((target) => target !== '' && !/^[a-z]+:/.test(target))
    .map((target) => join(dirname(page), target));

test.each(PAGES)('%s links to files that there are', (page) => {
  expect(linksOf(page).filter((file) => !existsSync(file))).toEqual([]);
});

test('docs/README.md leads to every page', () => {
  const listed = linksOf('docs/README.md');
  expect(globSync('docs/**/*.{md,json}').filter((page) => page !== 'docs/README.md' && !listed.includes(page))).toEqual([]);
});
