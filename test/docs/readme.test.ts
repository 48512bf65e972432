import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { cli } from '../support/cli.ts';

const readme = readFileSync('README.md', 'utf8');
const blocks = [...readme.matchAll(/```(\w+)\n([\s\S]*?)```/g)].map(([, language, text]) => ({ language, text: text ?? '' }));
const block = (language: string, start: string) =>
  blocks.find((one) => one.language === language && one.text.includes(start))?.text ?? '';
/** Times and ids differ from run to run. */
const steady = (text: string) =>
  text
    .replace(/run_\w+/g, 'RUN')
    .replace(/\b\d+(\.\d+)?(ms|s)\b/g, 'TIME')
    .trim();

test('the workflow in the README is the file in workflows/', () => {
  expect(block('yaml', 'quickstart')).toBe(readFileSync('workflows/quickstart.yml', 'utf8'));
});

test('the README shows what its command prints', async () => {
  const command = block('sh', 'quickstart').trim().replace('npx threadline ', '').split(' ');
  const { stdout, stderr, code } = await cli(command, { folder: process.cwd() });
  expect(code).toBe(0);
  expect(steady(stderr + stdout)).toBe(steady(block('text', 'quickstart')));
});

const WITH_MISTAKE = `workflow:
  id: triage
  steps:
    - name: triage
      provider:
        type: openaiassistant
        with:
          model: gpt-6-luna
          prompt: "{{ alrt.message }}"
`;

test('the README shows how a mistake is reported', async () => {
  const { stdout, code } = await cli(['validate', 'triage.yml'], { files: { 'triage.yml': WITH_MISTAKE } });
  expect(code).toBe(2);
  expect(stdout.trim()).toBe(block('text', 'alrt').trim());
});
