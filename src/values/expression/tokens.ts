import type { JsonNumber } from '../../shared/json/json.ts';
import { isOutOfRange, readNumber } from '../../shared/json/number.ts';
import { SyntaxFailure } from '../core/compilation.ts';
import { stepNameAt } from '../core/step-names.ts';
import { TagFinder } from '../core/tag-finder.ts';
import { readQuoted } from './strings.ts';
import type { QuotedPart } from './syntax.ts';

export interface Token {
  kind: 'number' | 'string' | 'name' | 'operator' | 'template' | 'end';
  /** The name or operator; a string's value. */
  text: string;
  number: JsonNumber;
  parts: QuotedPart[];
  /** A template that stands in quotes. */
  isQuoted: boolean;
  offset: number;
  length: number;
}

/** Longer text is taken for pasted data rather than an expression. */
const MOST_TOKENS = 4_000;

const SPACE = /(?:\s|\/\/[^\n]*)+/y;
const NAME = /[\p{L}_$][\p{L}\p{N}_$]*|@[\p{L}_][\p{L}\p{N}_]*|(?:\.\.\/)+|\.\//uy;
const MEMBER = /[\p{L}_$@][\p{L}\p{N}_$]*|\d+/uy;
const NUMBER = /(?:0[xX][0-9a-fA-F]+|(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][-+]?\d+)?)[uU]?/y;
const OPERATOR = /&&|\|\||==|!=|<=|>=|\.\?|\[\?|[<>+\-*/%!?:.,()[\]{}]/y;
/** Handlebars' `@../index`. */
const OUTER_DATA = /@(?:\.\.\/)+\w*/y;
const STRING = /[rR]?(?=["'])/y;

class Tokenizer {
  readonly #source: string;
  readonly #end: number;
  readonly #finder: TagFinder;
  readonly #stepNames: readonly string[];
  readonly #tokens: Token[] = [];
  #position: number;

  constructor(source: string, start: number, end: number, stepNames: readonly string[]) {
    this.#source = source;
    this.#position = start;
    this.#end = end;
    this.#finder = new TagFinder(source);
    this.#stepNames = stepNames;
  }

  read(): Token[] {
    for (;;) {
      this.#match(SPACE);
      if (this.#position >= this.#end) break;
      if (this.#tokens.length >= MOST_TOKENS) throw this.#failure('This expression is too long.', 1);
      this.#tokens.push(this.#next());
    }
    return [...this.#tokens, this.#token('end', this.#end, '')];
  }

  #next(): Token {
    const start = this.#position;
    const last = this.#tokens.at(-1);
    const afterDot = last?.kind === 'operator' && (last.text === '.' || last.text === '.?') && this.#selects(this.#tokens.at(-2));
    const member = afterDot ? (this.#stepName() ?? this.#match(MEMBER)) : undefined;
    if (member !== undefined) return this.#token('name', start, member);
    if (this.#source.startsWith('{{', start)) return this.#binding(start);
    const prefix = this.#match(STRING);
    if (prefix !== undefined) return this.#quoted(start, prefix !== '');
    const number = this.#source[start] === '.' && this.#selects(last) ? undefined : this.#match(NUMBER);
    if (number !== undefined) return this.#number(start, number);
    const name = this.#match(NAME);
    if (name !== undefined) return this.#token('name', start, name);
    const operator = this.#match(OPERATOR) ?? this.#naming(last);
    if (operator === undefined) throw this.#unknown();
    return this.#token('operator', start, operator);
  }

  #number(start: number, text: string): Token {
    const number = readNumber(text.replace(/[uU]$/, ''));
    if (!isOutOfRange(number)) return this.#token('number', start, text, number);
    this.#position = start;
    throw this.#failure('This number is beyond 1.8e308, so no number can hold it.', text.length);
  }

  /** Finds `=` after the name of an argument: `f(timezone='UTC')`. */
  #naming(last: Token | undefined): string | undefined {
    const before = this.#tokens.at(-2)?.text;
    if (this.#source[this.#position] !== '=' || last?.kind !== 'name' || (before !== '(' && before !== ',')) return undefined;
    this.#position += 1;
    return '=';
  }

  /** Tells whether a dot after this token selects a member, so that following digits are an index. */
  #selects(before: Token | undefined): boolean {
    if (before === undefined) return false;
    return before.kind !== 'operator' ? before.kind !== 'number' : before.text === ')' || before.text === ']';
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#position;
    const found = pattern.exec(this.#source)?.[0];
    if (found === undefined) return undefined;
    const kept = found.slice(0, Math.max(0, this.#end - this.#position));
    this.#position += kept.length;
    return kept;
  }

  #stepName(): string | undefined {
    if (this.#tokens.at(-3)?.text === '.') return undefined;
    const found = stepNameAt(this.#tokens.at(-2)?.text ?? '', this.#source, this.#position, this.#end, this.#stepNames);
    this.#position += found?.length ?? 0;
    return found;
  }

  #binding(start: number): Token {
    const tag = this.#finder.find(start, this.#end);
    if (!tag) throw this.#failure('This `{{` is never closed.', 2, 'Write `}}` after the path.');
    this.#position = tag.after;
    return this.#token('template', start, '', 0, [{ start: tag.start, end: tag.end }]);
  }

  #quoted(start: number, raw: boolean): Token {
    const quoted = readQuoted(this.#source, this.#position, this.#end, raw, this.#finder);
    this.#position = quoted.end;
    const [only] = quoted.parts;
    if (quoted.parts.length === 1 && typeof only === 'string') return this.#token('string', start, only);
    return { ...this.#token('template', start, '', 0, quoted.parts), isQuoted: true };
  }

  #token(kind: Token['kind'], offset: number, text: string, number: JsonNumber = 0, parts: QuotedPart[] = []): Token {
    return { kind, text, number, parts, isQuoted: false, offset, length: Math.max(0, this.#position - offset) };
  }

  #unknown(): SyntaxFailure {
    const outer = this.#match(OUTER_DATA);
    if (outer !== undefined) {
      const hint = 'Name it in the outer block: {{#each list as |item index|}} … {{ index }}.';
      this.#position -= outer.length;
      return this.#failure(`\`${outer}\` is not read from inside.`, outer.length, hint);
    }
    const letter = String.fromCodePoint(this.#source.codePointAt(this.#position) ?? 0);
    const hints: Record<string, string> = {
      '=': 'Compare with `==`.',
      '&': 'Write `&&`.',
      '|': 'Write `||` for "or"; filters are written as functions, such as `size(x)`.',
    };
    const code = letter === '|' ? 'jinja' : 'expression';
    return this.#failure(`\`${letter}\` means nothing in an expression.`, letter.length, hints[letter], code);
  }

  #failure(message: string, length: number, hint?: string, code: 'expression' | 'jinja' = 'expression'): SyntaxFailure {
    const problem = { message, offset: this.#position, length, code };
    return new SyntaxFailure(hint === undefined ? problem : { ...problem, hint });
  }
}

export function tokenize(source: string, start: number, end: number, stepNames: readonly string[]): Token[] {
  return new Tokenizer(source, start, end, stepNames).read();
}
