// A process for tests to kill: resumes the interrupted runs of a folder, then starts the missing ones.
import { join } from 'node:path';
import { loadWorkflow, openRegistry, openRunStore, runWorkflow } from '../../src/index.ts';

const [folder = '', count = '0', atOnce = '10', survives = 'power-loss'] = process.argv.slice(2);
const registry = openRegistry([join(folder, 'providers')]);
const { plan, diagnostics } = await loadWorkflow(join(folder, 'workflow.yml'), registry);
if (!plan) throw new Error(JSON.stringify(diagnostics));
const runs = openRunStore(join(folder, 'runs.db'), { survives: survives as 'power-loss' });
const ids = Array.from({ length: Number(count) }, (_, index) => `run-${index}`);
const left = ids.filter((id) => runs.get(id)?.endedAtMs == null).reverse();
process.stdout.write(`${left.length} left\n`);
const work = async () => {
  for (let runId = left.pop(); runId !== undefined; runId = left.pop()) {
    await runWorkflow(plan, { registry, environment: process.env, runs, runId, inputs: { folder } });
  }
};
await Promise.all(Array.from({ length: Number(atOnce) }, work));
runs.close();
process.stdout.write('done\n');
