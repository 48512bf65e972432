import { visibleLine } from '../shared/text/safe-text.ts';
import { cutToWidth, displayWidth, type Line, paint, type Style, span } from './line.ts';

export interface Cell {
  text: string;
  style?: Style | undefined;
}

/** Layout of a table. */
export interface ListOptions {
  color: boolean;
  /** Width of the terminal; undefined for unlimited lines. */
  columns: number | undefined;
  nowMs: number;
}

interface TableOptions extends ListOptions {
  /** Column that is shortened when space is short. */
  yielding: number;
  /** Shown at the end of the row, or below it. */
  noteOf(index: number): Cell | undefined;
}

const GAP = '  ';
const WIDEST = 40;
const NARROWEST = 8;
const LONGEST_NOTE = 300;
/** With less space, a note gets a separate line. */
const NARROWEST_NOTE = 40;

/** Renders rows with aligned columns. */
export function renderTable(rows: readonly Cell[][], { color, columns, yielding, noteOf }: TableOptions): string {
  const safe = rows.map((row) => row.map(({ text, style }) => ({ text: visibleLine(text), style })));
  const widths = widthsOf(safe, yielding, columns);
  const taken = widths.reduce((sum, width) => sum + width + GAP.length, 0);
  const isBeside = columns === undefined || columns - taken >= NARROWEST_NOTE;
  const lines = safe.flatMap((row, index): Line[] => {
    const line = row.flatMap(({ text, style }, column) => [span(padded(text, widths[column] ?? 0), style), span(GAP)]);
    const note = noteOf(index);
    if (!note) return [line];
    const noted = span(cutToWidth(visibleLine(note.text), LONGEST_NOTE), note.style);
    return isBeside ? [[...line, noted]] : [line, [span(GAP.repeat(2)), noted]];
  });
  const painting = columns === undefined ? { color } : { color, columns };
  return lines.map((line) => `${paint(line, painting).trimEnd()}\n`).join('');
}

function widthsOf(rows: readonly Cell[][], yielding: number, columns: number | undefined): number[] {
  const widthOf = (column: number) => Math.max(...rows.map((row) => displayWidth(row[column]?.text ?? '')));
  const widths = (rows[0] ?? []).map((_, column) => (column === yielding ? Math.min(WIDEST, widthOf(column)) : widthOf(column)));
  const excess = widths.reduce((sum, width) => sum + width + GAP.length, -GAP.length) - (columns ?? Number.POSITIVE_INFINITY);
  const width = widths[yielding] ?? 0;
  if (excess > 0) widths[yielding] = Math.max(Math.min(NARROWEST, width), width - excess);
  return widths;
}

function padded(text: string, width: number): string {
  const cut = cutToWidth(text, width);
  return cut + ' '.repeat(Math.max(0, width - displayWidth(cut)));
}
