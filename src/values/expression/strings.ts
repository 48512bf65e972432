import { SyntaxFailure } from '../core/compilation.ts';
import type { TagFinder } from '../core/tag-finder.ts';
import type { QuotedPart } from './syntax.ts';

const SIMPLE: Readonly<Record<string, string>> = {
  ...{ n: '\n', r: '\r', t: '\t', a: '\x07', b: '\b', f: '\f', v: '\v' },
  ...{ '\\': '\\', "'": "'", '"': '"', '`': '`', '?': '?' },
};

/** CEL's escapes with digits, longest first. */
const CODED = /(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2}))/y;

export interface Quoted {
  parts: QuotedPart[];
  end: number;
}

/** Reads a string literal from its quote (after an `r`), with its text and its tags. */
export function readQuoted(source: string, offset: number, end: number, raw: boolean, finder: TagFinder): Quoted {
  const single = source.charAt(offset);
  const quote = source.startsWith(single.repeat(3), offset) ? single.repeat(3) : single;
  const parts: QuotedPart[] = [];
  let text = '';
  let position = offset + quote.length;
  while (position < end) {
    if (source.startsWith(quote, position)) {
      if (text !== '' || parts.length === 0) parts.push(text);
      return { parts, end: position + quote.length };
    }
    const tag = source.startsWith('{{', position) ? finder.find(position, end) : undefined;
    if (tag) {
      if (text !== '') parts.push(text);
      text = '';
      parts.push({ start: tag.start, end: tag.end });
      position = tag.after;
    } else if (source[position] === '\\' && !raw) {
      const escaped = readEscape(source, position);
      text += escaped.text;
      position = escaped.end;
    } else {
      text += source.charAt(position);
      position += 1;
    }
  }
  throw unclosed(offset, quote);
}

function readEscape(source: string, offset: number): { text: string; end: number } {
  const letter = source.charAt(offset + 1);
  const simple = Object.hasOwn(SIMPLE, letter) ? SIMPLE[letter] : undefined;
  if (simple !== undefined) return { text: simple, end: offset + 2 };
  CODED.lastIndex = offset + 1;
  const coded = CODED.exec(source);
  if (!coded) throw badEscape(offset, letter);
  const hexadecimal = coded[1] ?? coded[2] ?? coded[3];
  const code = hexadecimal === undefined ? Number.parseInt(coded[4] ?? '0', 8) : Number.parseInt(hexadecimal, 16);
  if (code > 0x10ffff) throw badEscape(offset, letter);
  return { text: String.fromCodePoint(code), end: CODED.lastIndex };
}

const badEscape = (offset: number, letter: string): SyntaxFailure =>
  new SyntaxFailure({
    message: `\`\\${letter}\` means nothing in a string.`,
    hint: "Write a backslash as `\\\\`, or a raw string: r'…'.",
    offset,
    length: 2,
    code: 'expression',
  });

const unclosed = (offset: number, quote: string): SyntaxFailure =>
  new SyntaxFailure({
    message: `This string is not closed; it needs another ${quote}.`,
    offset,
    length: quote.length,
    code: 'expression',
  });
