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
  /** Content without sigil, `~` and surrounding space. */
  start: number;
  end: number;
  stripBefore: boolean;
  stripAfter: boolean;
}

export type Piece = TextPiece | Tag;

/** Whether a tag puts a value into the text. */
export const isOutput = ({ sigil }: Tag): boolean => sigil === '' || sigil === 'raw' || sigil === 'call';

/** Keep's way to hand a text on without running functions in it; templates in it are rendered. */
const RAW = /^(\s*raw_render_without_execution\()[\s\S]*(\)\s*)$/;

/** Opens or closes a raw block of Handlebars, which hands the text in it to a helper as it is. */
const RAW_BLOCK = /\{\{\{\{\/?\s*[A-Za-z][\w.-]*\s*\}\}\}\}/y;

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
      this.#compilation.report({ offset, length: name.length }, `\`${name}(\` is never closed.`, hint, 'function');
      return;
    }
    this.#endText();
    const place = { offset, length: after - offset, start: offset, end: after };
    this.#pieces.push({ kind: 'tag', sigil: 'call', ...place, stripBefore: false, stripAfter: false });
  }

  /** Opening braces start a tag; after a backslash they are text, and after two they start a tag after a literal backslash. */
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
    const { source } = this.#compilation;
    RAW_BLOCK.lastIndex = open;
    const [raw] = RAW_BLOCK.exec(source) ?? [];
    const found = raw === undefined ? this.#finder.find(open, this.#end) : undefined;
    if (!found) {
      this.#refuse(open, raw);
      return;
    }
    this.#endText();
    const place = { offset: open, length: found.after - open };
    this.#pieces.push({ kind: 'tag', ...place, ...unwrapTag(source, found.start, found.end) });
    this.#position = found.after;
  }

  /** Reports braces that open no tag. */
  #refuse(open: number, raw = '{{'): void {
    const isRaw = raw !== '{{';
    const message = isRaw ? 'There are no raw blocks here.' : 'This `{{` is never closed.';
    const hint = `Write ${isRaw ? '' : '`}}` after it, or '}\`\\{{\` for the braces themselves.`;
    this.#compilation.report({ offset: open, length: raw.length }, message, hint);
    this.#position = open + raw.length;
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

/** Splits a text into tags and the text between them. */
export const splitPieces = (compilation: Compilation): Piece[] => new PieceSplitter(compilation).split();

const isSpace = (letter: string): boolean => letter.trim() === '';

/** Where the space that begins here ends. */
function spaceEnd(source: string, start: number, end: number): number {
  let position = start;
  while (position < end && isSpace(source.charAt(position))) position += 1;
  return position;
}

/** `{{ #if x }}`: space in front of what no expression begins with. */
function sigilStart(source: string, start: number, end: number): number {
  const position = spaceEnd(source, start, end);
  return '#^/'.includes(source.charAt(position) || ' ') ? position : start;
}

/** The content of a tag. */
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
  if (sigil === '#' && source[start] === '>') [sigil, start] = ['>', start + 1];
  start = spaceEnd(source, start, end);
  while (end > start && isSpace(source.charAt(end - 1))) end -= 1;
  if (sigil === '^' && start === end) sigil = 'else';
  if (sigil === '' && /^else(?!\S)/.test(source.slice(start, Math.min(end, start + 5)))) {
    [sigil, start] = ['else', spaceEnd(source, start + 4, end)];
  }
  return { sigil, start, end, stripBefore, stripAfter };
}
