import { decodeText } from './json-text.ts';

/** How the reading of a bracket ended. `keys`: those of the outermost object. */
export type Reading = JsonReading | FailedReading;

interface JsonReading {
  kind: 'value';
  /** The index behind it. */
  end: number;
  /** The same value in strict JSON. */
  json: string;
  /** Whether a key, or a word in a value's place, stands without quotes: amid prose, such brackets are prose. */
  isLoose: boolean;
  keys: string[];
}

interface FailedReading {
  kind: 'cut' | 'broken';
  /** Where reading ended. */
  end: number;
  why: string;
  /** Whether it was meant as JSON, and is no bracket of prose: something of it was read. */
  isAttempt: boolean;
  isLoose: boolean;
  keys: string[];
}

type Place = 'key' | 'member' | 'item';

const MOST_DEPTH = 500;
const UNESCAPED = 'a quote in a text is not escaped';
const CLOSING: Record<string, string> = { '"': '"', "'": "'", '“': '”', '‘': '’' };
const SPACE = /[\s\u200B\u2060\uFEFF]*/y;
const COMMENT = /\/\/[^\n]*|#[^\n]*|\/\*[\s\S]*?\*\//y;
const WORD = /[\w$.+-]+/y;
const NAME = /[a-z_$][\w$-]*/iy;
const MEMBER = /["'“][^"'“”\n]{1,80}["'”]\s*:/y;
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?$/i;
/** Numbers as programs write them: `.5`, `5.`, `+5`. */
const LOOSE_NUMBER = /^([+-]?)(\d*)\.?(\d*)$/;
/** Numbers of other languages: `0x1F`, `1_000`. Neither their text nor their value is what JSON would say. */
const OTHER_NUMBER = /^[+-]?(?:0[xob][\da-f_]+|\d[\d_]*_[\d_]*(?:\.[\d_]+)?)$/i;
const CONSTANTS = new Map(
  Object.entries({ true: 'true', false: 'false', null: 'null', True: 'true', False: 'false', None: 'null' }),
);
const NO_TEXT = /^(?:true|false|null|none|nil|nan|[+-]?infinity|undefined)$/i;

/**
 * Reads the object or list that begins at `start`. Beyond JSON it takes what changes no value: comments, other quotes or none around
 * one word, a comma too many or too few, raw line breaks in texts. Whatever would have to be invented is a failure, as are two
 * values for one key.
 */
export function readJson(text: string, start: number): Reading {
  return new JsonReader(text, start).read();
}

class JsonReader {
  private readonly text: string;
  private at: number;
  private failure: { kind: 'cut' | 'broken'; why: string } | undefined;
  private isLoose = false;
  private isAttempt = false;
  private keys: string[] = [];

  constructor(text: string, start: number) {
    this.text = text;
    this.at = start;
  }

  read(): Reading {
    const json = this.value('item', 0);
    const { at: end, isLoose, keys } = this;
    if (json !== undefined) return { kind: 'value', end, json, isLoose, keys };
    const { kind, why } = this.failure ?? { kind: 'broken', why: 'it cannot be read' };
    return { kind, end, why, isAttempt: this.isAttempt, isLoose, keys };
  }

  private value(place: 'member' | 'item', depth: number): string | undefined {
    const character = this.text[this.at] ?? '';
    if (character === '{' || character === '[') {
      if (depth >= MOST_DEPTH) {
        this.isAttempt = true;
        return this.fail('it is nested too deeply');
      }
      this.at++;
      return character === '{' ? this.object(depth) : this.list(depth);
    }
    return character in CLOSING ? this.string(place) : this.word();
  }

  private object(depth: number): string | undefined {
    const members = new Map<string, string>();
    this.skipGap();
    this.skipComma();
    while (this.text[this.at] !== '}') {
      const key = this.key();
      if (key === undefined) return undefined;
      this.skipGap();
      if (this.text[this.at] !== ':') return this.fail(`\`:\` is missing behind \`${key}\``);
      if (depth === 0) this.keys.push(key);
      this.at++;
      // What ends behind a quoted key and its colon was JSON.
      this.isAttempt ||= !this.isLoose;
      this.skipGap();
      const value = this.value('member', depth + 1);
      if (value === undefined) return undefined;
      if ((members.get(key) ?? value) !== value) return this.fail(`\`${key}\` has two values`);
      members.set(key, value);
      if (!this.separate('}')) return undefined;
    }
    this.at++;
    return `{${[...members].map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(',')}}`;
  }

  private list(depth: number): string | undefined {
    const items: string[] = [];
    this.skipGap();
    while (this.text[this.at] !== ']') {
      const value = this.value('item', depth + 1);
      if (value === undefined) return undefined;
      this.isAttempt ||= !this.isLoose && /^["{[]/.test(value);
      items.push(value);
      if (!this.separate(']')) return undefined;
    }
    this.at++;
    return `[${items.join(',')}]`;
  }

  /** Steps over the comma between two values, or sees the closing bracket. */
  private separate(closing: '}' | ']'): boolean {
    const { at } = this;
    this.skipGap();
    const next = this.text[this.at] ?? '';
    if (next === closing) return true;
    if (next === ',') {
      this.at++;
      this.skipGap();
      return true;
    }
    const isOnNextLine = this.text.slice(at, this.at).includes('\n');
    if (closing === '}' && this.at > at && this.matches(MEMBER, this.at)) return true;
    if (closing === ']' && ((next === '{' && this.text[at - 1] === '}') || (isOnNextLine && next in CLOSING))) return true;
    this.fail(`\`,\` or \`${closing}\` is missing`);
    return false;
  }

  private key(): string | undefined {
    const isQuoted = (this.text[this.at] ?? '') in CLOSING;
    if (isQuoted) {
      const quoted = this.string('key');
      return quoted === undefined ? undefined : (JSON.parse(quoted) as string);
    }
    const name = this.take(NAME);
    if (name === '') return this.fail('a key is missing');
    this.isLoose = true;
    return name;
  }

  /** A text in quotes, in strict JSON. Quotes in it that are not escaped are taken where they come in pairs around words. */
  private string(place: Place): string | undefined {
    const { text, at: start } = this;
    const closing = CLOSING[text[start] ?? ''] as string;
    let inner = 0;
    for (let at = this.quoteFrom(start + 1, closing); at < text.length; at = this.quoteFrom(at + 1, closing)) {
      const isWithinQuote = inner % 2 === 1;
      if (this.mayFollow(at + 1, place, isWithinQuote)) return this.closeString(start, at, isWithinQuote);
      if (closing !== '"' && /\p{L}['’]\p{L}/u.test(text.slice(at - 1, at + 2))) continue;
      if (!(isWithinQuote ? endsQuote(text, at) : beginsQuote(text, start, at))) return this.fail(UNESCAPED);
      inner++;
    }
    // `{"sev` was cut; the brace of `{" in a log` was a quoted one.
    if (place === 'key' && /^["'“][\w$@.-]*$/.test(text.slice(start, start + 100))) this.isAttempt = true;
    this.at = text.length;
    return this.fail(UNESCAPED);
  }

  private quoteFrom(from: number, quote: string): number {
    for (let at = from; at < this.text.length; at++) {
      if (this.text[at] === '\\') at++;
      else if (this.text[at] === quote) return at;
    }
    return this.text.length;
  }

  private closeString(start: number, end: number, isWithinQuote: boolean): string | undefined {
    this.at = end + 1;
    if (isWithinQuote) return this.fail(UNESCAPED);
    const decoded = decodeText(this.text.slice(start + 1, end));
    return decoded === undefined ? this.fail('a backslash in a text can be read in two ways') : JSON.stringify(decoded);
  }

  /** Whether what stands there may follow a text. */
  private mayFollow(from: number, place: Place, isWithinQuote: boolean): boolean {
    SPACE.lastIndex = from;
    const gap = SPACE.exec(this.text)?.[0] ?? '';
    const at = from + gap.length;
    const next = this.text[at];
    if (next === undefined) return true;
    if (place === 'key') return next === ':';
    if (next === ',' || next === '}' || next === ']') return true;
    if (isWithinQuote) return false;
    if (/^(?:\/[/*]|#)/.test(this.text.slice(at, at + 2))) return next === '/' || gap !== '';
    if (place === 'item') return gap.includes('\n') && next in CLOSING;
    return gap !== '' && this.matches(MEMBER, at);
  }

  /** A number, or a word that lacks its quotes. */
  private word(): string | undefined {
    const word = this.take(WORD);
    if (word === '') return this.fail('a value is missing');
    if (this.at >= this.text.length) return this.fail('it ends too early');
    const constant = CONSTANTS.get(word);
    if (constant !== undefined) return constant;
    if (NUMBER.test(word)) return Number.isFinite(Number(word)) ? word : this.fail(`${word} is too large for a number`);
    const [all, sign, whole, part] = LOOSE_NUMBER.exec(word) ?? [];
    if (all !== undefined && `${whole}${part}` !== '' && !/^0\d/.test(whole ?? ''))
      return `${sign === '-' ? '-' : ''}${whole || '0'}${part ? `.${part}` : ''}`;
    if (NO_TEXT.test(word) || OTHER_NUMBER.test(word) || /^[.+-]+$/.test(word))
      return this.fail(`\`${word}\` is not a value of JSON`);
    this.isLoose = true;
    return JSON.stringify(word);
  }

  private skipGap(): void {
    do this.take(SPACE);
    while (this.take(COMMENT) !== '');
  }

  private skipComma(): void {
    if (this.text[this.at] !== ',') return;
    this.at++;
    this.skipGap();
  }

  private take(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0] ?? '';
    this.at += found.length;
    return found;
  }

  private matches(pattern: RegExp, at: number): boolean {
    pattern.lastIndex = at;
    return pattern.test(this.text);
  }

  private fail(why: string): undefined {
    const isCut = this.at >= this.text.length;
    this.failure = isCut ? { kind: 'cut', why: 'it ends too early' } : { kind: 'broken', why };
    return undefined;
  }
}

const beginsQuote = (text: string, start: number, at: number): boolean =>
  (at === start + 1 || /[\s(=[>]/.test(text[at - 1] ?? '')) && /\S/.test(text[at + 1] ?? '');

const endsQuote = (text: string, at: number): boolean =>
  /\S/.test(text[at - 1] ?? '') && /[\s.;:!?)|<"'”]/.test(text[at + 1] ?? '');
