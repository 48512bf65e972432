import type { Compilation } from '../core/compilation.ts';
import { type Program, parseStructure, type Statement } from './handlebars-parser.ts';
import { type BlockName, closingName, openingOf } from './opening.ts';
import { type Piece, splitPieces, type Tag } from './pieces.ts';

export interface OutputNode {
  kind: 'output';
  tag: Tag;
  /** Which output of the text this is. */
  index: number;
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
}

export type TemplateNode = { kind: 'text'; text: string } | OutputNode | Block;

/** A text's tree: its structure is Handlebars', what stands in its tags is ours. Mistakes go to the compilation. */
export function parseTemplate(compilation: Compilation): TemplateNode[] {
  const pieces = new Balancer(compilation).balance(splitPieces(compilation));
  const shapes = pieces.some(isStructure) ? parseStructure(skeletonOf(pieces)).body : pieces.map(shapeOf);
  return new TreeReader(compilation, pieces).read(shapes);
}

/** Whether a piece does more than stand where it stands. */
const isStructure = (piece: Piece): boolean =>
  piece.kind === 'tag' && (piece.stripBefore || piece.stripAfter || !isOutput(piece));

const isOutput = ({ sigil }: Tag): boolean => sigil === '' || sigil === 'raw' || sigil === 'call';

/** What Handlebars would make of a piece without structure. */
const shapeOf = (piece: Piece, index: number): Statement =>
  piece.kind === 'text'
    ? { type: 'ContentStatement', value: piece.text, original: piece.text }
    : { type: 'MustacheStatement', path: { original: `t${index}` } };

/** A template of the same structure in which each tag is the number of its piece, and text has no braces. */
const skeletonOf = (pieces: readonly Piece[]): string => pieces.map(skeletonPiece).join('');

function skeletonPiece(piece: Piece, index: number): string {
  // What is space decides, and how much of it there is.
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

/** Reads Handlebars' tree of a skeleton back into tags and text. */
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

/** The text without the space that its stand-in has lost. */
function stripped(text: string, { value, original }: { value: string; original: string }): string {
  if (value === original) return text;
  if (original.trim() === '') return value;
  return text.slice(leading(original) - leading(value), text.length - (trailing(original) - trailing(value)));
}

const DEEPEST = 100;

interface OpenBlock {
  tag: Tag;
  /** What its closing tag is called. */
  name: string;
  hasElse: boolean;
  /** It is the `else if` of the block around. */
  isChained: boolean;
}

/**
 * Finds every mistake in how tags belong together, and leaves out or adds what makes the rest well-formed: Handlebars' parser
 * would end at the first one.
 */
class Balancer {
  readonly #compilation: Compilation;
  readonly #kept: Piece[] = [];
  readonly #open: OpenBlock[] = [];
  /** Blocks beyond the deepest level: only counted, so that their closing tags still match. */
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

  /** Reports it, and says that the tag is left out. */
  #problem(tag: Tag, message: string, hint?: string): false {
    const problem = { message, offset: tag.offset, length: tag.length, code: 'template' as const };
    this.#compilation.problems.push(hint === undefined ? problem : { ...problem, hint });
    return false;
  }
}
