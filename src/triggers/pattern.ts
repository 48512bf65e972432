/** Regular expressions of `filters`, which Keep's users write in Python's syntax, as JavaScript's. */

export interface PatternProblem {
  message: string;
  hint?: string;
}

const LONGEST_PATTERN = 1_000;

/** Parses `r"…"` or `r'…'`; undefined for other text. */
export function patternIn(value: string): RegExp | PatternProblem | undefined {
  const quote = /^r(["'])/.exec(value)?.[1];
  if (quote === undefined) return undefined;
  if (value.length > 2 && value.endsWith(quote)) return compilePattern(value.slice(2, -1));
  return { message: `this pattern is not closed: it ends with another ${quote}` };
}

/** Signs that a text was meant as a pattern: `.*`, `a|b`, `web-*`, `^disk`, `\d+`. */
const LOOKS_LIKE_PATTERN = /\*|\.\+|\||^\^|\$$|\\[dDwWsSbB.]|[\])][+?{]/;

/** The warning for a text that is compared as it is, and that was probably meant as a pattern. */
export function unmarkedPattern(value: string): PatternProblem | undefined {
  if (!LOOKS_LIKE_PATTERN.test(value)) return undefined;
  // `r(a|b)` has lost its quotes.
  const pattern = value.replace(/^r(?=\()/, '').replace(/(?<![.)\]])\*/g, '.*');
  return {
    message: `\`${value.slice(0, 60)}\` is compared as text, letter by letter`,
    hint: `A pattern is marked as one: \`value: 'r"${pattern.slice(0, 60)}"'\`.`,
  };
}

/** The pattern is searched for anywhere in the text; words with `|` between them are compared with all of it, as in Keep. */
export function compilePattern(pattern: string): RegExp | PatternProblem {
  if (pattern.length > LONGEST_PATTERN) return { message: `a pattern may have ${LONGEST_PATTERN} characters at most` };
  const { flags, source } = leadingFlags(pattern);
  const unknown = [...flags].find((flag) => !'aimsu'.includes(flag));
  if (unknown !== undefined) return { message: `the flag \`${unknown}\` of a pattern is not known`, hint: 'Known are: i, m, s.' };
  const translated = wordsOf(source) ?? new Translation(source, flags.includes('m')).whole();
  if (typeof translated !== 'string') return translated;
  try {
    return new RegExp(translated, [...new Set(flags)].filter((flag) => 'ims'.includes(flag)).join(''));
  } catch (error) {
    const reason = (error as Error).message.replace(/^Invalid regular expression: \/.*\/\w*: /s, '');
    return { message: `this pattern cannot be read: ${reason.charAt(0).toLowerCase()}${reason.slice(1)}` };
  }
}

function leadingFlags(pattern: string): { flags: string; source: string } {
  const flags = /^\(\?([a-zA-Z]+)\)/.exec(pattern);
  return flags ? { flags: flags[1] ?? '', source: pattern.slice(flags[0].length) } : { flags: '', source: pattern };
}

/** `(grafana|prometheus)` matches the whole value, not a part of it. */
function wordsOf(source: string): string | undefined {
  const inner = /^\(([^()]*)\)$/.exec(source)?.[1] ?? source;
  if (!inner.includes('|') || /[\\^$*+?[\]{}()]/.test(inner)) return undefined;
  const words = inner.split('|').map((word) => word.trim().replaceAll('.', '\\.'));
  return `^(?:${words.join('|')})$`;
}

const BEGINNING = '(?<![\\s\\S])';
const END = '(?![\\s\\S])';
/** Python's `$` also matches before a final newline. */
const LAST_LINE = `(?=\\n?${END})`;

/** Letters that mean the same behind a backslash in both. */
const SAME_ESCAPES = 'dDwWsSbBnrtfvxu';
const OTHER_ESCAPES: Readonly<Record<string, string>> = { A: BEGINNING, Z: END, a: '\\x07' };

class Translation {
  readonly #source: string;
  readonly #multiline: boolean;
  #position = 0;

  constructor(source: string, multiline: boolean) {
    this.#source = source;
    this.#multiline = multiline;
  }

  whole(): string | PatternProblem {
    let translated = '';
    while (this.#position < this.#source.length) {
      const piece = this.#next();
      if (typeof piece !== 'string') return piece;
      translated += piece;
    }
    return translated;
  }

  #next(): string | PatternProblem {
    const letter = this.#source.charAt(this.#position);
    if (letter === '\\') return this.#escape();
    if (letter === '[') return this.#set();
    if (letter === '(') return this.#group();
    this.#position += 1;
    return letter === '$' && !this.#multiline ? LAST_LINE : letter;
  }

  #escape(inSet = false): string | PatternProblem {
    const letter = this.#source.charAt(this.#position + 1);
    this.#position += 2;
    if (Object.hasOwn(OTHER_ESCAPES, letter) && (!inSet || letter === 'a')) return OTHER_ESCAPES[letter] ?? '';
    if (/[A-Za-z]/.test(letter) && !SAME_ESCAPES.includes(letter)) {
      return { message: `\`\\${letter}\` means nothing in a pattern`, hint: 'A backslash is `\\\\`.' };
    }
    return `\\${letter}`;
  }

  /** A `]` right behind the `[` is one of its characters in Python. */
  #set(): string | PatternProblem {
    const opening = /^\[\^?\]?/.exec(this.#source.slice(this.#position))?.[0] ?? '[';
    this.#position += opening.length;
    let translated = opening.replace(']', '\\]');
    while (this.#position < this.#source.length) {
      const letter = this.#source.charAt(this.#position);
      if (letter === '\\') {
        const piece = this.#escape(true);
        if (typeof piece !== 'string') return piece;
        translated += piece;
        continue;
      }
      this.#position += 1;
      translated += letter;
      if (letter === ']') return translated;
    }
    return { message: 'a `[` in the pattern is not closed' };
  }

  /** Python spells named groups with a P, and has comments. */
  #group(): string {
    const rest = this.#source.slice(this.#position);
    const python = /^\(\?P<|^\(\?P=(\w+)\)|^\(\?#[^)]*\)/.exec(rest);
    this.#position += python?.[0].length ?? 1;
    if (!python) return '(';
    if (python[0] === '(?P<') return '(?<';
    return python[1] === undefined ? '' : `\\k<${python[1]}>`;
  }
}
