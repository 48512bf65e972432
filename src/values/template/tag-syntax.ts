import type { Json } from '../../shared/json/json.ts';
import { readNumber } from '../../shared/json/number.ts';
import { nearest } from '../../shared/text/suggest.ts';
import { SyntaxFailure } from '../core/compilation.ts';
import { indexOrKey, type PathNode } from '../core/path.ts';
import { stepNameAt } from '../core/step-names.ts';
import { parseExpression } from '../expression/parse.ts';
import { pathStarting } from '../expression/selection.ts';
import type { Node } from '../expression/syntax.ts';
import { type Helper, helperNamed, helperNames } from './helpers.ts';

export interface HelperCall {
  kind: 'call';
  helper: Helper;
  operands: Argument[];
  options: [string, Argument][];
  offset: number;
  length: number;
}

/** The content of a tag, or an argument of a helper. */
export type Argument =
  | { kind: 'path'; path: PathNode }
  | { kind: 'literal'; value: Json }
  | { kind: 'expression'; node: Node }
  | HelperCall;

const SPACE = /\s*/y;
/** Handlebars' identifiers, without `?` (optional syntax), with `@` after the start (`labels.@timestamp`). */
const NAME = /(?:\.{1,2}\/)+(?:this\b)?|@?[^\s!"#%&'()*+,./;<=>?@[\\\]^`{|}~]+|\.(?![\w[.])/y;
const KEY = /\.(?:\[([^\]]*)\]|([^\s!"#%&'()*+,./;<=>?[\\\]^`{|}~]+))|\[(?:(\d+)|"([^"\]]*)"|'([^'\]]*)')\]/y;
const OUTER_KEY = /\[([^\]]*)\]|([^\s!"#%&'()*+,./;<=>?[\\\]^`{|}~]+)/y;
const TEXT = /"((?:\\[\s\S]|[^"\\])*)"|'((?:\\[\s\S]|[^'\\])*)'/y;
const NUMBER = /-?\d+(?:\.\d+)?(?=[\s)}~]|$)/y;
const OPTION = /([\w-]+)=(?![=])/y;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };
const WORDS = new Map<string, Json>([
  ['true', true],
  ['false', false],
  ['null', null],
  ['undefined', null],
]);
const DEEPEST = 50;

class TagReader {
  readonly #source: string;
  readonly #end: number;
  readonly #stepNames: readonly string[];
  #position: number;
  #depth = 0;

  constructor(source: string, start: number, end: number, stepNames: readonly string[]) {
    this.#source = source;
    this.#position = start;
    this.#end = end;
    this.#stepNames = stepNames;
  }

  /** Only a path. */
  wholePath(): Argument | undefined {
    const path = this.#path();
    return path && this.#position === this.#end ? { kind: 'path', path } : undefined;
  }

  /** A helper with its arguments; undefined if the next word is not a helper. */
  #call(): HelperCall | undefined {
    const offset = this.#position;
    const name = this.#match(/[\w-]+(?=\s)/y)?.[0];
    const helper = name === undefined ? undefined : helperNamed(name);
    if (!helper) {
      this.#position = offset;
      return undefined;
    }
    const call: HelperCall = { kind: 'call', helper, operands: [], options: [], offset, length: 0 };
    while (!this.#atEnd()) this.#argumentOf(call);
    call.length = this.#position - offset;
    checkCall(call);
    return call;
  }

  /** A helper call, with or without parentheses; else undefined. */
  wholeCall(): HelperCall | undefined {
    const argument = this.#source[this.#position] === '(' ? this.#parenthesized() : this.#call();
    this.#match(SPACE);
    return argument?.kind === 'call' && this.#position >= this.#end ? argument : undefined;
  }

  #atEnd(): boolean {
    this.#match(SPACE);
    return this.#position >= this.#end || this.#source[this.#position] === ')';
  }

  #argumentOf(call: HelperCall): void {
    const option = this.#match(OPTION);
    const argument = this.#argument();
    if (option) call.options.push([option[1] ?? '', argument]);
    else call.operands.push(argument);
  }

  #argument(): Argument {
    if (this.#source[this.#position] === '(') return this.#parenthesized();
    const text = this.#match(TEXT);
    if (text) return { kind: 'literal', value: unescaped(text[1] ?? text[2] ?? '') };
    const number = this.#match(NUMBER);
    if (number) return { kind: 'literal', value: readNumber(number[0]) };
    const offset = this.#position;
    const path = this.#path();
    if (path) return { kind: 'path', path };
    const word = this.#match(/\w+/y)?.[0] ?? '';
    const literal = WORDS.get(word);
    if (literal !== undefined) return { kind: 'literal', value: literal };
    const found = this.#source.slice(offset, Math.min(this.#end, offset + 20));
    throw failure(
      offset,
      Math.max(1, word.length),
      `\`${found}\` is not a valid argument of a helper.`,
      'Put an expression in parentheses.',
    );
  }

  /** A helper call, or else an expression. */
  #parenthesized(): Argument {
    const open = this.#position;
    this.#depth += 1;
    if (this.#depth > DEEPEST) throw failure(open, 1, 'This tag is nested too deep.');
    this.#position += 1;
    this.#match(SPACE);
    const call = this.#call();
    this.#depth -= 1;
    if (call && this.#source[this.#position] === ')' && this.#position < this.#end) {
      this.#position += 1;
      return call;
    }
    const close = this.#closing(open);
    const node = parseExpression(this.#source, open + 1, close, this.#stepNames);
    this.#position = close + 1;
    return { kind: 'expression', node };
  }

  #closing(open: number): number {
    let depth = 0;
    for (let position = open; position < this.#end; position++) {
      const letter = this.#source[position];
      TEXT.lastIndex = position;
      if ((letter === '"' || letter === "'") && TEXT.test(this.#source)) position = TEXT.lastIndex - 1;
      else if (letter === '(') depth += 1;
      else if (letter === ')' && --depth === 0) return position;
    }
    throw failure(open, 1, 'This parenthesis is not closed.');
  }

  #path(): PathNode | undefined {
    const offset = this.#position;
    const start = this.#match(NAME)?.[0];
    if (start === undefined || WORDS.has(start) || /^-?\d/.test(start)) {
      this.#position = offset;
      return undefined;
    }
    const isOuter = start.endsWith('/');
    const root = pathStarting(start === '.' ? 'this' : start.replace(/\/this$/, '/').replace(/^\.\/(?=.)/, ''));
    const keys: (string | number)[] = [];
    const first = isOuter ? this.#match(OUTER_KEY) : undefined;
    if (first) keys.push(first[1] ?? first[2] ?? '');
    const step = this.#source[this.#position] === '.' ? this.#stepName(start) : undefined;
    if (step !== undefined) keys.push(step);
    for (let key = this.#match(KEY); key; key = this.#match(KEY)) {
      keys.push(key[3] === undefined ? (key[1] ?? key[2] ?? key[4] ?? key[5] ?? '') : indexOrKey(key[3]));
    }
    if (!/^[\s)]?$/.test(this.#source.slice(this.#position, Math.min(this.#end, this.#position + 1)))) {
      this.#position = offset;
      return undefined;
    }
    return { root, keys, optional: false, offset, length: this.#position - offset };
  }

  #stepName(root: string): string | undefined {
    const name = stepNameAt(root, this.#source, this.#position + 1, this.#end, this.#stepNames);
    if (name !== undefined) this.#position += 1 + name.length;
    return name;
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#position;
    const found = pattern.exec(this.#source);
    if (!found || this.#position + found[0].length > this.#end) return undefined;
    this.#position += found[0].length;
    return found;
  }
}

const unescaped = (text: string): string => text.replace(/\\([ntr\\"'])/g, (_, letter: string) => ESCAPES[letter] ?? letter);

function checkCall({ helper, operands, options, offset, length }: HelperCall): void {
  const example = `Such as ${helper.example.template}.`;
  if (operands.length < helper.minArity) throw failure(offset, length, `\`${helper.name}\` needs: ${helper.signature}.`, example);
  if (operands.length > helper.maxArity) {
    throw failure(offset, length, `\`${helper.name}\` takes ${helper.maxArity} argument(s), not ${operands.length}.`, example);
  }
  const unknown = options.find(([name]) => !helper.options?.includes(name));
  if (unknown) throw failure(offset, length, `\`${helper.name}\` has no option \`${unknown[0]}\`.`, example);
}

const failure = (offset: number, length: number, message: string, hint?: string): SyntaxFailure =>
  new SyntaxFailure({ message, offset, length, code: 'template', ...(hint === undefined ? {} : { hint }) });

/** Parses a tag's content: a path, else a helper call, else an expression. Throws SyntaxFailure. */
export function parseTag(source: string, start: number, end: number, stepNames: readonly string[]): Argument {
  const path = new TagReader(source, start, end, stepNames).wholePath();
  if (path) return path;
  let helperFailure: unknown;
  try {
    const call = new TagReader(source, start, end, stepNames).wholeCall();
    if (call) return call;
  } catch (error) {
    if (source[start] !== '(') helperFailure = error;
  }
  try {
    return { kind: 'expression', node: parseExpression(source, start, end, stepNames) };
  } catch (expressionFailure) {
    throw helperFailure ?? unknownHelper(source, start, end) ?? expressionFailure;
  }
}

/** `{{ fist alert.tags }}`: two words side by side are meant as a helper and its argument. */
function unknownHelper(source: string, start: number, end: number): SyntaxFailure | undefined {
  const words = /^([A-Za-z][\w-]*)\s+[\w"'@.(]/.exec(source.slice(start, Math.min(end, start + 100)));
  const name = words?.[1];
  if (name === undefined || helperNamed(name)) return undefined;
  const close = nearest(name, helperNames);
  const hint = close === undefined ? `There are: ${helperNames.join(', ')}.` : `Did you mean \`${close}\`?`;
  return failure(start, name.length, `There is no helper \`${name}\`.`, hint);
}
