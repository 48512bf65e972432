import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { loadWorkflow, openRegistry, runWorkflow } from '../../src/index.ts';
import { openRunStore } from '../../src/journal/sqlite.ts';
import { prepareRerun, resumableRuns } from '../../src/run/rerun.ts';
import { folderWith } from '../support/cli.ts';

describe('a rerun', () => {
  const PROVIDER = `export default {
    description: 'Counts.', config: { type: 'object', properties: {}, additionalProperties: false },
    params: { type: 'object', additionalProperties: true },
    async run({ fails }, { step }) {
      globalThis.ran.push(step.name);
      if (globalThis.fails && fails) throw new Error('it failed');
      return step.name;
    },
  };`;
  const WORKFLOW = `workflow:
  id: w
  steps:
    - { name: a, provider: { type: count } }
    - name: each
      foreach: [1, 2, 3]
      on-error: continue
      provider: { type: count, with: { fails: "{{ foreach.value == 2 }}" } }
    - name: g
      steps:
        - { name: in, provider: { type: count } }
        - { name: on, retry: 2, provider: { type: count, with: { fails: true } } }
    - { name: z, provider: { type: count } }
  finally: [{ name: last, provider: { type: count } }]
`;

  const ran: string[] = [];
  Object.assign(globalThis, { ran, fails: true });

  async function again(options: { from?: string; failedOnly?: boolean }): Promise<string[]> {
    const folder = folderWith({ 'count/index.mjs': PROVIDER, 'w.yml': WORKFLOW });
    const registry = openRegistry([folder]);
    const load = () => loadWorkflow(join(folder, 'w.yml'), registry);
    const { plan } = await load();
    if (!plan) throw new Error('no plan');
    const runs = openRunStore(join(folder, 'runs.db'));
    Object.assign(globalThis, { fails: true });
    const first = await runWorkflow(plan, { registry, environment: {}, runs });
    expect(first.run.status).toBe('failed');
    ran.length = 0;
    Object.assign(globalThis, { fails: false });
    const made = await prepareRerun(runs, first.run.id, { from: undefined, failedOnly: false, newId: 'again', ...options }, load);
    expect(resumableRuns(runs, 0)).toMatchObject([{ id: 'again', rerunOf: first.run.id }]);
    const { run, steps } = await runWorkflow(plan, { registry, environment: {}, runs, runId: made.id });
    expect(run.status).toBe('succeeded');
    expect(steps.each?.results).toEqual(['each', options.from ? null : 'each', 'each']);
    runs.close();
    return ran;
  }

  test('runs all steps', async () => {
    expect(await again({})).toEqual(['a', 'each', 'each', 'each', 'g/in', 'g/on', 'z', 'last']);
  });

  test('from a step on runs that step and the steps behind it', async () => {
    expect(await again({ from: 'g' })).toEqual(['g/in', 'g/on', 'z', 'last']);
  });

  test('of failed work runs the items and steps that failed, and those that never ran', async () => {
    expect(await again({ failedOnly: true })).toEqual(['each', 'g/on', 'z', 'last']);
  });

  test('from an unknown step is refused with the closest name', async () => {
    await expect(again({ from: 'eahc' })).rejects.toMatchObject({ code: 'invalid_usage', hint: expect.stringContaining('each') });
  });
});
