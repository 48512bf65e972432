import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { loadWorkflow, openRegistry } from '../../src/index.ts';
import { Closed, FilePattern, Type } from '../../src/provider/index.ts';
import { folderWith } from '../support/cli.ts';
import { step } from './support.ts';

const params = Closed({ files: Type.Array(FilePattern({ description: 'Files.' })) });
const provider = `export default {
  description: 'reads files', config: {}, params: ${JSON.stringify(params)}, run: async () => null,
};`;

async function mistakesOf(pattern: string) {
  const text = step(`provider: { type: reader, with: { files: ["${pattern}"] } }`);
  const folder = folderWith({ 'w.yml': text, 'there.md': '', 'providers/reader/index.mjs': provider });
  const { diagnostics } = await loadWorkflow(join(folder, 'w.yml'), openRegistry([join(folder, 'providers')]));
  return diagnostics.map(({ code }) => code);
}

test.each([
  ['a file that is there', 'there.md', []],
  ['a file that is not there', 'none.md', ['missing-file']],
  ['a glob, whatever it will match', 'runbooks/**/*.md', []],
  ['a glob made of data', '{{ alert.name }}/*.md', ['untrusted-target']],
])('I9: where files are named, %s', async (_, pattern, codes) => {
  expect(await mistakesOf(pattern)).toEqual(codes);
});
