import { endOfString, type TagFinder } from './tag-finder.ts';

/** `keep.fn(…)` in a text. */
export interface FoundCall {
  offset: number;
  name: string;
  /** Behind the closing parenthesis; undefined if there is none. */
  after: number | undefined;
}

/** Keep runs `keep.fn(…)` anywhere in a text. */
const CALL = /(?<![\w./@-])keep\.[A-Za-z_]\w*(?=\()/g;

export class CallFinder {
  readonly #source: string;
  readonly #finder: TagFinder;
  #found: FoundCall | undefined;
  /** A call that is not closed is looked for once only. */
  #closing = true;

  constructor(source: string, finder: TagFinder) {
    this.#source = source;
    this.#finder = finder;
  }

  /** The first call at or behind a position. */
  next(position: number, end: number): FoundCall | undefined {
    if (this.#found && this.#found.offset >= position) return this.#found;
    CALL.lastIndex = position;
    const match = CALL.exec(this.#source);
    if (!match || match.index >= end) return undefined;
    const open = match.index + match[0].length;
    this.#found = { offset: match.index, name: match[0], after: this.#closing ? this.#close(open, end) : undefined };
    if (this.#found.after === undefined) this.#closing = false;
    return this.#found;
  }

  /** Quotes and tags inside are passed over: what they hold may have parentheses of its own. */
  #close(open: number, end: number): number | undefined {
    let depth = 0;
    for (let position = open; position < end; position++) {
      const letter = this.#source[position];
      if (letter === '{') position = this.#tagEnd(position, end) ?? position;
      else if (letter === '"' || letter === "'")
        position = endOfString(this.#source, position, end, (inner) => this.#tagEnd(inner, end));
      else if (letter === '(') depth += 1;
      else if (letter === ')' && --depth === 0) return position + 1;
    }
    return undefined;
  }

  /** The last position of the tag that opens here. */
  #tagEnd(position: number, end: number): number | undefined {
    const tag = this.#source.startsWith('{{', position) ? this.#finder.find(position, end) : undefined;
    return tag && tag.after - 1;
  }
}
