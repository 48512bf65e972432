import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type LanguageServer, startLanguageServer } from './language-server.ts';

let server: LanguageServer;
beforeAll(async () => {
  server = await startLanguageServer();
});
afterAll(() => server.close());

const SCHEMA = pathToFileURL(resolve('docs/schema/workflow.json')).href;
let documents = 0;

/** Opens a workflow; `|` is where the cursor stands, from its own lines' view. */
async function open(marked: string) {
  const text = `# yaml-language-server: $schema=${SCHEMA}\n${marked}`;
  const before = text.slice(0, text.indexOf('|')).split('\n');
  const uri = `file:///workflows/${documents++}.yml`;
  const said = await server.open(uri, text.replace('|', ''));
  const [line, character] = [before.length - 1, before.at(-1)?.length ?? 0];
  return {
    said: said.map((one) => ({ ...one, line: one.line - 1 })),
    complete: () => server.complete(uri, line, character),
    hover: () => server.hover(uri, line, character),
  };
}

const step = (lines: string) => `workflow:\n  id: triage\n  steps:\n    - name: a\n${lines}\n`;

describe('an editor with a YAML language server and our schema', () => {
  test('offers the keys of a step', async () => {
    const { complete } = await open(step('      provider: { type: mock }\n      |'));
    expect(await complete()).toEqual(
      expect.arrayContaining(['if', 'foreach', 'retry', 'timeout', 'vars', 'condition', 'parallel']),
    );
  });

  test('offers the keys of a workflow', async () => {
    const { complete } = await open('workflow:\n  id: triage\n  |');
    expect(await complete()).toEqual(
      expect.arrayContaining(['triggers', 'inputs', 'consts', 'steps', 'actions', 'finally', 'concurrency']),
    );
  });

  test('offers providers, and the parameters of the one that was chosen', async () => {
    const types = await open(step('      provider:\n        type: |'));
    expect(await types.complete()).toEqual(expect.arrayContaining(['console', 'http', 'mock', 'openaiassistant']));
    const params = await open(
      step('      provider:\n        type: http\n        with:\n          url: https://ci.example\n          |'),
    );
    expect(await params.complete()).toEqual(expect.arrayContaining(['method', 'headers', 'body', 'enrich_alert']));
  });

  test('offers the words that a key takes', async () => {
    const { complete } = await open('workflow:\n  id: triage\n  triggers:\n    - type: |');
    expect(await complete()).toEqual(expect.arrayContaining(['alert', 'incident', 'interval', 'cron', 'manual']));
    const policy = await open(step('      foreach: "{{ inputs.x }}"\n      on-error: |'));
    expect(await policy.complete()).toEqual(expect.arrayContaining(['stop', 'continue']));
  });

  test.each([
    ['a key of a step', step('      fore|ach: "{{ inputs.x }}"'), /runs once for each item/],
    ['a key of the workflow', 'workflow:\n  id: x\n  trig|gers: []\n', /What starts it/],
    ['a parameter', step('      provider:\n        type: http\n        with:\n          ur|l: https://ci.example'), /address/i],
    [
      'the kind of a trigger',
      'workflow:\n  id: x\n  triggers:\n    - ty|pe: cron\n      value: "0 9 * * *"\n',
      /clock|schedule|cron/i,
    ],
  ])('explains %s', async (_, text, explanation) => {
    const { hover } = await open(text);
    expect(await hover()).toMatch(explanation);
  });

  test('underlines a misspelt key and a wrong value where they stand', async () => {
    const { said } = await open(step('      provider: { type: mock }\n      foreeach: "{{ inputs.x }}"\n      retry: often|'));
    expect(said.map(({ line }) => line)).toEqual(expect.arrayContaining([5, 6]));
    expect(said.map(({ message }) => message).join('\n')).toContain('foreeach');
  });

  test('says nothing of a sound workflow with templates wherever values stand', async () => {
    const text = step(
      '      foreach: "{{ alert.hosts }}"\n      provider:\n        type: http\n        with:\n          url: "https://ci.example/{{ foreach.value }}"\n          timeout: "{{ inputs.seconds }}"|',
    );
    const sound = text.replace(
      '  steps:',
      '  inputs: [{ name: seconds, type: number }]\n  triggers: [{ type: alert }]\n  steps:',
    );
    expect((await open(sound)).said).toEqual([]);
  });
});
