import { spawnSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { folderWith, MAIN } from '../support/cli.ts';

/** A shell's files may not become longer than this, as if the disk were full then. */
const LIMIT = 'ulimit -f 8';

const shell = (script: string) =>
  spawnSync('sh', ['-c', script, process.execPath, ...MAIN, 'schema'], { cwd: folderWith({}), encoding: 'utf8' });

test.each([
  ['that takes only a part of it', `${LIMIT}; "$0" "$@" > out.json`],
  ['that takes nothing', '"$0" "$@" > /dev/full'],
])('a result that goes to a file %s is said to be lost, and the command fails', (_, script) => {
  const { status, stderr } = shell(script);
  expect(status).toBe(3);
  expect(stderr).toMatch(/^threadline: The output could not be written to stdout: .+\n {2}What stands there is not all of it\./);
});

test('a result that its reader needs no more of is not lost', () => {
  const { status, stdout, stderr } = shell('"$0" "$@" | head -c 1');
  expect([status, stdout, stderr]).toEqual([0, '{', '']);
});
