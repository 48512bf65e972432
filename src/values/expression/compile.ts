import { ThreadlineError } from '../../shared/errors/errors.ts';
import { type Json, type JsonObject, toText } from '../../shared/json/json.ts';
import { isNumber } from '../../shared/json/number.ts';
import { negative } from '../core/arithmetic.ts';
import type { Compilation } from '../core/compilation.ts';
import type { Evaluate, Read, StaticFrame } from '../core/frame.ts';
import { expressionFailed, kindOf } from '../core/kinds.ts';
import { missingValue } from '../core/missing.ts';
import { operators, payloadOperators, type ValueOperator } from '../core/operators.ts';
import { child, isPayload, readPath, requirePath } from '../core/path.ts';
import { callOf, located } from './calls.ts';
import { conditional, logical, negation } from './logic.ts';
import { parseExpression } from './parse.ts';
import type { Node, NodeCompiler, QuotedPart } from './syntax.ts';

type Select = Extract<Node, { kind: 'select' }>;

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
        return this.#template(node.parts);
      case 'call':
        return callOf(this, node);
    }
  }

  read(node: Node): Read {
    const lenient = new ExpressionCompiler(this.compilation, { ...this.staticFrame, lenient: true });
    if (node.kind === 'path') return readPath(this.compilation, node.path, lenient.staticFrame);
    if (node.kind === 'select') return lenient.#reach(node);
    const evaluate = lenient.evaluate(node);
    // A tag gives null for a missing value, so has('{{ alert.x }}') treats null as missing.
    return node.kind === 'template' ? (frame) => evaluate(frame) ?? undefined : evaluate;
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
    const { lenient, inExpression } = this.staticFrame;
    const forgiving = lenient || isOptional(node) || (inExpression && isOfPayload(this.compilation, node, this.staticFrame));
    if (forgiving) {
      const read = this.#reach(node);
      return (frame) => read(frame) ?? null;
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

  #binary(node: Extract<Node, { kind: 'binary' }>): Evaluate {
    if (node.operator === '&&' || node.operator === '||') return logical(this, node);
    const known = this.compilation.options.scopeIsPayload === true ? payloadOperators : operators;
    const compute = known[node.operator satisfies ValueOperator];
    const left = this.#operand(node.left, node.right);
    const right = this.#operand(node.right, node.left);
    const text = this.textOf(node);
    return (frame) => {
      const [leftValue, rightValue] = [left(frame), right(frame)];
      try {
        return located(text, () => compute(leftValue, rightValue));
      } catch (error) {
        if (leftValue === null) throw this.#withNullHint(error, node.left);
        throw rightValue === null ? this.#withNullHint(error, node.right) : error;
      }
    };
  }

  /** Records that a path beside a literal number is a number. */
  #operand(node: Node, other: Node): Evaluate {
    const isBeside = other.kind === 'literal' && isNumber(other.value) && (node.kind === 'path' || node.kind === 'template');
    return this.compilation.meaning(isBeside ? 'number' : undefined, () => this.evaluate(node));
  }

  /** Hint for null operands, which mostly come from a field that this alert lacks. */
  #withNullHint(error: unknown, node: Node): unknown {
    if (!(error instanceof ThreadlineError) || (node.kind !== 'path' && node.kind !== 'template')) return error;
    const path = this.textOf(node).replace(/^\{\{\s*|\s*\}\}$/g, '');
    const hint = `Ask first whether it is there: \`has(${path}) && …\`, or \`${path} != null && …\` if it may be null.`;
    return new ThreadlineError(error.code, error.message, { hint, cause: error });
  }

  /** A quoted string that is a single tag gives the tag's value; with other text, it gives text. */
  #template(parts: QuotedPart[]): Evaluate {
    const evaluates = parts.map((part): Evaluate => {
      if (typeof part === 'string') return () => part;
      return this.compilation.compileTag(this.compilation, part.start, part.end, this.staticFrame);
    });
    const [only] = evaluates;
    if (only && evaluates.length === 1) return only;
    return (frame) => evaluates.map((evaluate) => textOrNothing(evaluate(frame))).join('');
  }
}

const textOrNothing = (value: Json): string => (value === null ? '' : toText(value));

function keyFrom(value: Json): string | number {
  if (typeof value === 'string' || typeof value === 'number') return value;
  if (typeof value === 'bigint') return String(value);
  throw expressionFailed(`A key is text or a number, not ${kindOf(value)}.`);
}

function isOptional(node: Node): boolean {
  if (node.kind === 'path') return node.path.optional;
  return node.kind === 'select' && (node.optional || isOptional(node.target));
}

function isOfPayload(compilation: Compilation, node: Node, staticFrame: StaticFrame): boolean {
  if (node.kind === 'path') return isPayload(compilation, node.path, staticFrame);
  return node.kind === 'select' && isOfPayload(compilation, node.target, staticFrame);
}

export function compileNode(compilation: Compilation, node: Node, staticFrame: StaticFrame): Evaluate {
  return new ExpressionCompiler(compilation, { ...staticFrame, inExpression: true }).evaluate(node);
}

/** Throws SyntaxFailure. */
export function compileRange(compilation: Compilation, start: number, end: number, staticFrame: StaticFrame): Evaluate {
  const node = parseExpression(compilation.source, start, end, compilation.options.stepNames ?? []);
  return compileNode(compilation, node, staticFrame);
}
