import { expect, test } from '@jest/globals';
import { folderOf, line, linesOf, workflow } from '../journal/support.ts';
import { cli, startCli } from '../support/cli.ts';

const ask = (name: string, message = '?') =>
  `    - { name: ${name}, provider: { type: approval, with: { message: "${message}" } } }\n`;

test('an answer to a run that is under way is heard there, and is no mistake', async () => {
  const branches = `${ask('x')}    - { name: hold, provider: { type: wait, with: { signal: go, timeout: 30s } } }\n`;
  const parallel = `    - name: both\n      parallel:\n${branches.replaceAll(/^ {4}/gm, '        ')}`;
  const folder = folderOf(workflow(parallel + line('z')));
  const running = startCli(['run', 'w.yml', '--run-id', 'r1'], { folder });
  await running.says('waits for an answer');
  const { code, stderr } = await cli(['runs', 'resume', 'r1', '--approve'], { folder });
  expect([code, stderr]).toEqual([0, 'answered: run r1 is under way in another process, and goes on there\n']);
  expect(await cli(['runs', 'signal', 'r1', 'go'], { folder })).toMatchObject({ code: 0 });
  expect(await running.ended).toMatchObject({ code: 0 });
  expect(linesOf(folder)).toEqual(['z']);
});

test('a run that was given a secret goes on with it, and not with another input', async () => {
  const says = line('a', { says: '{{ secrets.TOKEN }}' });
  const folder = folderOf(workflow(says + ask('q') + line('b'), '  inputs: [{ name: url }]\n'));
  const env = { TOKEN: 'hunter22-hunter' };
  const run = (url: string) => cli(['run', 'w.yml', '--run-id', 'r1', '-i', `url=${url}`, '--quiet'], { folder, env });
  const url = 'https://example.com/?t=hunter22-hunter';
  expect(await run(url)).toMatchObject({ code: 4 });
  expect(await run(url)).toMatchObject({ code: 4 });
  expect(await run('https://example.org/?t=hunter22-hunter')).toMatchObject({ code: 2 });
  expect(linesOf(folder)).toEqual(['a']);
});
