import { emptyReport } from '../engine/state.ts';
import type { RunSummary } from '../history/run-document.ts';
import type { RunFilter } from '../journal/run-store.ts';
import { parseJson } from '../shared/json/parse-json.ts';
import { ADMIN, Ingress, serverError } from './ingress.ts';
import type { RunState } from './run-request.ts';
import { RUNS } from './services.ts';

/** The most rows of one query. */
const PAGE = 500;
const DEFAULT_LIMIT = 50;

/** A run in the server's own tables. */
interface Row {
  id: string;
  status: string;
  /** ISO 8601. */
  created_at: string;
  modified_at: string;
  completion_result: string | null;
  completion_failure: string | null;
  state: string | null;
}

/** The list of runs, from the server's admin API. */
export class RunTable {
  private readonly url: string;

  constructor(adminUrl: string) {
    this.url = adminUrl;
  }

  /** Latest runs first. Rejects with `connection_failed` and `server_error`. */
  async list({ idPrefix, workflow, status, sinceMs, before, limit = DEFAULT_LIMIT }: RunFilter): Promise<RunSummary[]> {
    const found: RunSummary[] = [];
    let last = before === undefined ? undefined : (await this.rows([`target_service_key = ${quoted(before)}`]))[0];
    // The server knows neither workflow nor status of a run: these conditions are checked here.
    const page = workflow === undefined && status === undefined ? Math.min(limit, PAGE) : PAGE;
    for (;;) {
      const conditions = [
        ...(idPrefix === undefined ? [] : [`starts_with(target_service_key, ${quoted(idPrefix)})`]),
        ...(sinceMs === undefined ? [] : [`created_at >= ${timestamp(new Date(sinceMs).toISOString())}`]),
        ...(last === undefined ? [] : [isBefore(last)]),
      ];
      const rows = await this.rows(conditions, page);
      const wanted = rows
        .map(summaryOfRow)
        .filter((run) => (workflow ?? run.workflow) === run.workflow && (status ?? run.status) === run.status);
      found.push(...wanted);
      if (rows.length < page || found.length >= limit) return found.slice(0, limit);
      last = rows.at(-1);
    }
  }

  private async rows(conditions: readonly string[], limit = 1): Promise<Row[]> {
    const where = [`target_service_name = '${RUNS}'`, `target_handler_name = 'run'`, ...conditions].join(' AND ');
    const query = `SELECT target_service_key AS id, status, created_at, modified_at, completion_result, completion_failure,
        state.value_utf8 AS state
      FROM sys_invocation
      LEFT JOIN state ON state.service_name = '${RUNS}' AND state.service_key = target_service_key AND state.key = 'state'
      WHERE ${where} ORDER BY created_at DESC, target_service_key DESC LIMIT ${limit}`;
    const answer = await new Ingress(this.url, { apiName: ADMIN }).ask('/query', { body: { query }, patienceMs: 2000 });
    if (answer.status < 300) return (answer.data as unknown as { rows: Row[] }).rows;
    throw serverError(`The admin API at ${this.url} gave no list of runs`, answer);
  }
}

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
const timestamp = (iso: string) => `CAST(${quoted(iso)} AS TIMESTAMP)`;
const isBefore = ({ created_at, id }: Row) =>
  `(created_at < ${timestamp(created_at)} OR (created_at = ${timestamp(created_at)} AND target_service_key < ${quoted(id)}))`;

function summaryOfRow(row: Row): RunSummary {
  const state = row.state === null ? undefined : parseJson<RunState>(row.state);
  const startedAtMs = state?.startedAtMs ?? Date.parse(row.created_at);
  const known = summaryOfState(row.id, state ?? { status: 'running', waits: [], startedAtMs, workflow: '', file: '' });
  const message = row.completion_failure ?? 'The server has paused the run.';
  const error: RunSummary['error'] = { code: 'server_error', message, hint: 'The server’s UI has details (port 9070).' };
  if (row.status === 'paused') return { ...known, status: 'interrupted', error };
  if (row.completion_result !== 'failure') return known;
  // The server or an operator has ended the run, which could not record its end.
  const duration_ms = Date.parse(row.modified_at) - startedAtMs;
  return { ...known, status: 'failed', duration_ms, waits_for: [], wake_at: null, error };
}

/** The summary of a run from the state that it records. */
export function summaryOfState(id: string, { status, waits, startedAtMs, workflow, file = '', end }: RunState): RunSummary {
  const ends = waits.flatMap(({ untilMs }) => (untilMs === null ? [] : [untilMs]));
  return {
    id,
    workflow,
    file,
    status: status === 'ended' ? (end?.status ?? 'succeeded') : status,
    started_at: new Date(startedAtMs).toISOString(),
    duration_ms: end?.durationMs ?? null,
    offline: false,
    usage: end?.usage ?? emptyReport().usage,
    error: end?.error ?? null,
    rerun_of: null,
    waits_for: waits.flatMap(({ signal }) => (signal === null ? [] : [signal])),
    wake_at: ends.length === 0 ? null : new Date(Math.min(...ends)).toISOString(),
  };
}
