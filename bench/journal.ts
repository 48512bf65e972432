import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { loadWorkflow, openRegistry, openRunStore, type RunStore, runWorkflow } from 'threadline';
import { type Measured, median, ratio } from './measure.ts';

const RUNS = 400;
const STEPS = 5;
const AT_ONCE = 50;

const step = (index: number) =>
  `    - name: s${index}\n      provider: { type: mock, with: { delay: 5ms, output: { text: "answer ${index}", n: ${index} } } }\n`;
const WORKFLOW = `workflow:\n  id: five\n  steps:\n${Array.from({ length: STEPS }, (_, index) => step(index)).join('')}`;

/** Five steps of 5 ms, 50 runs at once: with a journal and without, interleaved; and what the database alone would do. */
export async function journalCost(): Promise<Measured[]> {
  const folder = mkdtempSync(join(tmpdir(), 'threadline-bench-'));
  writeFileSync(join(folder, 'workflow.yml'), WORKFLOW);
  const registry = openRegistry();
  const { plan } = await loadWorkflow(join(folder, 'workflow.yml'), registry);
  if (!plan) throw new Error('no plan');
  const perSecond = async (runs?: RunStore) => {
    let left = RUNS;
    const startedAt = performance.now();
    const work = async () => {
      while (left-- > 0) {
        const { run } = await runWorkflow(plan, { registry, environment: {}, ...(runs ? { runs } : {}) });
        if (run.status !== 'succeeded') throw new Error(`the run ${run.status}`);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    return (RUNS * STEPS * 1000) / (performance.now() - startedAt);
  };
  const stores = {
    'power-loss': openRunStore(join(folder, 'full.db')),
    'process-death': openRunStore(join(folder, 'normal.db'), { survives: 'process-death' }),
  };
  const taken: Record<string, number[]> = { none: [], 'power-loss': [], 'process-death': [], insert: [] };
  await perSecond();
  for (let round = 0; round < 7; round++) {
    taken.none?.push(await perSecond());
    for (const [name, store] of Object.entries(stores)) taken[name]?.push(await perSecond(store));
    taken.insert?.push(insertsPerSecond(join(folder, `inserts-${round}.db`)));
  }
  for (const store of Object.values(stores)) store.close();
  rmSync(folder, { recursive: true });
  const of = (name: string) => median(taken[name] ?? []);
  return [
    ...Object.keys(stores).map((name) => ({
      what: `steps per second with the journal (${name}) over without`,
      value: ratio(of(name) / of('none')),
      target: '≥ 0.60×',
      holds: of(name) / of('none') >= 0.6,
    })),
    {
      what: 'the same (power-loss) over bare SQLite inserts, one commit each',
      value: ratio(of('power-loss') / of('insert')),
      target: '≥ 0.40×',
      holds: of('power-loss') / of('insert') >= 0.4,
    },
  ];
}

function insertsPerSecond(file: string): number {
  const database = new DatabaseSync(file);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE steps (run TEXT, step TEXT, data TEXT)');
  const insert = database.prepare('INSERT INTO steps VALUES (?, ?, ?)');
  const startedAt = performance.now();
  for (let index = 0; index < RUNS * STEPS; index++) insert.run(`run-${index}`, 's1', '{"results":{"text":"answer 1","n":1}}');
  const took = performance.now() - startedAt;
  database.close();
  return (RUNS * STEPS * 1000) / took;
}

const HISTORY = 100_000;

/** The list of runs, in a history of 100,000 and in one of 1,000. */
export async function historyList(): Promise<Measured[]> {
  const folder = mkdtempSync(join(tmpdir(), 'threadline-bench-'));
  const times = [1000, HISTORY].map((count) => {
    const file = join(folder, `${count}.db`);
    openRunStore(file, { survives: 'process-death' }).close();
    fill(file, count);
    const store = openRunStore(file);
    const taken = Array.from({ length: 21 }, () => {
      const startedAt = performance.now();
      store.list({ limit: 50 });
      store.list({ limit: 50, workflow: 'w3' });
      store.list({ limit: 50, status: 'failed' });
      store.list({ limit: 50, status: 'interrupted' });
      return performance.now() - startedAt;
    });
    store.close();
    return median(taken);
  });
  rmSync(folder, { recursive: true });
  const [few = 0, many = 0] = times;
  return [
    {
      what: `four lists of 50 out of ${HISTORY.toLocaleString('en')} runs`,
      value: `${many.toFixed(1)} ms`,
      target: '≤ 100 ms',
      holds: many <= 100,
    },
    { what: 'the same over a history of 1,000', value: ratio(many / few), target: '≤ 2.00×', holds: many / few <= 2 },
  ];
}

function fill(file: string, count: number): void {
  const database = new DatabaseSync(file);
  const insert = database.prepare(
    `INSERT INTO runs (id, workflow, file, status, started_at, ended_at, request, sources, offline, seal)
     VALUES (?, ?, 'w.yml', ?, ?, ?, '{}', '{}', 0, 's')`,
  );
  database.exec('BEGIN');
  for (let index = 0; index < count; index++) {
    const status = index % 7 === 0 ? 'failed' : 'succeeded';
    insert.run(`run_${index}`, `w${index % 10}`, status, index * 1000, index * 1000 + 500);
  }
  database.exec('COMMIT');
  database.close();
}
