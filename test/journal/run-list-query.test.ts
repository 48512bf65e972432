import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Database, openDatabase } from '../../src/database/sqlite.ts';
import { MIGRATIONS } from '../../src/journal/migrations.ts';
import { runListQuery } from '../../src/journal/run-list-query.ts';
import type { RunFilter } from '../../src/journal/run-store.ts';

const RUNS = 20_000;
const STARTED_MS = Date.parse('2026-11-01');
const nobody = { allAlive: () => [] };

describe('T25: a history of 20,000 runs', () => {
  let database: Database;
  beforeAll(() => {
    database = openDatabase(':memory:', MIGRATIONS);
    database.run(
      `WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?)
       INSERT INTO runs (id, workflow, file, status, started_at, ended_at, request, sources, offline, seal, cost_usd)
       SELECT printf('run_%06d', n), 'workflow-' || (n % 7), 'w.yml', CASE WHEN n % 100 = 0 THEN 'failed' ELSE 'succeeded' END,
         ? + n * 1000, ? + n * 1000 + 500, '{}', '{}', 0, 'seal', 0 FROM numbers`,
      RUNS,
      STARTED_MS,
      STARTED_MS,
    );
  });
  afterAll(() => database.close());

  const planOf = (filter: RunFilter) => {
    const { sql, values } = runListQuery(filter, nobody);
    return database.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, ...values).map(({ detail }) => detail);
  };
  const idsOf = (filter: RunFilter) => {
    const { sql, values } = runListQuery(filter, nobody);
    return database.all<{ id: string }>(sql, ...values).map(({ id }) => id);
  };

  test.each<[string, RunFilter]>([
    ['a workflow', { workflow: 'workflow-3' }],
    ['a status', { status: 'failed' }],
    ['both', { workflow: 'workflow-3', status: 'failed' }],
    ['running status', { status: 'running' }],
    ['interrupted status', { status: 'interrupted' }],
    ['time', { sinceMs: STARTED_MS + 19_000_000 }],
    ['the next page', { before: 'run_010000' }],
    ['the next page of a workflow', { workflow: 'workflow-3', before: 'run_010000' }],
    ['the beginning of an id', { idPrefix: 'run_0123' }],
  ])('is listed by %s through an index', (_, filter) => {
    const plan = planOf({ ...filter, limit: 20 });
    expect(plan.filter((detail) => /SCAN runs/.test(detail))).toEqual([]);
    expect(plan.some((detail) => /SEARCH runs USING/.test(detail))).toBe(true);
  });

  test('is not sorted: the latest runs are read first', () => {
    for (const filter of [{}, { workflow: 'workflow-3' }, { status: 'failed' }, { before: 'run_010000' }] as const)
      expect(planOf(filter).filter((detail) => /TEMP B-TREE/.test(detail))).toEqual([]);
    expect(idsOf({ limit: 3 })).toEqual(['run_020000', 'run_019999', 'run_019998']);
  });

  test('gives the runs of each filter, and pages without gaps', () => {
    expect(idsOf({ status: 'failed', limit: 2 })).toEqual(['run_020000', 'run_019900']);
    expect(idsOf({ status: 'failed', before: 'run_019900', limit: 2 })).toEqual(['run_019800', 'run_019700']);
    expect(idsOf({ workflow: 'workflow-0', status: 'failed', limit: 2 })).toEqual(['run_019600', 'run_018900']);
    expect(idsOf({ sinceMs: STARTED_MS + 19_999_000 })).toEqual(['run_020000', 'run_019999']);
    expect(idsOf({ sinceMs: STARTED_MS + 99_999_000 })).toEqual([]);
    expect(idsOf({ idPrefix: 'run_01234' })).toHaveLength(10);
  });
});
