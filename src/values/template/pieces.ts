import type { Compilation } from '../compilation.ts';
import { findJinja } from './jinja.ts';
import { TagFinder } from './tag-finder.ts';

export interface TextPiece {
  kind: 'text';
  text: string;
}

export interface Tag {
  kind: 'tag';
  /** `''` is plain output, `raw` is `{{{ }}}` or `{{& }}`, `else` is `{{else …}}` or `{{^}}`. */
  sigil: '' | 'raw' | '#' | '^' | '/' | '!' | '>' | 'else';
  /** The whole tag. */
  offset: number;
  length: number;
  /** What it holds, without sigil, `~` and surrounding space. */
  start: number;
  end: number;
  stripBefore: boolean;
  stripAfter: boolean;
}

export type Piece = TextPiece | Tag;

const SIGILS = new Set(['#', '^', '/', '!', '>', '&']);

class PieceSplitter {
  readonly #compilation: Compilation;
  readonly #finder: TagFinder;
  readonly #pieces: Piece[] = [];
  #text = '';
  #position = 0;

  constructor(compilation: Compilation) {
    this.#compilation = compilation;
    this.#finder = new TagFinder(compilation.source);
  }

  split(): Piece[] {
    const { source } = this.#compilation;
    for (let open = source.indexOf('{{'); open >= 0; open = source.indexOf('{{', this.#position)) this.#braces(open);
    this.#takeText(source.length, source.length);
    this.#endText();
    return this.#pieces;
  }

  /** Opening braces: of a tag, or, behind a backslash, of text. Behind two, one backslash is text and the tag is a tag. */
  #braces(open: number): void {
    const { source } = this.#compilation;
    const backslashes = [1, 2].filter((back) => open - back >= this.#position && source[open - back] === '\\');
    const isEscape = backslashes[0] === 1;
    this.#takeText(open, isEscape ? open - 1 : open);
    this.#position = open + 2;
    if (isEscape && backslashes.length === 1) this.#text += '{{';
    else this.#tag(open);
  }

  #tag(open: number): void {
    const { source, problems } = this.#compilation;
    const found = this.#finder.find(open, source.length);
    if (!found) {
      const hint = 'Write `}}` after it, or `\\{{` for the braces themselves.';
      problems.push({ message: 'This `{{` is never closed.', hint, offset: open, length: 2, code: 'template' });
      return;
    }
    this.#endText();
    const place = { offset: open, length: found.after - open };
    this.#pieces.push({ kind: 'tag', ...place, ...unwrapTag(source, found.start, found.end) });
    this.#position = found.after;
  }

  #takeText(end: number, shownEnd: number): void {
    checkText(this.#compilation, this.#position, end);
    this.#text += this.#compilation.source.slice(this.#position, shownEnd);
    this.#position = end;
  }

  #endText(): void {
    if (this.#text !== '') this.#pieces.push({ kind: 'text', text: this.#text });
    this.#text = '';
  }
}

/** Splits a text into what stands outside of tags and the tags. */
export const splitPieces = (compilation: Compilation): Piece[] => new PieceSplitter(compilation).split();

const isSpace = (letter: string): boolean => letter.trim() === '';

/** What a tag holds, without what surrounds it. */
export function unwrapTag(source: string, contentStart: number, contentEnd: number): Omit<Tag, 'kind' | 'offset' | 'length'> {
  let [start, end] = [contentStart, contentEnd];
  const stripBefore = source[start] === '~';
  if (stripBefore) start += 1;
  const stripAfter = end > start && source[end - 1] === '~';
  if (stripAfter) end -= 1;
  let sigil: Tag['sigil'] = '';
  const letter = source.charAt(start);
  if (letter === '{' && end - 1 > start && source[end - 1] === '}') [sigil, start, end] = ['raw', start + 1, end - 1];
  else if (SIGILS.has(letter)) [sigil, start] = [letter === '&' ? 'raw' : (letter as Tag['sigil']), start + 1];
  while (start < end && isSpace(source.charAt(start))) start += 1;
  while (end > start && isSpace(source.charAt(end - 1))) end -= 1;
  if (sigil === '^' && start === end) sigil = 'else';
  if (sigil === '' && /^else(?!\S)/.test(source.slice(start, Math.min(end, start + 5)))) {
    [sigil, start] = ['else', start + 4];
    while (start < end && isSpace(source.charAt(start))) start += 1;
  }
  return { sigil, start, end, stripBefore, stripAfter };
}

/** Keep runs `keep.fn(…)` anywhere in a text; printing it instead would go unnoticed. */
const KEEP_CALL = /(?<![\w./@-])keep\.[A-Za-z_]\w*(?=\()/g;

function checkText(compilation: Compilation, start: number, end: number): void {
  const text = compilation.source.slice(start, end);
  for (const call of text.includes('keep.') ? text.matchAll(KEEP_CALL) : []) {
    const message = `\`${call[0]}(…)\` stands outside of braces and would be printed as it is.`;
    const hint = `Write {{ ${call[0]}(…) }}, with plain paths as its arguments.`;
    const place = { offset: start + call.index, length: call[0].length };
    compilation.problems.push({ message, hint, ...place, code: 'function' });
  }
  findJinja(compilation, start, end);
}
