import { type Program, parseStructure } from './handlebars-parser.ts';
import { isOutput, type Piece, type Tag } from './pieces.ts';

/** A tag that opens, turns, closes, comments or trims, alone; or all text and plain outputs between two such tags. */
type Section = Piece[];

/** A text's structure: Handlebars' tree, in which numbers stand for sections of the text. */
export class Structure {
  readonly program: Program;
  readonly #sections: Section[];

  constructor(pieces: readonly Piece[]) {
    this.#sections = sectionsOf(pieces);
    const skeleton = this.#sections.map(skeletonOf).join('');
    const isPlain = this.#sections.length <= 1 && !pieces.some(isStructural);
    this.program = isPlain ? { body: [{ type: 'ContentStatement', value: skeleton }] } : parseStructure(skeleton);
  }

  /** The tag that a number stands for. */
  tag(number: number): Tag {
    return this.#sections[number]?.[0] as Tag;
  }

  /** What a content of the tree stands for, with as much space at both ends as it has left. */
  pieces(content: string): Piece[] {
    const [, before = '', number = '', after = ''] = CONTENT.exec(content) ?? [];
    if (number === '') return [{ kind: 'text', text: content }];
    const section = this.#sections[Number(number)] ?? [];
    return section.map((piece, index) => {
      if (piece.kind === 'tag') return piece;
      const start = index === 0 ? before + piece.text.trimStart() : piece.text;
      return { kind: 'text', text: index === section.length - 1 ? start.trimEnd() + after : start };
    });
  }
}

const CONTENT = /^(\s*)(\d*)(\s*)$/;

const isStructural = (piece: Piece): boolean =>
  piece.kind === 'tag' && (piece.stripBefore || piece.stripAfter || !isOutput(piece));

function sectionsOf(pieces: readonly Piece[]): Section[] {
  const sections: Section[] = [];
  let plain: Section | undefined;
  for (const piece of pieces) {
    if (plain && !isStructural(piece)) plain.push(piece);
    else {
      const section = [piece];
      sections.push(section);
      plain = isStructural(piece) ? undefined : section;
    }
  }
  return sections;
}

/** A section as Handlebars reads it: what it holds is its number, and the space around is as it was. */
function skeletonOf(section: Section, number: number): string {
  const [first] = section;
  if (first?.kind === 'tag' && isStructural(first)) return skeletonTag(first, number);
  const text = section.map((piece) => (piece.kind === 'text' ? piece.text : '.')).join('');
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
