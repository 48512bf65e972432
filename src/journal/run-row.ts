import { parseJson } from '../shared/json/parse-json.ts';
import type { Owner } from './owner.ts';
import type { RunLine, StoredRun } from './run-store.ts';

export interface RunRow {
  number: number;
  id: string;
  workflow: string;
  file: string;
  status: StoredRun['status'];
  started_at: number;
  ended_at: number | null;
  wake_at: number | null;
  waits_for: string | null;
  error: string | null;
  offline: number;
  prompt_tokens: number | null;
  completion_tokens: number | null;
  total_tokens: number | null;
  cost_usd: number | null;
  rerun_of: string | null;
  owner: string | null;
  cancel_asked: number;
}

export interface FullRunRow extends RunRow {
  request: string;
  sources: string;
  outputs: string | null;
  seal: string;
}

/** The columns of a `RunRow`. */
export const RUN_LINE_COLUMNS = `number, id, workflow, file, status, started_at, ended_at, wake_at, waits_for, error, offline, prompt_tokens,
  completion_tokens, total_tokens, cost_usd, rerun_of, owner, cancel_asked`;

export function runLineOf(row: RunRow, owner: Owner): RunLine {
  const { id, workflow, file, status, prompt_tokens, completion_tokens, total_tokens, cost_usd } = row;
  return {
    id,
    workflow,
    file,
    status,
    startedAtMs: row.started_at,
    endedAtMs: row.ended_at,
    error: row.error === null ? null : parseJson(row.error),
    usage: { prompt_tokens, completion_tokens, total_tokens, cost_usd },
    offline: row.offline === 1,
    rerunOf: row.rerun_of,
    wakeAtMs: row.wake_at,
    waitsFor: row.waits_for === null ? [] : parseJson(row.waits_for),
    isInterrupted: status === 'running' && !owner.isAlive(row.owner),
  };
}
