import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { loadWorkflow, openRegistry, type Plan, type RunOptions, runWorkflow, type Stubs } from '../../src/index.ts';
import { parseYaml } from '../../src/language/parse.ts';
import { type Json, toJson } from '../../src/shared/json/json.ts';
import { yamlLines } from '../../src/stubs/yaml-lines.ts';
import { folderWith } from '../support/cli.ts';
import { fc } from '../support/properties.ts';

const registry = openRegistry();

async function planOf(steps: string): Promise<Plan> {
  const folder = folderWith({ 'w.yml': `workflow:\n  id: w\n  steps:\n${steps}` });
  const { plan } = await loadWorkflow(join(folder, 'w.yml'), registry);
  if (!plan) throw new Error('the workflow has mistakes');
  return plan;
}

const run = (plan: Plan, options: Partial<RunOptions>) => runWorkflow(plan, { registry, environment: {}, ...options });

const ONE = '    - { name: a, provider: { type: slack, with: { message: hello } } }\n';
const json = fc.jsonValue({ noUnicodeString: false }).map((value) => toJson(value));

describe('stubs from code', () => {
  test('answer, and the report has the calls; without them there are none', async () => {
    const report = await run(await planOf(ONE), { stubs: { types: { slack: { results: { ok: true } } } } });
    expect(report.steps.a?.results).toEqual({ ok: true });
    expect(report.calls).toHaveLength(1);
    const mock = await planOf('    - { name: a, provider: { type: mock, with: { output: 1 } } }\n');
    expect(await run(mock, {})).not.toHaveProperty('calls');
    expect(await run(mock, { stubs: {} })).toMatchObject({ calls: [{ step: 'a', stubbed: false }] });
  });

  test('with a mistake reject before anything runs', async () => {
    const plan = await planOf(ONE);
    const stubs = { steps: { a: { results: '{{ alert.name }}' } } } satisfies Stubs;
    await expect(run(plan, { stubs })).rejects.toMatchObject({ code: 'invalid_config' });
    await expect(run(plan, { stubs: { steps: {} } })).rejects.toMatchObject({ code: 'provider_not_found' });
  });

  test('start anew in each run: a list begins with its first answer', async () => {
    const plan = await planOf(ONE);
    const stubs: Stubs = { steps: { a: [{ results: 1 }, { results: 2 }] } };
    for (let round = 0; round < 2; round++) expect((await run(plan, { stubs })).steps.a?.results).toBe(1);
  });

  test('give any JSON without templates as it is', async () => {
    const plan = await planOf(ONE);
    const isPlain = (value: Json) => !/\{\{|\{%|\{#|keep\.|\\\\/.test(JSON.stringify(value));
    await fc.assert(
      fc.asyncProperty(json.filter(isPlain), async (results) => {
        expect((await run(plan, { stubs: { default: { results } } })).steps.a?.results).toEqual(results);
      }),
      { numRuns: 50 },
    );
  });
});

test('a skeleton is written as YAML that reads back as the same data', () => {
  fc.assert(
    fc.property(json, (data) => {
      fc.pre(!JSON.stringify(data).includes('"<<"'));
      const { data: read, problems } = parseYaml(
        `root:\n${yamlLines(data)
          .map((line) => `  ${line}`)
          .join('\n')}\n`,
        's.yml',
      );
      expect({ read, problems }).toEqual({ read: { root: data }, problems: [] });
    }),
  );
});
