export interface FoundTag {
  /** Range of the tag's content, including sigils and `~`. */
  start: number;
  end: number;
  after: number;
  /** `{{{ … }}}`. */
  triple: boolean;
}

/**
 * Finds the ends of tags. Braces and quotes inside a tag are balanced, so that `{{ default x "}}" }}` is a single tag.
 * A tag that cannot be balanced ends at its first closing braces. Failed searches are remembered, so that a text full of
 * open quotes is read in linear time.
 */
export class TagFinder {
  readonly #source: string;
  #balanced = true;
  #closing = true;

  constructor(source: string) {
    this.#source = source;
  }

  /** The tag that opens at `offset`; undefined if it is not closed before another opens. */
  find(offset: number, end: number): FoundTag | undefined {
    if (!this.#closing) return undefined;
    if (this.#source.startsWith('{{!', offset) || this.#source.startsWith('{{~!', offset)) return this.#comment(offset, end);
    const isTrimmed = this.#source.startsWith('{{~', offset);
    const triple = this.#source.startsWith('{', offset + (isTrimmed ? 3 : 2));
    const start = offset + 2;
    const from = start + (isTrimmed ? 1 : 0) + (triple ? 1 : 0);
    const close = (this.#balanced ? this.#balancedClose(from, end) : undefined) ?? this.#plainClose(from, end);
    return this.#at(start, close, triple);
  }

  #at(start: number, close: number | undefined, triple: boolean): FoundTag | undefined {
    if (close === undefined) return undefined;
    const source = this.#source;
    if (!triple) return { start, end: close, after: close + 2, triple };
    if (source.startsWith('}}}', close)) return { start, end: close + 1, after: close + 3, triple };
    const stripped = source.startsWith('}~}}', close - 2) ? close - 2 : undefined;
    if (stripped !== undefined) return { start, end: close, after: close + 2, triple };
    return undefined;
  }

  /** `{{!-- … --}}` may hold braces. */
  #comment(offset: number, end: number): FoundTag | undefined {
    const start = offset + 2;
    const source = this.#source;
    if (source.indexOf('}}', start) < 0) this.#closing = false;
    if (!this.#closing) return undefined;
    const dashed = source.startsWith('--', source.indexOf('!', start) + 1);
    const close = source.indexOf(dashed ? '--' : '}}', dashed ? start + 3 : start);
    if (!dashed) return close < 0 || close + 2 > end ? undefined : { start, end: close, after: close + 2, triple: false };
    for (let at = close; at >= 0 && at < end; at = source.indexOf('--', at + 1)) {
      const braces = at + (source[at + 2] === '~' ? 3 : 2);
      if (source.startsWith('}}', braces)) return { start, end: braces, after: braces + 2, triple: false };
    }
    this.#closing = false;
    return undefined;
  }

  /** The first braces decide: closing ones, or those of the next tag. */
  #plainClose(start: number, end: number): number | undefined {
    for (let position = start; position + 1 < end; position++) {
      if (this.#source.startsWith('}}', position)) return position;
      if (this.#source.startsWith('{{', position)) return undefined;
    }
    this.#closing = false;
    return undefined;
  }

  #balancedClose(start: number, end: number): number | undefined {
    let depth = 0;
    for (let position = start; position < end; position++) {
      const letter = this.#source[position];
      if (letter === '"' || letter === "'") position = endOfString(this.#source, position, end);
      else if (letter === '{') {
        if (this.#source[position + 1] === '{') return undefined;
        depth += 1;
      } else if (letter === '}') {
        if (depth === 0 && this.#source[position + 1] === '}') return position + 1 < end ? position : undefined;
        depth = Math.max(0, depth - 1);
      }
    }
    this.#balanced = false;
    return undefined;
  }
}

/** End of the string whose quote is at `offset`; `skip` skips parts that may contain quotes. */
export function endOfString(
  source: string,
  offset: number,
  end: number,
  skip?: (position: number) => number | undefined,
): number {
  const quote = source[offset];
  for (let position = offset + 1; position < end; position++) {
    if (source[position] === '\\') position += 1;
    else if (source[position] === quote) return position;
    else position = skip?.(position) ?? position;
  }
  return end;
}
