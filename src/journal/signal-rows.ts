import type { Database } from '../database/sqlite.ts';
import type { Json } from '../shared/json/json.ts';
import { parseJson } from '../shared/json/parse-json.ts';
import type { SentSignal } from './run-store.ts';

export function insertSignal(database: Database, run: number, { name, data, atMs }: Omit<SentSignal, 'isTaken'>): void {
  const sql = 'INSERT INTO signals (run, name, data, at) VALUES (?, ?, ?, ?)';
  database.run(sql, run, name, JSON.stringify(data), atMs);
}

/** The signals of the run with that number, in order. */
export function readSignals(database: Database, run: number): SentSignal[] {
  const rows = database.all<{ name: string; data: string; at: number; taken_at: string | null }>(
    'SELECT name, data, at, taken_at FROM signals WHERE run = ? ORDER BY number',
    run,
  );
  return rows.map(({ name, data, at, taken_at }) => ({
    name,
    data: parseJson(data),
    atMs: at,
    isTaken: taken_at !== null,
  }));
}

/** Takes the first signal of the name for the wait at the path, which gets the same one when it asks again. */
export function takeSignal(database: Database, run: number, name: string, path: string): Json | undefined {
  const row = database.first<{ number: number; data: string; taken_at: string | null }>(
    `SELECT number, data, taken_at FROM signals WHERE run = ? AND name = ? AND (taken_at IS NULL OR taken_at = ?)
     ORDER BY number LIMIT 1`,
    run,
    name,
    path,
  );
  if (!row) return undefined;
  if (row.taken_at === null) database.run('UPDATE signals SET taken_at = ? WHERE number = ?', path, row.number);
  return parseJson(row.data);
}
