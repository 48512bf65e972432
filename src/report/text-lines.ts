import { wholeLength } from '../shared/text/safe-text.ts';

/** A model may stream without ever ending a line; what is longer than this goes out as one. */
const LONGEST_LINE = 4000;

/** Cuts streamed text into lines, one open line per source, so that steps which stream at once never share one. */
export class TextLines {
  private readonly open = new Map<string, string>();

  /** The lines that this piece completes. */
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

  /** The line that has begun and not ended. */
  peek(source: string): string {
    return this.open.get(source) ?? '';
  }

  /** What is left of a source that says no more. */
  finish(source: string): string[] {
    const last = this.peek(source);
    this.open.delete(source);
    return last === '' ? [] : [last];
  }
}
