import { endOfString, type TagFinder } from '../core/tag-finder.ts';

/** `keep.fn(…)` in a text. */
export interface FoundCall {
  offset: number;
  name: string;
  /** Behind the closing parenthesis; undefined if there is none. */
  after: number | undefined;
}

/** Keep runs `keep.fn(…)` anywhere in a text. A name that ends in it, as in `my.keep.fn(…)`, is another's. */
const CALL = /(?<![\w.])keep\.[A-Za-z_]\w*(?=\()/g;

/** So often the end of a call is looked for in vain: each time, the rest of the text was read. */
const MOST_UNCLOSED = 20;

export class CallFinder {
  readonly #source: string;
  readonly #finder: TagFinder;
  readonly #end: number;
  /** The next place that looks like a call; undefined once there is none. */
  #next: { offset: number; name: string } | undefined = { offset: -1, name: '' };
  #unclosed = 0;

  constructor(source: string, finder: TagFinder, end: number) {
    this.#source = source;
    this.#finder = finder;
    this.#end = end;
  }

  /** The first call between two positions. What stands behind is not looked into: it may be part of a tag. */
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

  /** Quotes and tags inside are passed over: what they hold may have parentheses of its own. */
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
