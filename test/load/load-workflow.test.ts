import { expect, test } from '@jest/globals';
import { loadWorkflow, openRegistry } from '../../src/index.ts';
import { folderWith } from '../support/cli.ts';

test('a mistake is placed in the file as it was named', async () => {
  const workingFolder = folderWith({
    'flows/w.yml': 'workflow: { id: w, steps: [{ name: a, provider: { type: workflow, with: { file: i.yml } } }] }',
    'flows/i.yml': 'workflow: { id: i, stepz: [] }',
  });
  const { diagnostics } = await loadWorkflow('flows/w.yml', openRegistry([], workingFolder), { workingFolder });
  expect(diagnostics.map(({ place, code }) => `${place.file} ${code}`)).toContain('flows/i.yml unknown-key');
});

test('texts that are given stand for files that are not there', async () => {
  const workingFolder = folderWith({});
  const text = 'workflow: { id: w, steps: [{ name: a, provider: { type: console, with: { message: hello } } }] }';
  const texts = new Map([[`${workingFolder}/w.yml`, text]]);
  const { plan, diagnostics } = await loadWorkflow('w.yml', openRegistry(), { workingFolder, texts });
  expect([plan?.id, diagnostics]).toEqual(['w', []]);
  await expect(loadWorkflow('other.yml', openRegistry(), { workingFolder, texts })).rejects.toMatchObject({
    code: 'file_not_found',
  });
});
