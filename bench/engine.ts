import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadWorkflow, openRegistry, type Plan, runWorkflow } from 'threadline';
import { type Measured, median, ratio } from './measure.ts';
import { chain } from './start.ts';

const registry = openRegistry();

async function load(text: string): Promise<Plan> {
  const file = join(mkdtempSync(join(tmpdir(), 'threadline-bench-')), 'workflow.yml');
  writeFileSync(file, text);
  const { plan, diagnostics } = await loadWorkflow(file, registry);
  if (!plan) throw new Error(JSON.stringify(diagnostics));
  return plan;
}

/** Milliseconds of one run, the median of several. */
async function timeRuns(plan: Plan, times: number): Promise<number> {
  const taken: number[] = [];
  for (let time = 0; time < times; time++) {
    const startedAt = performance.now();
    const { run } = await runWorkflow(plan, { registry, environment: {} });
    taken.push(performance.now() - startedAt);
    if (run.status !== 'succeeded') throw new Error(`the run ${run.status}`);
  }
  return median(taken);
}

/** What a step costs besides its provider: 1,000 chained mock steps, which themselves take next to nothing. */
export async function stepOverhead(): Promise<Measured[]> {
  const [short, long] = [await load(chain(100)), await load(chain(1000))];
  await timeRuns(long, 5);
  const [few, many] = [await timeRuns(short, 15), await timeRuns(long, 15)];
  const microseconds = (many * 1000) / 1000;
  return [
    {
      what: 'a step over its provider’s own time',
      value: `${microseconds.toFixed(1)} µs`,
      target: '≤ 50 µs',
      holds: microseconds <= 50,
    },
    {
      what: 'a step among 1,000 over a step among 100',
      value: ratio(many / few / 10),
      target: '≤ 1.5×',
      holds: many / few / 10 <= 1.5,
    },
  ];
}

const FOREACH = `workflow:
  id: items
  inputs: [{ name: items, type: list, required: true }]
  steps:
    - name: each
      foreach: "{{ inputs.items }}"
      concurrency: 10
      provider: { type: mock, with: { output: "{{ foreach.value.id }}" } }
`;

/** Ten times the items must take ten times as long, not a hundred. */
export async function foreachGrowth(): Promise<Measured[]> {
  const plan = await load(FOREACH);
  const perItem = async (count: number) => {
    const items = Array.from({ length: count }, (_, id) => ({ id }));
    const taken: number[] = [];
    for (let time = 0; time < 7; time++) {
      const startedAt = performance.now();
      await runWorkflow(plan, { registry, environment: {}, inputs: { items } });
      taken.push(performance.now() - startedAt);
    }
    return median(taken) / count;
  };
  await perItem(1000);
  const [few, many] = [await perItem(1000), await perItem(10_000)];
  return [
    {
      what: 'a foreach item among 10,000 over one among 1,000',
      value: ratio(many / few),
      target: '≤ 1.5×',
      holds: many / few <= 1.5,
    },
    { what: 'a foreach item among 10,000', value: `${(many * 1000).toFixed(1)} µs`, target: '≤ 50 µs', holds: many * 1000 <= 50 },
  ];
}
