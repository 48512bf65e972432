import { SyntaxFailure } from '../core/compilation.ts';
import type { Token } from './tokens.ts';

const SHOWN_TEXT = 40;

/** The parser's position in its tokens, with the failures for unexpected ones. */
export class TokenReader {
  readonly #source: string;
  readonly #tokens: Token[];
  #index = 0;

  /** The last token must be the `end` token. */
  constructor(source: string, tokens: Token[]) {
    this.#source = source;
    this.#tokens = tokens;
  }

  peek(): Token {
    return this.#tokens[this.#index] as Token;
  }

  advance(): Token {
    const token = this.peek();
    if (token.kind === 'end') throw this.unexpected('a value');
    this.#index += 1;
    return token;
  }

  back(): void {
    this.#index -= 1;
  }

  /** Skips the operator or word if it is next. */
  take(text: string): boolean {
    const token = this.peek();
    const found = (token.kind === 'operator' || token.kind === 'name') && token.text === text;
    if (found) this.#index += 1;
    return found;
  }

  expect(text: string): void {
    if (!this.take(text)) throw this.unexpected(`\`${text}\``);
  }

  get endOfLast(): number {
    const last = this.#tokens[this.#index - 1];
    return last ? last.offset + last.length : 0;
  }

  unexpected(wanted: string): SyntaxFailure {
    const token = this.peek();
    if (token.kind === 'end') return this.failure(token, `The expression ends where ${wanted} should follow.`);
    const found = this.#source.slice(token.offset, token.offset + Math.min(token.length, SHOWN_TEXT));
    return this.failure(token, `\`${found}\` stands where ${wanted} should be.`);
  }

  failure(token: Token, message: string): SyntaxFailure {
    return new SyntaxFailure({ message, offset: token.offset, length: Math.max(1, token.length), code: 'expression' });
  }
}
