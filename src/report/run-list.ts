import type { HistoryStatus, RunSummary } from '../history/run-document.ts';
import { costText, durationText, tokensText } from './figures.ts';
import type { Style } from './line.ts';
import { type Cell, type ListOptions, renderTable } from './table.ts';
import { agoText } from './times.ts';

export const STATUS_STYLES: Record<HistoryStatus, Style> = {
  succeeded: 'green',
  failed: 'red',
  cancelled: 'red',
  interrupted: 'red',
  waiting: 'yellow',
  running: 'cyan',
};

/** The workflow's name is shortened when space is short. */
const NAME = 2;

/** Lists a run per line, with the reason why it has stopped. */
export const renderRunList = (runs: readonly RunSummary[], options: ListOptions): string =>
  renderTable(
    runs.map((run) => cellsOf(run, options.nowMs)),
    {
      ...options,
      yielding: NAME,
      noteOf(index) {
        const run = runs[index];
        const text = run ? noteOf(run, options.nowMs) : '';
        return text === '' ? undefined : { text, style: run?.status === 'waiting' ? 'yellow' : 'red' };
      },
    },
  );

const cellsOf = ({ id, status, workflow, started_at, duration_ms, usage }: RunSummary, nowMs: number): Cell[] => [
  { text: id },
  { text: status, style: STATUS_STYLES[status] },
  { text: workflow, style: 'bold' },
  { text: agoText(started_at, nowMs), style: 'dim' },
  { text: duration_ms === null ? '' : durationText(duration_ms), style: 'dim' },
  { text: meterText(usage), style: 'dim' },
];

/** Cost, or tokens if the price is unknown. */
export function meterText({ total_tokens, cost_usd }: RunSummary['usage']): string {
  if (cost_usd !== null && cost_usd > 0) return costText(cost_usd);
  return total_tokens === 0 ? '' : tokensText(total_tokens);
}

/** The failure, or the wait. */
export function noteOf(
  { status, error, waits_for, wake_at }: Pick<RunSummary, 'status' | 'error' | 'waits_for' | 'wake_at'>,
  nowMs: number,
): string {
  if (status === 'interrupted' && error === null) return 'its process is gone: `runs resume` goes on with it';
  if (status === 'waiting') {
    const until = wake_at === null ? [] : [`until ${dueText(wake_at, nowMs)}`];
    return ['waits', ...(waits_for.length > 0 ? [`for ${waits_for.join(', ')}`] : []), ...until].join(' ');
  }
  return status === 'succeeded' || error === null ? '' : `${error.code}: ${error.message}`;
}

const dueText = (iso: string, nowMs: number): string =>
  Date.parse(iso) <= nowMs ? `${agoText(iso, nowMs)}: it is due` : new Date(iso).toLocaleString('sv-SE').slice(0, 16);
