import { ThreadlineError } from '../../shared/errors/errors.ts';
import type { Json, JsonObject } from '../../shared/json/json.ts';
import { isNumber } from '../../shared/json/number.ts';
import { negative } from '../core/arithmetic.ts';
import type { Compilation } from '../core/compilation.ts';
import type { Evaluate, Read, StaticFrame } from '../core/frame.ts';
import { jsonWriters, textOf, writerIn } from '../core/json-text.ts';
import { expressionFailed, kindOf } from '../core/kinds.ts';
import { missingValue } from '../core/missing.ts';
import { nullOperators, operators, type ValueOperator } from '../core/operators.ts';
import { absentValue, child, readPath, requirePath } from '../core/path.ts';
import { callOf, located } from './calls.ts';
import { conditional, logical, negation } from './logic.ts';
import { parseExpression } from './parse.ts';
import { severityOrder } from './severity-order.ts';
import type { Node, NodeCompiler } from './syntax.ts';

type Select = Extract<Node, { kind: 'select' }>;
type Template = Extract<Node, { kind: 'template' }>;
type Binary = Extract<Node, { kind: 'binary' }>;

const SHOWN_TEXT = 80;

class ExpressionCompiler implements NodeCompiler {
  readonly compilation: Compilation;
  readonly staticFrame: StaticFrame;

  constructor(compilation: Compilation, staticFrame: StaticFrame) {
    this.compilation = compilation;
    this.staticFrame = staticFrame;
  }

  knowing(name: string): NodeCompiler {
    const names = new Set([...this.staticFrame.names, name]);
    return new ExpressionCompiler(this.compilation, { ...this.staticFrame, names });
  }

  forTimes(): NodeCompiler {
    return new ExpressionCompiler(this.compilation, { ...this.staticFrame, inTime: true });
  }

  textOf(node: { offset: number; length: number }): string {
    const text = this.compilation.source.slice(node.offset, node.offset + node.length);
    return text.length > SHOWN_TEXT ? `${text.slice(0, SHOWN_TEXT)}…` : text;
  }

  evaluate(node: Node): Evaluate {
    switch (node.kind) {
      case 'literal':
        return () => node.value;
      case 'path':
        return requirePath(this.compilation, node.path, this.staticFrame);
      case 'select':
        return this.#select(node);
      case 'list':
        return this.#list(node.items);
      case 'map':
        return this.#map(node.entries);
      case 'unary':
        return node.operator === '!' ? negation(this, node) : this.#negative(node.operand);
      case 'binary':
        return this.#binary(node);
      case 'conditional':
        return conditional(this, node);
      case 'template':
        return this.#template(node);
      case 'call':
        return callOf(this, node);
    }
  }

  bound(node: Node): Evaluate {
    return this.evaluate(node.kind === 'template' ? { ...node, isQuoted: false } : node);
  }

  read(node: Node): Read {
    const lenient = this.#lenient();
    if (node.kind === 'path') return readPath(this.compilation, node.path, lenient.staticFrame);
    if (node.kind === 'select') return lenient.#reach(node);
    const evaluate = lenient.bound(node);
    // A tag gives null for a missing value, so has('{{ alert.x }}') treats null as missing.
    return node.kind === 'template' ? (frame) => evaluate(frame) ?? undefined : evaluate;
  }

  #lenient(): ExpressionCompiler {
    return new ExpressionCompiler(this.compilation, { ...this.staticFrame, lenient: true });
  }

  #reach(node: Select): Read {
    const target = this.read(node.target);
    const key = this.evaluate(node.key);
    return (frame) => {
      const value = target(frame);
      return value === undefined ? undefined : child(value, keyFrom(key(frame)));
    };
  }

  #select(node: Select): Evaluate {
    const absent = this.staticFrame.lenient || isOptional(node) ? () => null : this.#absent(node);
    if (absent) {
      const read = this.#reach(node);
      return (frame) => read(frame) ?? absent();
    }
    const [target, key] = [this.evaluate(node.target), this.evaluate(node.key)];
    const text = this.textOf(node.target);
    return (frame) => {
      const [container, chosen] = [target(frame), keyFrom(key(frame))];
      const value = child(container, chosen);
      if (value === undefined) throw missingValue(text, container, [chosen]);
      return value;
    };
  }

  /** What a missing value reads as; undefined if it is an error. */
  #absent(node: Node): (() => null) | undefined {
    if (node.kind === 'path') return absentValue(this.compilation, node.path, this.staticFrame);
    return node.kind === 'select' ? this.#absent(node.target) : undefined;
  }

  #list(items: Node[]): Evaluate {
    const evaluates = items.map((item) => this.evaluate(item));
    return (frame) => evaluates.map((evaluate) => evaluate(frame));
  }

  #map(entries: [Node, Node][]): Evaluate {
    const evaluates = entries.map(([key, value]) => [this.evaluate(key), this.evaluate(value)] as const);
    return (frame): JsonObject =>
      Object.fromEntries(evaluates.map(([key, value]) => [String(keyFrom(key(frame))), value(frame)] as const));
  }

  #negative(operand: Node): Evaluate {
    const evaluate = this.evaluate(operand);
    const text = this.textOf(operand);
    return (frame) => {
      const value = evaluate(frame);
      if (isNumber(value)) return negative(value);
      throw expressionFailed(`\`${text}\` is ${kindOf(value)}, not a number.`);
    };
  }

  #binary(node: Binary): Evaluate {
    if (node.operator === '&&' || node.operator === '||') return logical(this, node);
    const operator = node.operator satisfies ValueOperator;
    const compute = (isNull(node.left) || isNull(node.right) ? nullOperators : operators)[operator];
    const { references } = this.compilation;
    const begin = references.length;
    const left = this.#operand(node.left, node.right, KEEPS_TYPE.has(operator));
    const middle = references.length;
    const right = this.#operand(node.right, node.left, KEEPS_TYPE.has(operator) && operator !== 'in');
    const ordered = severityOrder(this.compilation, node, [references.slice(begin, middle), references.slice(middle)]);
    const text = this.textOf(node);
    return (frame) => {
      const values = [left(frame), right(frame)] as const;
      const [leftValue, rightValue] = ordered ? ordered(frame, values) : values;
      try {
        return located(text, () => compute(leftValue, rightValue));
      } catch (error) {
        if (leftValue === null) throw this.#withNullHint(error, node.left);
        throw rightValue === null ? this.#withNullHint(error, node.right) : error;
      }
    };
  }

  /** Records that a path beside a literal number is a number. */
  #operand(node: Node, other: Node, keepsType: boolean): Evaluate {
    const isBeside = other.kind === 'literal' && isNumber(other.value) && (node.kind === 'path' || node.kind === 'template');
    const compiler = isNull(other) && this.#absent(node) ? this.#lenient() : this;
    return this.compilation.meaning(isBeside ? 'number' : undefined, () =>
      keepsType ? compiler.bound(node) : compiler.evaluate(node),
    );
  }

  /** Hint for null operands, which mostly come from a field that this alert lacks. */
  #withNullHint(error: unknown, node: Node): unknown {
    if (!(error instanceof ThreadlineError) || (node.kind !== 'path' && node.kind !== 'template')) return error;
    const path = this.textOf(node).replace(/^["']?\{\{\s*|\s*\}\}["']?$/g, '');
    const hint = `Ask first whether it is there: \`has(${path}) && …\`, or \`${path} != null && …\` if it may be null.`;
    return new ThreadlineError(error.code, error.message, { hint, cause: error });
  }

  /** A tag gives its value; in quotes it is text, unless it is a list or a map. */
  #template({ parts, isQuoted }: Template): Evaluate {
    const inside = { ...this.staticFrame, inTag: true };
    const evaluates = parts.map((part): Evaluate => {
      if (typeof part === 'string') return () => part;
      return this.compilation.compileTag(this.compilation, part.start, part.end, inside);
    });
    const [only] = evaluates;
    if (only && evaluates.length === 1) return isQuoted ? (frame) => quoted(only(frame)) : only;
    const writers = jsonWriters(parts);
    const writes = parts.map((part) => (typeof part === 'string' ? textOf : writerIn(writers, part)));
    return (frame) => evaluates.map((evaluate, index) => writes[index]?.(evaluate(frame))).join('');
  }
}

const quoted = (value: Json): Json => (typeof value === 'object' && value !== null ? value : textOf(value));

/** A quoted number or boolean is compared as what it is: `'{{ alert.count }}' > 9`. */
const KEEPS_TYPE: ReadonlySet<ValueOperator> = new Set(['==', '!=', '<', '<=', '>', '>=', 'in']);

const isNull = (node: Node): boolean => node.kind === 'literal' && node.value === null;

function keyFrom(value: Json): string | number {
  if (typeof value === 'string' || typeof value === 'number') return value;
  if (typeof value === 'bigint') return String(value);
  throw expressionFailed(`A key is text or a number, not ${kindOf(value)}.`);
}

function isOptional(node: Node): boolean {
  if (node.kind === 'path') return node.path.optional;
  return node.kind === 'select' && (node.optional || isOptional(node.target));
}

export function compileNode(compilation: Compilation, node: Node, staticFrame: StaticFrame): Evaluate {
  return new ExpressionCompiler(compilation, { ...staticFrame, inExpression: true }).bound(node);
}

/** Throws SyntaxFailure. */
export function compileRange(compilation: Compilation, start: number, end: number, staticFrame: StaticFrame): Evaluate {
  const node = parseExpression(compilation.source, start, end, compilation.options.stepNames ?? []);
  return compileNode(compilation, node, staticFrame);
}
