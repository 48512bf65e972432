import { styleText } from '../shared/node/node-util.ts';
import { visible, visibleLine, withoutCommands } from '../shared/text/safe-text.ts';

export type Style = 'red' | 'green' | 'yellow' | 'cyan' | 'dim' | 'bold';

/** A part of a line in a single style. Its text may be untrusted: only `paint` turns it into output, and makes it safe. */
export interface Span {
  text: string;
  style?: Style;
}

export type Line = Span[];

export const span = (text: string, style?: Style): Span => (style ? { text, style } : { text });

/** Splits text into a Line for each of its lines. */
export function linesOf(text: string, style?: Style): Line[] {
  return visible(text)
    .split('\n')
    .map((line) => [span(line, style)]);
}

export const indented = (line: Line): Line => [span('  '), ...line];

export interface PaintOptions {
  color: boolean;
  /** Cuts the line to this many columns. */
  columns?: number;
}

/** Renders the line for a terminal or a log, without a newline. */
export function paint(line: Line, { color, columns = Number.POSITIVE_INFINITY }: PaintOptions): string {
  let left = columns;
  let painted = '';
  for (const { text, style } of line) {
    const safe = withoutCommands(visibleLine(text));
    const fitting = left === Number.POSITIVE_INFINITY ? safe : cutToWidth(safe, left);
    left -= left === Number.POSITIVE_INFINITY ? 0 : displayWidth(fitting);
    // The caller knows whether the stream shows colours; styleText would look at the process's stdout.
    painted += color && style && fitting ? styleText(style, fitting, { validateStream: false }) : fitting;
    if (fitting !== safe) break;
  }
  return painted;
}

const ZERO_WIDTH = /\p{Mn}|\p{Me}|[\u200b-\u200d]/u;
const DOUBLE_WIDTH =
  /[\p{Emoji_Presentation}\u1100-\u115f\u2e80-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u;

function widthOf(character: string): number {
  if (character < '\u0300') return 1;
  if (ZERO_WIDTH.test(character)) return 0;
  return DOUBLE_WIDTH.test(character) ? 2 : 1;
}

/** Approximate terminal columns: a composed emoji counts as its parts, so that lines are cut early rather than late. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) width += widthOf(character);
  return width;
}

/** The beginning of the text, with `…` if it was cut. */
export function cutToWidth(text: string, columns: number): string {
  let width = 0;
  let length = 0;
  let lengthBeforeLastColumn = 0;
  for (const character of text) {
    width += widthOf(character);
    if (width > columns) return columns > 0 ? `${text.slice(0, lengthBeforeLastColumn)}…` : '';
    length += character.length;
    if (width < columns) lengthBeforeLastColumn = length;
  }
  return text;
}

/** The end of the text, in time that does not grow with the text. */
export function tailToWidth(text: string, columns: number): string {
  const end = Array.from(visibleLine(text.slice(-2 * columns)));
  let width = 0;
  let start = end.length;
  while (start > 0 && width + widthOf(end[start - 1] ?? '') <= columns) {
    width += widthOf(end[start - 1] ?? '');
    start--;
  }
  return end.slice(start).join('');
}
