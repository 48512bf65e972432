import { type Json, toText } from '../../shared/json/json.ts';
import { expressionFailed, kindOf } from './kinds.ts';

/** How a tag's value becomes a part of the text around. */
export type Write = (value: Json) => string;

type Writers<Tag> = ReadonlyMap<Tag, Write>;

/** The text of a tag's value; empty for null. */
export const textOf: Write = (value) => (value === null ? '' : toText(value));

/**
 * How tags write into a text that is JSON, by where they stand, so that data cannot end a string or add a key. Undefined for
 * other text; `unclosed` if a string of the JSON has no end, so that no place in it is certain.
 */
export function jsonWriters<Tag extends object>(parts: readonly (string | Tag)[]): Writers<Tag> | 'unclosed' | undefined {
  const isPlain = parts.every((part) => typeof part === 'string');
  if (isPlain || !OPENING.test(parts.map((part) => (typeof part === 'string' ? part : '\0')).join(''))) return undefined;
  const scan = new JsonScan<Tag>();
  for (const part of parts) {
    if (typeof part === 'string') scan.text(part);
    else scan.tag(part);
  }
  return scan.writers();
}

/** What a list or a map with something in it begins with. `[{{ x }}] …` is prose, and `[{{ x }}, "{{ y }}"]` a list. */
const OPENING = /^\s*(?:\{\s*"|\[\s*[{["]|\[\s*(?:[\d.eE+-]+|true|false|null|\0)\s*,[^"]*"[\s\S]*\]\s*$)/;

/** Comments, which many servers pass over. */
const COMMENT = /\/\*[\s\S]*?\*\/|\/\/.*/g;

/** What stands outside of the strings of JSON. */
const PUNCTUATION = /^(?:[\s{}[\],:\d.eE+-]|true|false|null)*$/;

class JsonScan<Tag extends object> {
  readonly #writers = new Map<Tag, Write>();
  /** The pieces of the string that is open. */
  #string: (string | Tag)[] | undefined;
  #outside = '';

  text(text: string): void {
    for (let position = 0; position < text.length; ) {
      const end = this.#string ? stringEnd(text, position) : quoteAt(text, position);
      const piece = text.slice(position, end);
      if (this.#string) this.#string.push(piece);
      else this.#outside += piece;
      if (end < text.length) this.#quote();
      position = end + 1;
    }
  }

  tag(tag: Tag): void {
    if (this.#string) this.#string.push(tag);
    else this.#writers.set(tag, asValue);
  }

  writers(): Writers<Tag> | 'unclosed' | undefined {
    if (!PUNCTUATION.test(this.#outside.replace(COMMENT, ''))) return undefined;
    return this.#string ? 'unclosed' : this.#writers;
  }

  #quote(): void {
    if (!this.#string) {
      this.#string = [];
      return;
    }
    const inner = jsonWriters(this.#string.map((piece) => (typeof piece === 'string' ? unescaped(piece) : piece)));
    for (const piece of this.#string) {
      if (typeof piece === 'string') continue;
      const write = writerIn(inner, piece);
      this.#writers.set(piece, (value) => escaped(write(value)));
    }
    this.#string = undefined;
  }
}

/** How a tag writes; as text if the text around is no JSON. */
export const writerIn = <Tag extends object>(writers: ReturnType<typeof jsonWriters<Tag>>, tag: Tag): Write =>
  (writers instanceof Map ? (writers as Writers<Tag>).get(tag) : undefined) ?? textOf;

function quoteAt(text: string, from: number): number {
  const found = text.indexOf('"', from);
  return found < 0 ? text.length : found;
}

function stringEnd(text: string, from: number): number {
  for (let position = from; position < text.length; position++) {
    if (text[position] === '\\') position += 1;
    else if (text[position] === '"') return position;
  }
  return text.length;
}

const escaped = (text: string): string => JSON.stringify(text).slice(1, -1);

/** The text of a piece of a string, which may be JSON in turn; the piece itself if it is no JSON. */
function unescaped(piece: string): string {
  try {
    return JSON.parse(`"${piece}"`) as string;
  } catch {
    return piece;
  }
}

/** Outside of quotes. Text must be JSON itself there, as `{{ json x }}` makes it. */
function asValue(value: Json): string {
  if (typeof value !== 'string') return toText(value);
  try {
    JSON.parse(value);
    return value;
  } catch {
    throw expressionFailed(
      `A tag outside of the quotes of a JSON text gave ${kindOf(value)} that is not JSON: "${value.slice(0, 40)}".`,
      'Put quotes around the tag, write {{ json x }}, or write a map instead of the JSON text.',
    );
  }
}
