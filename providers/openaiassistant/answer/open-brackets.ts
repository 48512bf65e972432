import type { Reading } from '../base/json-reader.ts';

/** What follows the bracket of an object that is written in lines; a brace of prose is followed by words. */
const LINES = /^\{\s*(?:\n|\/[/*]|#)/;
/** What follows the bracket of a list; brackets of prose, `[1]` and `[INFO]`, are followed by something else. */
const LIST = /^\[\s*(?:["'“\n]|$)/;
/** A brace that the text speaks of: `unexpected token "{"`. */
const NAMED = /^(["'`])\{\1|^“\{”|^‘\{’/;
const LOOKED_AT = 100;

/**
 * The brackets of an answer in which no value was read. Where one is never closed, a value may have been cut there, before anything
 * of it could be read: `{"severity":"low"}` and `{` on the next line.
 */
export class OpenBrackets {
  private readonly text: string;
  private readonly open = { '}': [] as number[], ']': [] as number[] };

  constructor(text: string) {
    this.text = text;
  }

  /** A bracket, and how its reading ended: what was read needs no closing one, and what was meant as JSON is looked at by itself. */
  add(at: number, reading: Reading): void {
    if (reading.kind === 'value' || reading.isAttempt) return;
    const { text, open } = this;
    if (text[at] === '[') {
      if (LIST.test(text.slice(at, at + LOOKED_AT))) open[']'].push(at);
    } else if (!NAMED.test(text.slice(Math.max(0, at - 1), at + 2))) open['}'].push(at);
  }

  close(bracket: '}' | ']'): void {
    this.open[bracket].pop();
  }

  /** The outermost that is written as JSON is, and the last of each kind: what stands between them changes nothing. */
  readings(): { at: number; reading: Reading }[] {
    const outermost = this.open['}'].find((at) => this.isInLines(at));
    const last = [outermost, this.open['}'].at(-1), this.open[']'].at(-1)];
    return [...new Set(last)].flatMap((at) => (at === undefined ? [] : [{ at, reading: this.cutAt(at) }]));
  }

  private isInLines(at: number): boolean {
    return LINES.test(this.text.slice(at, at + LOOKED_AT));
  }

  private cutAt(at: number): Reading {
    const isAttempt = this.isInLines(at);
    return { kind: 'cut', end: this.text.length, why: 'it ends too early', isAttempt, isLoose: !isAttempt, keys: [] };
  }
}
