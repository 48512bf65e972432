import { isNumber } from '../../shared/json/number.ts';
import { negative } from '../core/arithmetic.ts';
import type { BinaryOperator } from '../core/operators.ts';
import { indexOrKey, type PathNode } from '../core/path.ts';
import { DEEPEST, LITERALS, MOST_NODES, NOT, ORDERS, POWER, TERNARY, UNARY, WORDS } from './precedence.ts';
import { finishesPath, pathStarting, selecting } from './selection.ts';
import type { Call, Node, NodeShape } from './syntax.ts';
import { TokenReader } from './token-reader.ts';
import { type Token, tokenize } from './tokens.ts';

class Parser {
  readonly #tokens: TokenReader;
  /** Nodes in parentheses. */
  readonly #closed = new WeakSet<Node>();
  #depth = 0;
  #nodes = 0;

  constructor(tokens: TokenReader) {
    this.#tokens = tokens;
  }

  whole(): Node {
    const node = this.#expression(0);
    if (this.#tokens.peek().kind !== 'end') throw this.#tokens.unexpected('an operator');
    return node;
  }

  #expression(power: number): Node {
    this.#depth += 1;
    if (this.#depth > DEEPEST) throw this.#tokens.failure(this.#tokens.peek(), 'This expression is nested too deep.');
    let left = this.#prefix();
    for (;;) {
      const token = this.#tokens.peek();
      const binding = this.#isInfix(token) ? (POWER[token.text] ?? 0) : 0;
      if (binding === 0 || binding <= power) break;
      left = this.#binary(left, binding);
    }
    if (power < TERNARY && this.#tokens.take('?')) left = this.#conditional(left);
    else if (power < TERNARY && this.#tokens.take('if')) left = this.#chosen(left);
    this.#depth -= 1;
    return left;
  }

  #isInfix(token: Token): boolean {
    return (token.kind === 'operator' || token.kind === 'name') && Object.hasOwn(POWER, token.text);
  }

  #binary(left: Node, power: number): Node {
    const { text } = this.#tokens.advance();
    if (text === 'is') return this.#identity(left, power);
    if (text === 'not') {
      if (!this.#tokens.take('in')) throw this.#tokens.unexpected('`in`');
      return this.#from(left.offset, {
        kind: 'unary',
        operator: '!',
        operand: this.#joined('in', left, this.#expression(power)),
      });
    }
    const word = Object.hasOwn(WORDS, text) ? WORDS[text] : undefined;
    if (word) return this.#joined(word, left, this.#expression(power));
    const operator = text as BinaryOperator;
    const middle = this.#chainable(left, operator);
    const right = this.#joined(operator, middle ?? left, this.#expression(power));
    return middle ? this.#joined('&&', left, right) : right;
  }

  /** Python's `10 < x <= 20`, where both comparisons use `x`. CEL has no chained comparisons. */
  #chainable(left: Node, operator: BinaryOperator): Node | undefined {
    if (!ORDERS.has(operator) || this.#closed.has(left)) return undefined;
    const last = left.kind === 'binary' && left.operator === '&&' ? left.right : left;
    return last.kind === 'binary' && ORDERS.has(last.operator) && !this.#closed.has(last) ? last.right : undefined;
  }

  /** Python's `x is None` and `x is not None`. */
  #identity(left: Node, power: number): Node {
    const operator = this.#tokens.take('not') ? '!=' : '==';
    return this.#joined(operator, left, this.#expression(power));
  }

  #joined(operator: BinaryOperator, left: Node, right: Node): Node {
    return { ...this.#from(left.offset, { kind: 'binary', operator, left, right }) };
  }

  #conditional(condition: Node): Node {
    const yes = this.#expression(0);
    this.#tokens.expect(':');
    const no = this.#expression(0);
    return this.#from(condition.offset, { kind: 'conditional', condition, yes, no });
  }

  /** Python's `yes if condition else no`. */
  #chosen(yes: Node): Node {
    const condition = this.#expression(TERNARY);
    this.#tokens.expect('else');
    const no = this.#expression(0);
    return this.#from(yes.offset, { kind: 'conditional', condition, yes, no });
  }

  #prefix(): Node {
    const token = this.#tokens.peek();
    if (this.#tokens.take('not'))
      return this.#from(token.offset, { kind: 'unary', operator: '!', operand: this.#expression(NOT) });
    if (this.#tokens.take('!'))
      return this.#from(token.offset, { kind: 'unary', operator: '!', operand: this.#expression(UNARY) });
    if (this.#tokens.take('-')) {
      const operand = this.#expression(UNARY);
      const node: NodeShape =
        operand.kind === 'literal' && isNumber(operand.value)
          ? { kind: 'literal', value: negative(operand.value) }
          : { kind: 'unary', operator: '-', operand };
      return this.#from(token.offset, node);
    }
    return this.#postfix(this.#primary());
  }

  #postfix(start: Node): Node {
    let node = start;
    for (;;) {
      const token = this.#tokens.peek();
      if (token.kind !== 'operator') return node;
      if (token.text === '.' || token.text === '.?') node = this.#member(node);
      else if (token.text === '[' || token.text === '[?') node = this.#indexed(node);
      else return node;
    }
  }

  #member(target: Node): Node {
    const optional = this.#tokens.advance().text === '.?';
    const name = this.#tokens.advance();
    if (name.kind !== 'name') throw this.#tokens.failure(name, 'A field name belongs after the dot.');
    if (!optional && this.#tokens.take('(')) return this.#method(target, name);
    const key = indexOrKey(name.text);
    const length = name.length;
    return this.#from(target.offset, selecting(target, { kind: 'literal', value: key, offset: name.offset, length }, optional));
  }

  #method(target: Node, name: Token): Node {
    const given = this.#arguments();
    const namespace = finishesPath(target);
    const call: NodeShape =
      namespace === undefined
        ? { kind: 'call', name: name.text, receiver: target, ...given, nameOffset: name.offset }
        : { kind: 'call', name: `${namespace}.${name.text}`, receiver: undefined, ...given, nameOffset: target.offset };
    return this.#from(target.offset, call);
  }

  #indexed(target: Node): Node {
    const optional = this.#tokens.advance().text === '[?';
    const key = this.#expression(0);
    this.#tokens.expect(']');
    return this.#from(target.offset, selecting(target, key, optional));
  }

  #primary(): Node {
    const token = this.#tokens.advance();
    const at = { offset: token.offset, length: token.length };
    if (token.kind === 'number') return { kind: 'literal', value: token.number, ...at };
    if (token.kind === 'string') return { kind: 'literal', value: token.text, ...at };
    if (token.kind === 'template') return { kind: 'template', parts: token.parts, isQuoted: token.isQuoted, ...at };
    if (token.kind === 'name') return this.#named(token);
    if (token.text === '(') {
      if (this.#tokens.take(')')) return this.#from(token.offset, { kind: 'list', items: [] });
      const inner = this.#expression(0);
      // Python's tuple is a list.
      if (this.#tokens.take(',')) return this.#from(token.offset, { kind: 'list', items: [inner, ...this.#list(')')] });
      this.#tokens.expect(')');
      // The range includes both parentheses, for quoting it in messages.
      const closed = { ...inner, offset: token.offset, length: this.#tokens.endOfLast - token.offset };
      this.#closed.add(closed);
      return closed;
    }
    if (token.text === '[') return this.#from(token.offset, { kind: 'list', items: this.#list(']') });
    if (token.text === '{') return this.#from(token.offset, { kind: 'map', entries: this.#entries() });
    this.#tokens.back();
    throw this.#tokens.unexpected('a value');
  }

  #named(token: Token): Node {
    const literal = LITERALS.get(token.text);
    if (literal !== undefined) return { kind: 'literal', value: literal, offset: token.offset, length: token.length };
    if (this.#tokens.take('(')) {
      const call = { kind: 'call', name: token.text, receiver: undefined, nameOffset: token.offset } as const;
      return this.#from(token.offset, { ...call, ...this.#arguments() });
    }
    if (Object.hasOwn(POWER, token.text)) {
      this.#tokens.back();
      throw this.#tokens.unexpected('a value');
    }
    const at = { offset: token.offset, length: token.length };
    const path: PathNode = { root: pathStarting(token.text), keys: [], optional: false, ...at };
    if (!token.text.endsWith('/')) return { kind: 'path', path, ...at };
    const first = this.#tokens.advance();
    if (first.kind !== 'name') throw this.#tokens.failure(first, 'A name belongs after `../`.');
    return this.#from(token.offset, { kind: 'path', path: { ...path, keys: [first.text] } });
  }

  /** Named arguments follow the others. */
  #arguments(): Pick<Call, 'operands' | 'named'> {
    const given: Pick<Call, 'operands' | 'named'> = { operands: [], named: [] };
    while (!this.#tokens.take(')')) {
      const value = this.#expression(0);
      const name = value.kind === 'path' && value.path.root.kind === 'name' ? value.path.root.name : '';
      if (this.#tokens.take('=')) given.named.push([name, this.#expression(0)]);
      else if (given.named.length > 0)
        throw this.#tokens.failure(this.#tokens.peek(), 'An argument without a name stands behind one with a name.');
      else given.operands.push(value);
      if (!this.#tokens.take(',') && this.#tokens.peek().text !== ')') throw this.#tokens.unexpected('`,` or `)`');
    }
    return given;
  }

  #list(close: string): Node[] {
    const items: Node[] = [];
    while (!this.#tokens.take(close)) {
      items.push(this.#expression(0));
      if (!this.#tokens.take(',') && this.#tokens.peek().text !== close) throw this.#tokens.unexpected(`\`,\` or \`${close}\``);
    }
    return items;
  }

  #entries(): [Node, Node][] {
    const entries: [Node, Node][] = [];
    while (!this.#tokens.take('}')) {
      const key = this.#expression(0);
      this.#tokens.expect(':');
      entries.push([key, this.#expression(0)]);
      if (!this.#tokens.take(',') && this.#tokens.peek().text !== '}') throw this.#tokens.unexpected('`,` or `}`');
    }
    return entries;
  }

  /** A node from `offset` to the last token read. */
  #from(offset: number, shape: NodeShape): Node {
    if (shape.kind !== 'path') this.#nodes += 1;
    if (this.#nodes > MOST_NODES) throw this.#tokens.failure(this.#tokens.peek(), 'This expression is too long.');
    const length = this.#tokens.endOfLast - offset;
    return shape.kind === 'path'
      ? { ...shape, path: { ...shape.path, offset, length }, offset, length }
      : { ...shape, offset, length };
  }
}

/** Parses CEL with Python's words for its operators and `{{ }}` for bound values. Throws SyntaxFailure. */
export function parseExpression(source: string, start: number, end: number, stepNames: readonly string[]): Node {
  return new Parser(new TokenReader(source, tokenize(source, start, end, stepNames))).whole();
}
