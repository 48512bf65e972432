import type { Json } from '../../shared/json/json.ts';
import type { Evaluate } from '../core/frame.ts';
import { expressionFailed, isSomething, kindOf } from '../core/kinds.ts';
import type { Node, NodeCompiler } from './syntax.ts';

const ASK: Readonly<Record<string, string>> = { text: " != ''", 'a number': ' != 0', 'a list': ' != []', 'a map': ' != {}' };

/** Requires a boolean, because guessing the truth of text or null makes conditions silently false. */
function boolean(value: Json, text: string): boolean {
  if (typeof value === 'boolean') return value;
  const question = `${text}${ASK[kindOf(value)] ?? ' != null'}`;
  throw expressionFailed(
    `\`${text}\` is ${kindOf(value)}, not true or false.`,
    `Write what you ask of it, such as \`${question}\`.`,
  );
}

type Test = (value: Json) => boolean;

/**
 * Evaluates a node's conditions. Python's words accept any value, as Keep's conditions need (`not '{{ alert.ticket }}'`);
 * CEL's operators require booleans, and so do filters, which must explain their results.
 */
function testOf(compiler: NodeCompiler, node: { words?: true }, asked: Node): Test {
  if (node.words && compiler.compilation.options.scopeIsPayload !== true) return isSomething;
  const text = compiler.textOf(asked);
  return (value) => boolean(value, text);
}

/** `&&`, `and`, `||`, `or`. As in CEL, a side that decides the result hides an error of the other side. */
export function logical(compiler: NodeCompiler, node: Extract<Node, { kind: 'binary' }>): Evaluate {
  const settling = node.operator === '||';
  const [left, right] = [compiler.evaluate(node.left), compiler.evaluate(node.right)];
  const [isLeft, isRight] = [testOf(compiler, node, node.left), testOf(compiler, node, node.right)];
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

/** As in Python, the result is the deciding side; a boolean where one is required. */
function checked(value: Json, test: Test): Json {
  test(value);
  return value;
}

export function negation(compiler: NodeCompiler, node: Extract<Node, { kind: 'unary' }>): Evaluate {
  const evaluate = compiler.evaluate(node.operand);
  const test = testOf(compiler, node, node.operand);
  return (frame) => !test(evaluate(frame));
}

export function conditional(compiler: NodeCompiler, node: Extract<Node, { kind: 'conditional' }>): Evaluate {
  const [asked, yes, no] = [node.condition, node.yes, node.no].map((part) => compiler.evaluate(part)) as [
    Evaluate,
    Evaluate,
    Evaluate,
  ];
  const test = testOf(compiler, node, node.condition);
  return (frame) => (test(asked(frame)) ? yes(frame) : no(frame));
}
