import { expect, test } from '@jest/globals';
import { loadWorkflow, openRegistry, runWorkflow } from '../../src/index.ts';
import { folderWith } from '../support/cli.ts';

const WORKFLOW = `workflow:
  id: w
  steps:
    - name: reads
      provider: { type: reader, with: { path: note.txt } }
    - name: calls
      provider: { type: workflow, with: { file: inner.yml } }
`;
const READER = `export default {
  description: 'Reads.', config: { type: 'object', properties: {} },
  params: { type: 'object', properties: { path: { type: 'string' } } },
  run: async ({ path }, context) => new TextDecoder().decode((await context.files.read(path)).bytes),
};
`;

test('the working folder is an option: files, workflows and provider folders are found from there', async () => {
  const workingFolder = folderWith({
    'flows/w.yml': WORKFLOW,
    'flows/note.txt': 'beside the workflow',
    'flows/inner.yml':
      'workflow: { id: inner, steps: [{ name: a, provider: { type: mock, with: { output: 7 } } }], outputs: { seven: "{{ steps.a.results }}" } }',
    'mine/reader/index.mjs': READER,
  });
  const registry = openRegistry(['./mine'], workingFolder);
  const { plan, diagnostics } = await loadWorkflow('flows/w.yml', registry, { workingFolder });
  expect(diagnostics).toEqual([]);
  if (!plan) throw new Error('no plan');
  const { steps } = await runWorkflow(plan, { registry, environment: {}, workingFolder });
  expect([steps.reads?.results, steps.calls?.results]).toEqual(['beside the workflow', { seven: 7 }]);
});
