import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { cli } from '../support/cli.ts';

/** What the workflows on a page name. */
const FILES = {
  'assistants/sre.yml': 'name: SRE\nmodel: gpt-6-luna\n',
  'schemas/verdict.json': '{ "type": "object" }',
  'runbooks/disk.md': '# Disk',
};

const PAGES = ['providers/openaiassistant/README.md', 'docs/coming-from-assistants.md'];

const workflowsOf = (page: string): [string, number, string][] =>
  [...readFileSync(page, 'utf8').matchAll(/```yaml\n([\s\S]*?)```/g)]
    .map(([, text = '']) => text)
    .filter((text) => /^workflow:/m.test(text))
    .map((text, index) => [page, index + 1, text]);

test.each(PAGES.flatMap(workflowsOf))('%s: workflow %i is valid', async (_page, _index, text) => {
  const { code, stdout } = await cli(['validate', 'workflow.yml'], { files: { ...FILES, 'workflow.yml': text } });
  expect([code, stdout]).toEqual([0, '']);
});
