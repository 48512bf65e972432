import type { Compilation } from '../core/compilation.ts';
import { closingName } from './opening.ts';
import { type Piece, splitPieces, type Tag } from './pieces.ts';

const DEEPEST = 100;

interface OpenBlock {
  tag: Tag;
  /** What its closing tag is called. */
  name: string;
  hasElse: boolean;
  /** Whether it is the `else if` of the block around. */
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
    this.#compilation.report(tag, message, hint);
    return false;
  }
}

/** Splits a text, and reports every tag that does not belong where it stands; what comes back is well-formed. */
export const balancePieces = (compilation: Compilation): Piece[] => new Balancer(compilation).balance(splitPieces(compilation));
