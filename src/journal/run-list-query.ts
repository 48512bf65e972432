import type { SqlValue } from '../database/sqlite.ts';
import { type Condition, whereAll } from '../database/where.ts';
import type { Owner } from './owner.ts';
import { RUN_LINE_COLUMNS } from './run-row.ts';
import type { RunFilter } from './run-store.ts';

const DEFAULT_LIMIT = 50;
/** Sorts after every character that an id may have after the prefix. */
const LAST_CHARACTER = '\u{10ffff}';

/** Latest runs first, found by indexes: a short list costs the same however long the history is. */
export function runListQuery(filter: RunFilter, owner: Pick<Owner, 'allAlive'>): { sql: string; values: SqlValue[] } {
  const { limit = DEFAULT_LIMIT } = filter;
  const { where, values } = whereAll(conditionsOf(filter, owner));
  return { sql: `SELECT ${RUN_LINE_COLUMNS} FROM runs ${where} ORDER BY number DESC LIMIT ?`, values: [...values, limit] };
}

function conditionsOf({ idPrefix, workflow, status, sinceMs, before }: RunFilter, owner: Pick<Owner, 'allAlive'>): Condition[] {
  const wanted: Condition[] = [];
  if (idPrefix !== undefined) wanted.push(['id >= ? AND id < ?', idPrefix, idPrefix + LAST_CHARACTER]);
  if (workflow !== undefined) wanted.push(['workflow = ?', workflow]);
  if (status !== undefined) wanted.push(['status = ?', status === 'interrupted' ? 'running' : status]);
  const alive = () => JSON.stringify(owner.allAlive());
  if (status === 'running') wanted.push(['owner IN (SELECT value FROM json_each(?))', alive()]);
  if (status === 'interrupted') wanted.push(['(owner IS NULL OR owner NOT IN (SELECT value FROM json_each(?)))', alive()]);
  if (sinceMs !== undefined) {
    // Row numbers follow time unless the clock was set back.
    wanted.push(['number >= (SELECT min(number) FROM runs WHERE started_at >= ?)', sinceMs]);
    wanted.push(['+started_at >= ?', sinceMs]);
  }
  if (before !== undefined) wanted.push(['number < (SELECT number FROM runs WHERE id = ?)', before]);
  return wanted;
}
