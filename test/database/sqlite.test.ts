import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { folderWith } from '../support/cli.ts';

const OPENER = `import { openDatabase } from '${join(import.meta.dirname, '../../src/database/sqlite.ts')}';
process.send('ready');
process.on('message', ([file, at]) => {
  while (Date.now() < at) {}
  try {
    openDatabase(file, ['CREATE TABLE t (a INTEGER) STRICT']).close();
    process.send('opened');
  } catch (error) {
    process.send(error.message);
  }
});
`;

test('several processes may create a file at the same time', async () => {
  const folder = folderWith({ 'opener.ts': OPENER });
  const children = Array.from({ length: 6 }, () =>
    fork(join(folder, 'opener.ts'), [], { execArgv: ['--disable-warning=ExperimentalWarning'] }),
  );
  const said = () => Promise.all(children.map(async (child) => (await once(child, 'message'))[0]));
  await said();
  for (let round = 0; round < 20; round++) {
    // All of them at the same moment, as nearly as possible.
    const at = Date.now() + 20;
    const answers = said();
    for (const child of children) child.send([join(folder, `${round}.db`), at]);
    expect(await answers).toEqual(children.map(() => 'opened'));
  }
  for (const child of children) child.kill();
});
