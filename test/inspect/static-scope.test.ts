import { expect, test } from '@jest/globals';
import { loadWorkflow, openRegistry } from '../../src/index.ts';
import { renderStatic } from '../../src/inspect/render-static.ts';
import { staticScope } from '../../src/run/static-scope.ts';
import { folderWith } from '../support/cli.ts';

const WORKFLOW = `workflow:
  id: w
  env: [REGION]
  inputs: [{ name: model, default: gpt-6-luna }, { name: host }]
  steps:
    - { name: a, provider: { type: console, with: { message: "{{ inputs.model }} {{ inputs.host }} {{ env.REGION }} {{ secrets.TOKEN }}" } } }
`;

test('what is known without a run is rendered, the rest stays a template', async () => {
  const workingFolder = folderWith({ 'w.yml': WORKFLOW });
  const { plan, diagnostics } = await loadWorkflow('w.yml', openRegistry(), { workingFolder });
  if (!plan) throw new Error(diagnostics.map(({ message }) => message).join());
  const scope = staticScope(plan, { REGION: 'eu', TOKEN: 'a-token', OTHER: 'unread' });
  const given = {
    known: ['{{ inputs.model }} in {{ env.REGION }}', '{{ secrets.TOKEN }}'],
    unknown: '{{ inputs.host }} of {{ alert.name }}',
    plain: 7,
  };
  expect(renderStatic(given, scope)).toEqual({
    known: ['gpt-6-luna in eu', 'a-token'],
    unknown: '{{ inputs.host }} of {{ alert.name }}',
    plain: 7,
  });
});
