import type { SqlValue } from './sqlite.ts';

/** A condition on rows, and the values of its parameters. */
export type Condition = [sql: string, ...values: SqlValue[]];

/** The WHERE clause for rows that meet all conditions, with its values; every row where there are none. */
export function whereAll(conditions: readonly Condition[]): { where: string; values: SqlValue[] } {
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.map(([sql]) => sql).join(' AND ')}`;
  return { where, values: conditions.flatMap(([, ...values]) => values) };
}
