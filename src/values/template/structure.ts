import { type Program, parseStructure } from './handlebars-parser.ts';
import { isOutput, type Piece, type Tag } from './pieces.ts';

/** One tag that has structure: of a block, a comment, or with `~`. Or all text and other tags between two of them. */
type Part = Piece[];

/**
 * A text's structure: Handlebars' tree of a skeleton in which numbers stand for the parts of the text. Where a tag without
 * structure ends and text begins changes nothing about the lines around, so that they share a number.
 */
export class Structure {
  readonly program: Program;
  readonly #parts: Part[];

  constructor(pieces: readonly Piece[]) {
    this.#parts = partsOf(pieces);
    const skeleton = this.#parts.map(skeletonOf).join('');
    const isPlain = !pieces.some(isStructural);
    this.program = isPlain ? { body: [{ type: 'ContentStatement', value: skeleton }] } : parseStructure(skeleton);
  }

  /** The tag that a number stands for. */
  tag(number: number): Tag {
    return this.#parts[number]?.[0] as Tag;
  }

  /** What a content of the tree stands for, with as much space at both ends as it has left. */
  pieces(content: string): Piece[] {
    const [, before = '', number = '', after = ''] = CONTENT.exec(content) ?? [];
    if (number === '') return [{ kind: 'text', text: content }];
    const part = this.#parts[Number(number)] ?? [];
    return part.map((piece, index) => {
      if (piece.kind === 'tag') return piece;
      const start = index === 0 ? before + piece.text.trimStart() : piece.text;
      return { kind: 'text', text: index === part.length - 1 ? start.trimEnd() + after : start };
    });
  }
}

const CONTENT = /^(\s*)(\d*)(\s*)$/;

const isStructural = (piece: Piece): boolean =>
  piece.kind === 'tag' && (piece.stripBefore || piece.stripAfter || !isOutput(piece));

function partsOf(pieces: readonly Piece[]): Part[] {
  const parts: Part[] = [];
  let plain: Part | undefined;
  for (const piece of pieces) {
    if (plain && !isStructural(piece)) plain.push(piece);
    else {
      const part = [piece];
      parts.push(part);
      plain = isStructural(piece) ? undefined : part;
    }
  }
  return parts;
}

/** A part as Handlebars reads it: a number for what it holds, and the space around as it was. */
function skeletonOf(part: Part, number: number): string {
  const [first] = part;
  if (first?.kind === 'tag' && isStructural(first)) return skeletonTag(first, number);
  const text = part.map((piece) => (piece.kind === 'text' ? piece.text : '.')).join('');
  return text.replace(/\S(?:[\s\S]*\S)?/, String(number));
}

function skeletonTag({ sigil, stripBefore, stripAfter, start, end }: Tag, number: number): string {
  const tag = (content: string) => `{{${stripBefore ? '~' : ''}${content}${stripAfter ? '~' : ''}}}`;
  switch (sigil) {
    case '#':
    case '^':
      return tag(`#b ${number}`);
    case '/':
      return tag('/b');
    case 'else':
      return tag(start < end ? `else b ${number}` : 'else');
    case '!':
      return tag('! ');
    default:
      return tag(String(number));
  }
}
