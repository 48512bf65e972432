import type { Compilation } from '../core/compilation.ts';
import { type Program, parseStructure, type Statement } from './handlebars-parser.ts';
import { type BlockName, closingName, openingOf } from './opening.ts';
import { type Piece, splitPieces, type Tag } from './pieces.ts';

export interface OutputNode {
  kind: 'output';
  tag: Tag;
  /** Index of the output in the text. */
  index: number;
}

export interface Block {
  kind: 'block';
  name: BlockName;
  open: Tag;
  /** Range of the block's argument. */
  start: number;
  end: number;
  parameters: string[];
  /** `{{^path}}`: the body is the else branch. */
  inverted: boolean;
  body: TemplateNode[];
  otherwise: TemplateNode[] | undefined;
}

export type TemplateNode = { kind: 'text'; text: string } | OutputNode | Block;

/** Parses a text into a tree: Handlebars decides the structure, and this compiler the content of tags. Reports mistakes. */
export function parseTemplate(compilation: Compilation): TemplateNode[] {
  const pieces = new Balancer(compilation).balance(splitPieces(compilation));
  const shapes = pieces.some(isStructure) ? parseStructure(skeletonOf(pieces)).body : pieces.map(shapeOf);
  return new TreeReader(compilation, pieces).read(shapes);
}

/** Tells whether a piece affects the structure. */
const isStructure = (piece: Piece): boolean =>
  piece.kind === 'tag' && (piece.stripBefore || piece.stripAfter || !isOutput(piece));

const isOutput = ({ sigil }: Tag): boolean => sigil === '' || sigil === 'raw' || sigil === 'call';

/** Converts a piece without structure. */
const shapeOf = (piece: Piece, index: number): Statement =>
  piece.kind === 'text'
    ? { type: 'ContentStatement', value: piece.text, original: piece.text }
    : { type: 'MustacheStatement', path: { original: `t${index}` } };

/** A template with the same structure whose tags are the numbers of their pieces, and whose text has no braces. */
const skeletonOf = (pieces: readonly Piece[]): string => pieces.map(skeletonPiece).join('');

function skeletonPiece(piece: Piece, index: number): string {
  // Only the amount and kind of whitespace matters.
  if (piece.kind === 'text') return piece.text.replace(/[{}\\\0]/g, '.');
  const [before, after] = [piece.stripBefore ? '~' : '', piece.stripAfter ? '~' : ''];
  const tag = (content: string) => `{{${before}${content}${after}}}`;
  switch (piece.sigil) {
    case '#':
    case '^':
      return tag(`#b t${index}`);
    case '/':
      return tag('/b');
    case 'else':
      return tag(piece.start < piece.end ? `else b t${index}` : 'else');
    case '!':
      return tag('! ');
    default:
      return tag(`t${index}`);
  }
}

/** Converts Handlebars' tree of a skeleton back into tags and text. */
class TreeReader {
  readonly #compilation: Compilation;
  readonly #pieces: readonly Piece[];
  readonly #texts: string[];
  #outputs = 0;

  constructor(compilation: Compilation, pieces: readonly Piece[]) {
    this.#compilation = compilation;
    this.#pieces = pieces;
    this.#texts = pieces.flatMap((piece) => (piece.kind === 'text' ? [piece.text] : []));
  }

  read(statements: readonly Statement[]): TemplateNode[] {
    return statements.flatMap((statement): TemplateNode[] => {
      switch (statement.type) {
        case 'CommentStatement':
          return [];
        case 'ContentStatement':
          return [{ kind: 'text', text: stripped(this.#texts.shift() ?? '', statement) }];
        case 'MustacheStatement':
          return [{ kind: 'output', tag: this.#tagOf(statement.path.original), index: this.#outputs++ }];
        default:
          return [this.#block(this.#tagOf(statement.params[0].original), statement.program, statement.inverse)];
      }
    });
  }

  #block(open: Tag, program: Program, inverse: Program | undefined): Block {
    const opening = openingOf(this.#compilation, open);
    if (opening.start >= opening.end && open.sigil !== 'else') {
      const message = 'This block does not say what it is about.';
      const place = { offset: open.offset, length: open.length };
      this.#compilation.problems.push({ message, hint: 'Such as {{#if alert.x}}.', ...place, code: 'template' });
    }
    const body = this.read(program.body);
    const otherwise = inverse && this.read(inverse.body);
    return { kind: 'block', ...opening, open, inverted: open.sigil === '^', body, otherwise };
  }

  #tagOf(name: string): Tag {
    return this.#pieces[Number(name.slice(1))] as Tag;
  }
}

const leading = (text: string): number => text.length - text.trimStart().length;
const trailing = (text: string): number => text.length - text.trimEnd().length;

/** Removes the whitespace that Handlebars removed from the skeleton's text. */
function stripped(text: string, { value, original }: { value: string; original: string }): string {
  if (value === original) return text;
  if (original.trim() === '') return value;
  return text.slice(leading(original) - leading(value), text.length - (trailing(original) - trailing(value)));
}

const DEEPEST = 100;

interface OpenBlock {
  tag: Tag;
  /** Name of the closing tag. */
  name: string;
  hasElse: boolean;
  /** This is the `else if` of the enclosing block. */
  isChained: boolean;
}

/**
 * Reports every mistake in the nesting of tags, and leaves out or adds tags to make the rest well-formed, because Handlebars'
 * parser stops at the first mistake.
 */
class Balancer {
  readonly #compilation: Compilation;
  readonly #kept: Piece[] = [];
  readonly #open: OpenBlock[] = [];
  /** Number of open blocks beyond the deepest level, so that their closing tags still match. */
  #tooDeep = 0;

  constructor(compilation: Compilation) {
    this.#compilation = compilation;
  }

  balance(pieces: readonly Piece[]): Piece[] {
    for (const piece of pieces) if (piece.kind === 'text' || this.#isKept(piece)) this.#kept.push(piece);
    for (const { tag, name, isChained } of this.#open) {
      if (isChained) continue;
      this.#problem(tag, 'This block is never closed.', `Write {{/${name}}}.`);
      this.#kept.push({ ...tag, sigil: '/', stripBefore: false, stripAfter: false });
    }
    return this.#kept;
  }

  #isKept(tag: Tag): boolean {
    switch (tag.sigil) {
      case '#':
      case '^':
        return this.#opens(tag);
      case '/':
        return this.#closes(tag);
      case 'else':
        return this.#turns(tag);
      case '!':
        return true;
      case '>':
        return this.#problem(tag, 'There are no partials here.', 'Put the text where it is needed.');
      default:
        if (tag.start < tag.end) return true;
        return this.#problem(tag, 'This tag is empty.', 'Write a path in it, such as {{ alert.name }}.');
    }
  }

  #opens(tag: Tag): boolean {
    if (this.#open.length >= DEEPEST) return this.#tooDeep++ === 0 ? this.#problem(tag, 'Blocks are nested too deep.') : false;
    this.#open.push({ tag, name: closingName(this.#compilation.source, tag), hasElse: false, isChained: false });
    return true;
  }

  #turns(tag: Tag): boolean {
    const block = this.#open.at(-1);
    if (!block) return this.#problem(tag, 'This `else` stands in no block.');
    if (block.hasElse) return this.#problem(tag, 'This block has an `else` already.');
    if (tag.start < tag.end) {
      if (this.#open.length >= DEEPEST) return this.#problem(tag, 'Blocks are nested too deep.');
      this.#open.push({ tag, name: '', hasElse: false, isChained: true });
    }
    block.hasElse = true;
    return true;
  }

  #closes(tag: Tag): boolean {
    if (this.#tooDeep > 0) {
      this.#tooDeep -= 1;
      return false;
    }
    const owner = this.#open.findLast((block) => !block.isChained);
    if (!owner) return this.#problem(tag, 'This tag closes a block that was never opened.');
    const name = this.#compilation.source.slice(tag.start, tag.end);
    if (name !== owner.name)
      this.#problem(tag, `This tag closes \`${name}\`, but \`${owner.name}\` is open.`, `Write {{/${owner.name}}}.`);
    this.#open.length = this.#open.indexOf(owner);
    return true;
  }

  /** Reports a problem, and returns that the tag is left out. */
  #problem(tag: Tag, message: string, hint?: string): false {
    const problem = { message, offset: tag.offset, length: tag.length, code: 'template' as const };
    this.#compilation.problems.push(hint === undefined ? problem : { ...problem, hint });
    return false;
  }
}
