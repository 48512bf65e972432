import type { Json } from '../../shared/json/json.ts';
import type { Evaluate } from '../core/frame.ts';
import { expressionFailed, isSomething, kindOf } from '../core/kinds.ts';
import type { Node, NodeCompiler } from './syntax.ts';

const ASK: Readonly<Record<string, string>> = { text: " != ''", 'a number': ' != 0', 'a list': ' != []', 'a map': ' != {}' };

/** Requires a boolean: guessing the truth of text or null would make a filter silently false. */
function boolean(value: Json, text: string): boolean {
  if (typeof value === 'boolean') return value;
  const question = `${text}${ASK[kindOf(value)] ?? ' != null'}`;
  throw expressionFailed(
    `\`${text}\` is ${kindOf(value)}, not true or false.`,
    `Write what you ask of it, such as \`${question}\`.`,
  );
}

type Test = (value: Json) => boolean;

/** The truth of a condition within an expression. Keep's conditions ask any value: `not '{{ alert.ticket }}'`. */
function testOf(compiler: NodeCompiler, asked: Node): Test {
  if (compiler.compilation.options.wantsBooleans !== true) return isSomething;
  const text = compiler.textOf(asked);
  return (value) => boolean(value, text);
}

/** `&&`, `and`, `||`, `or`. As in CEL, a side that decides the result hides an error of the other side. */
export function logical(compiler: NodeCompiler, node: Extract<Node, { kind: 'binary' }>): Evaluate {
  const settling = node.operator === '||';
  const [left, right] = [compiler.bound(node.left), compiler.bound(node.right)];
  const [isLeft, isRight] = [testOf(compiler, node.left), testOf(compiler, node.right)];
  const second: Evaluate = (frame) => checked(right(frame), isRight);
  return (frame) => {
    try {
      const first = left(frame);
      if (isLeft(first) === settling) return first;
    } catch (error) {
      const other = right(frame);
      if (isRight(other) === settling) return other;
      throw error;
    }
    return second(frame);
  };
}

/** As in Python, the result is the deciding side; a boolean if one is required. */
function checked(value: Json, test: Test): Json {
  test(value);
  return value;
}

export function negation(compiler: NodeCompiler, node: Extract<Node, { kind: 'unary' }>): Evaluate {
  const evaluate = compiler.bound(node.operand);
  const test = testOf(compiler, node.operand);
  return (frame) => !test(evaluate(frame));
}

export function conditional(compiler: NodeCompiler, { condition, yes, no }: Extract<Node, { kind: 'conditional' }>): Evaluate {
  const asked = compiler.bound(condition);
  const [chosen, otherwise] = [compiler.evaluate(yes), compiler.evaluate(no)];
  const test = testOf(compiler, condition);
  return (frame) => (test(asked(frame)) ? chosen(frame) : otherwise(frame));
}
