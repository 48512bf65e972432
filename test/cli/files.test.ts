import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { cli, folderWith } from '../support/cli.ts';

const files = {
  'w.yml': 'workflow:\n  id: w\n  steps:\n    - { name: a, provider: { type: mock } }\n',
  'folder/x': '',
};

describe('a file that the system refuses is said in words, with its place', () => {
  const folder = folderWith(files);

  test.each<[string, string[], string]>([
    ['no workflow', ['run', 'no.yml'], 'The file no.yml cannot be read: there is no such file or folder.'],
    ['a folder for a workflow', ['run', 'folder'], 'The file folder cannot be read: it is a folder.'],
    ['no alert', ['run', 'w.yml', '--alert', 'no.json'], 'The file no.json cannot be read: there is no such file or folder.'],
    ['a folder for an alert', ['match', '--alert', 'folder'], 'The file folder cannot be read: it is a folder.'],
  ])('%s', async (_, args, message) => {
    const { code, stdout, stderr } = await cli(args, { folder });
    const looked = `It was looked for at ${join(folder, args.at(-1) ?? '')}.`;
    expect([code, stdout, stderr]).toEqual([2, '', `threadline: ${message}\n  ${looked}\n`]);
  });

  test.each<[string, string[], string]>([
    ['a first workflow', ['init', 'w.yml'], '`w.yml/workflows/triage.yml` cannot be written'],
    ['stubs', ['run', 'w.yml', '--stubs-init', 'w.yml/s.yaml'], 'No stubs can be written to `w.yml/s.yaml`'],
    ['a report', ['run', 'w.yml', '-o', 'w.yml/r.xml'], 'No report can be written to `w.yml/r.xml`'],
  ])('%s below a file', async (_, args, failed) => {
    const { code, stderr } = await cli(args, { folder });
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^threadline: .+\.\n$/)]);
    expect(stderr).toContain(`threadline: ${failed}: `);
  });
});
