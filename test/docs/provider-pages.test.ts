import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { folderWith } from '../support/cli.ts';

const blocksOf = (page: string): string[] =>
  [...readFileSync(page, 'utf8').matchAll(/```js\n([\s\S]*?)```/g)].map(([, text = '']) => text);

test('docs/providers.md shows the example that ships, and its tests', () => {
  const shipped = ['index.js', 'index.test.js'].map((file) =>
    readFileSync(join('examples/threadline-provider-tickets', file), 'utf8'),
  );
  expect(blocksOf('docs/providers.md')).toEqual(shipped);
});

test('the program of docs/api.md runs', () => {
  const [program = ''] = blocksOf('docs/api.md');
  const workflow = `workflow:
  id: t
  steps: [{ name: say, provider: { type: console, with: { message: "{{ alert.host }} is full" } } }]
  outputs: { said: "{{ steps.say.results }}" }
`;
  const folder = folderWith({ 'program.mjs': program, 'triage.yml': workflow });
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(resolve('.'), join(folder, 'node_modules/threadline'), 'dir');
  // From another folder: the program names its own as the working folder.
  const said = execFileSync(process.execPath, [join(folder, 'program.mjs')], { cwd: '/', encoding: 'utf8', stdio: 'pipe' });
  expect(said).toBe('succeeded {"said":"db-1 is full"}\n');
});
