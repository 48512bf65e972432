import { wholeLength } from '../shared/text/safe-text.ts';

/** Longer text is flushed as a line, because a model may stream without ever ending one. */
const LONGEST_LINE = 4000;

/** Splits streamed text into lines, with an open line per source, so that parallel steps never share a line. */
export class TextLines {
  private readonly open = new Map<string, string>();

  /** Returns the lines that this piece completes. */
  push(source: string, text: string): string[] {
    const unfinished = this.open.get(source) ?? '';
    if (!text.includes('\n') && unfinished.length + text.length < LONGEST_LINE) {
      this.open.set(source, unfinished + text);
      return [];
    }
    const lines = (unfinished + text).split('\n');
    const last = lines.pop() ?? '';
    const cut = last.length < LONGEST_LINE ? 0 : wholeLength(last, last.length);
    if (cut > 0) lines.push(last.slice(0, cut));
    this.open.set(source, last.slice(cut));
    return lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
  }

  /** The line that has not ended yet. */
  peek(source: string): string {
    return this.open.get(source) ?? '';
  }

  /** Removes a source that has ended and returns its open line. */
  finish(source: string): string[] {
    const last = this.peek(source);
    this.open.delete(source);
    return last === '' ? [] : [last];
  }
}
