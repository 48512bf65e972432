import { expect, test } from '@jest/globals';
import { cli } from '../support/cli.ts';

const WORKFLOW = `workflow:
  id: w
  steps:
    - name: triage
      provider:
        type: openaiassistant
        with:
          model: gpt-5
          prompt: what was deployed?
          tools:
            - function: recent_deploys
              parameters: { type: object, properties: { service: { type: string } } }
              provider: { type: argocd, with: { app: "{{ args.service }}", token: "{{ secrets.ARGO }}" } }
  outputs: { answer: "{{ steps.triage.results.response }}" }
`;
const RULES = `rules:
  - when: { turn: 0 }
    tool_calls: [{ name: recent_deploys, arguments: { service: checkout } }]
    times: 1
  - when: { tool_output: "v42" }
    text: v42 it was
`;
const files = {
  'w.yml': WORKFLOW,
  'w.rules.yml': RULES,
  's.yml': 'stubs: { steps: { triage/recent_deploys: { results: ["{{ params.app }} v42"] } } }',
};

test("a function of an assistant is stubbed by the step's name and its own, and its call is listed", async () => {
  const { code, stdout, stderr } = await cli(['run', 'w.yml', '--offline', '--stubs', 's.yml', '--format', 'json'], {
    files,
    env: { ARGO: 'hunter2hunter2' },
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).not.toContain('hunter2');
  const { calls, outputs } = JSON.parse(stdout);
  expect(outputs.answer).toBe('v42 it was');
  expect(calls).toMatchObject([
    {
      step: 'triage/recent_deploys',
      provider: 'argocd',
      params: { app: 'checkout', token: '***' },
      stubbed: true,
      results: ['checkout v42'],
    },
    { step: 'triage', provider: 'openaiassistant', stubbed: false },
  ]);
  expect(calls[1].params.tools[0].provider).toEqual({ name: 'recent_deploys', provider: 'argocd' });
});

test('a skeleton has the functions that nothing installed answers', async () => {
  const { code, folder } = await cli(['run', 'w.yml', '--stubs-init', 'new.yml'], { files });
  expect(code).toBe(0);
  const validated = await cli(['validate', 'w.yml', '--stubs', 'new.yml'], { folder });
  expect({ code: validated.code, stdout: validated.stdout }).toEqual({ code: 0, stdout: '' });
});
