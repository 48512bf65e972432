import type { Compilation } from '../core/compilation.ts';
import { TagFinder } from '../core/tag-finder.ts';
import { CallFinder, type FoundCall } from './call-finder.ts';
import { findJinja } from './jinja.ts';

interface TextPiece {
  kind: 'text';
  text: string;
}

export interface Tag {
  kind: 'tag';
  /** `''` is plain output, `call` is Keep's `keep.fn(…)` without braces, `raw` is `{{{ }}}` or `{{& }}`, `else` is `{{else …}}` or `{{^}}`. */
  sigil: '' | 'raw' | 'call' | '#' | '^' | '/' | '!' | '>' | 'else';
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

/** Keep's way to hand a text on without running functions in it; templates in it are rendered. */
const RAW = /^(\s*raw_render_without_execution\()[\s\S]*(\)\s*)$/;

const SIGILS = new Set(['#', '^', '/', '!', '>', '&']);

class PieceSplitter {
  readonly #compilation: Compilation;
  readonly #finder: TagFinder;
  readonly #pieces: Piece[] = [];
  readonly #end: number;
  readonly #calls: CallFinder | undefined;
  #text = '';
  #position: number;

  constructor(compilation: Compilation) {
    const { source } = compilation;
    this.#compilation = compilation;
    this.#finder = new TagFinder(source);
    const raw = RAW.exec(source);
    this.#position = raw ? (raw[1] ?? '').length : 0;
    this.#end = raw ? source.length - (raw[2] ?? '').length : source.length;
    this.#calls = !raw && source.includes('keep.') ? new CallFinder(source, this.#finder, this.#end) : undefined;
  }

  split(): Piece[] {
    const end = this.#end;
    let braces = -1;
    for (;;) {
      if (braces < this.#position) braces = this.#bracesFrom(this.#position);
      const call = this.#calls?.find(this.#position, braces);
      if (call) this.#call(call);
      else if (braces < end) this.#braces(braces);
      else break;
    }
    this.#takeText(end, end);
    this.#endText();
    return this.#pieces;
  }

  #bracesFrom(position: number): number {
    const found = this.#compilation.source.indexOf('{{', position);
    return found < 0 || found > this.#end ? this.#end : found;
  }

  #call({ offset, name, after }: FoundCall): void {
    this.#takeText(offset, offset);
    this.#position = after ?? offset + name.length;
    if (after === undefined) {
      const hint = 'Write `)` behind its last argument.';
      const place = { offset, length: name.length };
      this.#compilation.problems.push({ message: `\`${name}(\` is never closed.`, hint, ...place, code: 'function' });
      return;
    }
    this.#endText();
    const place = { offset, length: after - offset, start: offset, end: after };
    this.#pieces.push({ kind: 'tag', sigil: 'call', ...place, stripBefore: false, stripAfter: false });
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
    const found = this.#finder.find(open, this.#end);
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
    findJinja(this.#compilation, this.#position, end);
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

/** `{{ #if x }}`: space in front of what no expression begins with. */
function sigilStart(source: string, start: number, end: number): number {
  let position = start;
  while (position < end && isSpace(source.charAt(position))) position += 1;
  return '#^/'.includes(source.charAt(position) || ' ') ? position : start;
}

/** What a tag holds, without what surrounds it. */
export function unwrapTag(source: string, contentStart: number, contentEnd: number): Omit<Tag, 'kind' | 'offset' | 'length'> {
  let [start, end] = [contentStart, contentEnd];
  const stripBefore = source[start] === '~';
  if (stripBefore) start += 1;
  const stripAfter = end > start && source[end - 1] === '~';
  if (stripAfter) end -= 1;
  let sigil: Tag['sigil'] = '';
  start = sigilStart(source, start, end);
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
