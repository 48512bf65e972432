import type { SqlValue } from '../database/sqlite.ts';
import { type Condition, whereAll } from '../database/where.ts';
import type { Owner } from './owner.ts';
import { LINE } from './rows.ts';
import type { RunFilter } from './run-store.ts';

const DEFAULT_LIMIT = 50;
/** Above all that an id may have after its prefix. */
const LAST_CHARACTER = '\u{10ffff}';

/** The latest first, by indexes: a list of a few costs the same however long the history is. */
export function listQuery(filter: RunFilter, owner: Pick<Owner, 'allAlive'>): { sql: string; values: SqlValue[] } {
  const { limit = DEFAULT_LIMIT } = filter;
  const { where, values } = whereAll(conditionsOf(filter, owner));
  return { sql: `SELECT ${LINE} FROM runs ${where} ORDER BY number DESC LIMIT ?`, values: [...values, limit] };
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
    // Numbers rise with time, but for what is done to clocks.
    wanted.push(['number >= (SELECT min(number) FROM runs WHERE started_at >= ?)', sinceMs]);
    wanted.push(['+started_at >= ?', sinceMs]);
  }
  if (before !== undefined) wanted.push(['number < (SELECT number FROM runs WHERE id = ?)', before]);
  return wanted;
}
