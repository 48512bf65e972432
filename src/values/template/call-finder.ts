import { endOfString, type TagFinder } from '../core/tag-finder.ts';

/** `keep.fn(…)` in a text. */
export interface FoundCall {
  offset: number;
  name: string;
  /** Offset after the closing parenthesis; undefined if there is none. */
  after: number | undefined;
}

/** Keep runs `keep.fn(…)` anywhere in a text, but not as the end of another name, as in `my.keep.fn(…)`. */
const CALL = /(?<![\w.])keep\.[A-Za-z_]\w*(?=\()/g;

/** Limits failed searches for the end of a call, because each one reads the rest of the text. */
const MOST_UNCLOSED = 20;

export class CallFinder {
  readonly #source: string;
  readonly #finder: TagFinder;
  readonly #end: number;
  /** The next text that looks like a call; undefined if there is none. */
  #next: { offset: number; name: string } | undefined = { offset: -1, name: '' };
  #unclosed = 0;

  constructor(source: string, finder: TagFinder, end: number) {
    this.#source = source;
    this.#finder = finder;
    this.#end = end;
  }

  /** The first call between two positions. The text after them is not read, because it may be part of a tag. */
  find(position: number, limit: number): FoundCall | undefined {
    if (this.#next && this.#next.offset < position) this.#next = this.#from(position);
    if (!this.#next || this.#next.offset >= limit) return undefined;
    const { offset, name } = this.#next;
    const after = this.#unclosed < MOST_UNCLOSED ? this.#close(offset + name.length) : undefined;
    if (after === undefined) this.#unclosed += 1;
    return { offset, name, after };
  }

  #from(position: number): { offset: number; name: string } | undefined {
    CALL.lastIndex = position;
    const match = CALL.exec(this.#source);
    return match && match.index < this.#end ? { offset: match.index, name: match[0] } : undefined;
  }

  /** Skips quotes and tags inside the call, because they may contain parentheses. */
  #close(open: number): number | undefined {
    let depth = 0;
    for (let position = open; position < this.#end; position++) {
      const letter = this.#source[position];
      if (letter === '{') position = this.#tagEnd(position) ?? position;
      else if (letter === '"' || letter === "'")
        position = endOfString(this.#source, position, this.#end, (inner) => this.#tagEnd(inner));
      else if (letter === '(') depth += 1;
      else if (letter === ')' && --depth === 0) return position + 1;
    }
    return undefined;
  }

  /** The last position of the tag that opens here. */
  #tagEnd(position: number): number | undefined {
    const tag = this.#source.startsWith('{{', position) ? this.#finder.find(position, this.#end) : undefined;
    return tag && tag.after - 1;
  }
}
