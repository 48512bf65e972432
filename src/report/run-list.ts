import type { HistoryStatus, RunSummary } from '../run-document.ts';
import { amountText, costText, durationText } from './figures.ts';
import { cutToWidth, displayWidth, type Line, paint, type Style, span } from './line.ts';
import { visibleLine } from './safe-text.ts';
import { agoText } from './times.ts';

export interface ListOptions {
  color: boolean;
  /** Of the terminal; undefined where lines may have any length. */
  columns: number | undefined;
  nowMs: number;
}

export const STATUS_STYLES: Record<HistoryStatus, Style> = {
  succeeded: 'green',
  failed: 'red',
  cancelled: 'red',
  interrupted: 'red',
  waiting: 'yellow',
  running: 'cyan',
};

const WIDEST_NAME = 40;
const LONGEST_NOTE = 300;
/** A note gets a line of its own where less than this is left for it. */
const NARROWEST_NOTE = 40;
const GAP = '  ';

/** One run a line, and why it does not go on. */
export function renderRunList(runs: readonly RunSummary[], { color, columns, nowMs }: ListOptions): string {
  const rows = runs.map((run) => cellsOf(run, nowMs));
  const widths = widthsOf(rows, columns);
  const taken = widths.reduce((sum, width) => sum + width + GAP.length, 0);
  const isBeside = columns === undefined || columns - taken >= NARROWEST_NOTE;
  const lines = runs.flatMap((run, index) => {
    const cells = (rows[index] ?? []).map((cell, column) => padded(cell, widths[column] ?? 0));
    const line: Line = cells.flatMap((cell, column) => [span(cell, styleOf(run, column)), span(GAP)]);
    const note = noteOf(run, nowMs);
    if (note === '') return [line];
    const noted = span(cutToWidth(visibleLine(note), LONGEST_NOTE), run.status === 'waiting' ? 'yellow' : 'red');
    return isBeside ? [[...line, noted]] : [line, [span(GAP.repeat(2)), noted]];
  });
  const painting = columns === undefined ? { color } : { color, columns };
  return lines.map((line) => `${paint(line, painting).trimEnd()}\n`).join('');
}

/** Column by column; the name of the workflow is the one that gives way. */
const NAME = 2;

function cellsOf({ id, status, workflow, started_at, duration_ms, usage }: RunSummary, nowMs: number): string[] {
  const duration = duration_ms === null ? '' : durationText(duration_ms);
  return [id, status, cutToWidth(visibleLine(workflow), WIDEST_NAME), agoText(started_at, nowMs), duration, meterText(usage)];
}

/** What it has cost, or what it has used where that has no price. */
function meterText({ total_tokens, cost_usd }: RunSummary['usage']): string {
  if (cost_usd !== null && cost_usd > 0) return costText(cost_usd);
  return total_tokens > 0 ? amountText(total_tokens, 'token') : '';
}

function widthsOf(rows: string[][], columns: number | undefined): number[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => displayWidth(row[column] ?? ''))));
  const excess = widths.reduce((sum, width) => sum + width + GAP.length, 0) - GAP.length - (columns ?? Number.POSITIVE_INFINITY);
  const name = widths[NAME] ?? 0;
  if (excess > 0) widths[NAME] = Math.max(Math.min(8, name), name - excess);
  return widths;
}

function padded(cell: string, width: number): string {
  const cut = cutToWidth(cell, width);
  return cut + ' '.repeat(Math.max(0, width - displayWidth(cut)));
}

function styleOf({ status }: RunSummary, column: number): Style | undefined {
  if (column === 1) return STATUS_STYLES[status];
  return column === NAME ? 'bold' : column === 0 ? undefined : 'dim';
}

/** What failed, or what it waits for. */
export function noteOf(
  { status, error, waits_for, wake_at }: Pick<RunSummary, 'status' | 'error' | 'waits_for' | 'wake_at'>,
  nowMs: number,
): string {
  if (status === 'interrupted') return 'its process died: `runs resume` goes on with it';
  if (status === 'waiting') {
    const until = wake_at === null ? [] : [`until ${dueText(wake_at, nowMs)}`];
    return ['waits', ...(waits_for.length > 0 ? [`for ${waits_for.join(', ')}`] : []), ...until].join(' ');
  }
  return status === 'succeeded' || error === null ? '' : `${error.code}: ${error.message}`;
}

const dueText = (iso: string, nowMs: number): string =>
  Date.parse(iso) <= nowMs ? `${agoText(iso, nowMs)}: it is due` : new Date(iso).toLocaleString('sv-SE').slice(0, 16);
