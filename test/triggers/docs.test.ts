import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { cli } from '../support/cli.ts';

const page = readFileSync('docs/triggers.md', 'utf8');
const block = (language: string) => new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(page)?.[1] ?? '';

const files = {
  'triggers.yml': block('yaml'),
  'alert.json': block('json'),
  'warning.json': '{"severity": "warning"}',
};

test('the workflow of the page is valid', async () => {
  expect(await cli(['validate', 'triggers.yml'], { files })).toMatchObject({ code: 0, stdout: '' });
});

test('the page shows what its command prints', async () => {
  const command = block('sh').trim().replace('threadline ', '').split(' ');
  const { stdout, code } = await cli(command, { files });
  expect(stdout).toBe(block('text'));
  expect(code).toBe(0);
});

test('the document of the page has the form of what is printed', async () => {
  const { stdout } = await cli(['match', 'triggers.yml', '--alert', 'alert.json', '--format', 'json'], { files });
  const shown = JSON.parse(block('json5').replace('/* the same */', ''));
  const [printed] = JSON.parse(stdout).workflows[0].triggers;
  const [trigger] = shown.workflows[0].triggers;
  expect(Object.keys(printed)).toEqual(Object.keys(trigger));
  expect(printed.clauses[0]).toEqual(trigger.clauses[0]);
  expect(printed.clauses[1]).toMatchObject({ ...trigger.clauses[1], text: expect.any(String), parts: expect.any(Array) });
});
