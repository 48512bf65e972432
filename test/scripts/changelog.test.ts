import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { folderWith } from '../support/cli.ts';

const CHANGELOG = `# Changelog

How it is made.

## 0.1.0 (2026-11-27)

- Written by hand.
`;

const PACKAGE = { name: 'x', version: '0.1.0', repository: 'github:owner/x' };

interface Repository {
  changelog: (...args: string[]) => string;
  file: () => string;
}

/** A repository whose commits have these subjects, after a first release. */
function repository(subjects: string[]): Repository {
  const cwd = folderWith({ 'package.json': JSON.stringify(PACKAGE), 'CHANGELOG.md': CHANGELOG });
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.com', ...args], { cwd });
  git('init', '--quiet');
  git('add', '.');
  git('commit', '--quiet', '-m', 'feat: long ago');
  for (const subject of subjects) git('commit', '--quiet', '--allow-empty', '-m', subject);
  return {
    changelog: (...args) => execFileSync(process.execPath, [resolve('scripts/changelog.ts'), ...args], { cwd, encoding: 'utf8' }),
    file: () => readFileSync(join(cwd, 'CHANGELOG.md'), 'utf8'),
  };
}

const withoutHashes = (text: string) => text.replace(/ \(\[\w{7}\]\(.*?\)\)/g, '');

const SUBJECTS = [
  'feat(cli): runs list takes --since (and a day)',
  'fix(journal): a run that was killed twice goes on',
  'perf: half the start',
  'docs: a page',
  'merge: something',
];

const SECTION = `### New

* **cli:** runs list takes --since (and a day)

### Fixed

* **journal:** a run that was killed twice goes on

### Faster

* half the start
`;

test('`npm run changelog` prints what has changed for users since the newest version, and writes nothing', () => {
  const { changelog, file } = repository(SUBJECTS);
  const printed = withoutHashes(changelog());
  expect(printed).toMatch(/^## .*Unreleased.*\n\n/);
  expect(printed.replace(/^.*\n\n/, '')).toBe(SECTION);
  expect(file()).toBe(CHANGELOG);
});

test('a release puts that above the versions before it, which stay as they are', () => {
  const { changelog, file } = repository(SUBJECTS);
  changelog('--write');
  const [head = '', ...before] = withoutHashes(file()).split(SECTION);
  expect(head).toMatch(/^# Changelog\n\nHow it is made\.\n\n## 0\.1\.0 \(\d{4}-\d\d-\d\d\)\n\n$/);
  expect(before).toEqual([`\n${CHANGELOG.slice(CHANGELOG.indexOf('## '))}`]);
});
