import type { Compilation } from '../core/compilation.ts';
import { type BlockName, openingOf } from './opening.ts';
import { type Piece, splitPieces, type Tag } from './pieces.ts';

export interface TextNode {
  kind: 'text';
  text: string;
  /** The text as written; what is whitespace is decided by it. */
  original: string;
  leftStripped: boolean;
  rightStripped: boolean;
}

export interface OutputNode {
  kind: 'output';
  tag: Tag;
  /** Which output of the text this is. */
  index: number;
}

export interface CommentNode {
  kind: 'comment';
  tag: Tag;
}

export interface Block {
  kind: 'block';
  name: BlockName;
  open: Tag;
  /** Where what the block is about stands. */
  start: number;
  end: number;
  parameters: string[];
  /** `{{^path}}`: the body is what stands for "else". */
  inverted: boolean;
  body: TemplateNode[];
  otherwise: TemplateNode[] | undefined;
  elseTag: Tag | undefined;
  /** Whether this block is the `else if` of the one around. */
  chained: boolean;
  close: Tag;
}

export type TemplateNode = TextNode | OutputNode | CommentNode | Block;

const DEEPEST = 100;

const textNode = (text: string): TextNode => ({
  kind: 'text',
  text,
  original: text,
  leftStripped: false,
  rightStripped: false,
});

class TreeBuilder {
  readonly #compilation: Compilation;
  readonly #root: TemplateNode[] = [];
  readonly #open: Block[] = [];
  #outputs = 0;
  /** Blocks beyond the deepest level: only counted, so that their closing tags still match. */
  #tooDeep = 0;

  constructor(compilation: Compilation) {
    this.#compilation = compilation;
  }

  build(pieces: Piece[]): TemplateNode[] {
    for (const piece of pieces) {
      if (piece.kind === 'text') this.#current().push(textNode(piece.text));
      else this.#tag(piece);
    }
    for (const block of this.#open) {
      if (!block.chained) this.#problem(block.open, `This block is never closed.`, `Write {{/${this.#closingName(block)}}}.`);
    }
    return this.#root;
  }

  #current(): TemplateNode[] {
    const block = this.#open.at(-1);
    return block ? (block.otherwise ?? block.body) : this.#root;
  }

  #tag(tag: Tag): void {
    if (tag.sigil === '#' || tag.sigil === '^') this.#openBlock(tag);
    else if (tag.sigil === '/') this.#closeBlock(tag);
    else if (tag.sigil === 'else') this.#else(tag);
    else if (tag.sigil === '!') this.#current().push({ kind: 'comment', tag });
    else if (tag.sigil === '>') this.#problem(tag, 'There are no partials here.', 'Put the text where it is needed.');
    else if (tag.start >= tag.end) this.#problem(tag, 'This tag is empty.', 'Write a path in it, such as {{ alert.name }}.');
    else this.#current().push({ kind: 'output', tag, index: this.#outputs++ });
  }

  #openBlock(tag: Tag): void {
    if (this.#open.length >= DEEPEST) {
      if (this.#tooDeep++ === 0) this.#problem(tag, 'Blocks are nested too deep.');
      return;
    }
    const block = this.#blockOf(tag, tag.sigil === '^', false);
    if (block.start >= block.end) this.#problem(tag, 'This block does not say what it is about.', 'Such as {{#if alert.x}}.');
    this.#current().push(block);
    this.#open.push(block);
  }

  #blockOf(open: Tag, inverted: boolean, chained: boolean): Block {
    const opening = openingOf(this.#compilation, open);
    const empty = { body: [], otherwise: undefined, elseTag: undefined };
    return { kind: 'block', ...opening, open, inverted, chained, ...empty, close: open };
  }

  #else(tag: Tag): void {
    const block = this.#open.at(-1);
    if (!block || block.otherwise) {
      this.#problem(tag, block ? 'This block has an `else` already.' : 'This `else` stands in no block.');
      return;
    }
    block.otherwise = [];
    block.elseTag = tag;
    if (tag.start >= tag.end) return;
    if (this.#open.length >= DEEPEST) {
      this.#problem(tag, 'Blocks are nested too deep.');
      return;
    }
    const inner = this.#blockOf(tag, false, true);
    block.otherwise.push(inner);
    this.#open.push(inner);
  }

  #closeBlock(tag: Tag): void {
    if (this.#tooDeep > 0) {
      this.#tooDeep -= 1;
      return;
    }
    const owner = this.#open.findLast((block) => !block.chained);
    if (!owner) {
      this.#problem(tag, 'This tag closes a block that was never opened.');
      return;
    }
    const name = this.#compilation.source.slice(tag.start, tag.end);
    const expected = this.#closingName(owner);
    if (name !== expected)
      this.#problem(tag, `This tag closes \`${name}\`, but \`${expected}\` is open.`, `Write {{/${expected}}}.`);
    for (let block = this.#open.pop(); block; block = this.#open.pop()) {
      block.close = tag;
      if (block === owner) break;
    }
  }

  #closingName(block: Block): string {
    return block.name === 'section' || block.name === 'fn' ? this.#compilation.source.slice(block.start, block.end) : block.name;
  }

  #problem(tag: Tag, message: string, hint?: string): void {
    const problem = { message, offset: tag.offset, length: tag.length, code: 'template' as const };
    this.#compilation.problems.push(hint === undefined ? problem : { ...problem, hint });
  }
}

export function parseTemplate(compilation: Compilation): TemplateNode[] {
  return new TreeBuilder(compilation).build(splitPieces(compilation));
}
