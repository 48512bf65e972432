import type { Json } from '../../json.ts';
import type { Evaluate } from '../frame.ts';
import { expressionFailed, kindOf } from '../kinds.ts';
import type { Node, NodeCompiler } from './syntax.ts';

const ASK: Readonly<Record<string, string>> = { text: " != ''", 'a number': ' != 0', 'a list': ' != []', 'a map': ' != {}' };

/** A condition must be a boolean: guessing what text or null means is how conditions come to be silently false. */
function boolean(value: Json, text: string): boolean {
  if (typeof value === 'boolean') return value;
  const question = `${text}${ASK[kindOf(value)] ?? ' != null'}`;
  throw expressionFailed(
    `\`${text}\` is ${kindOf(value)}, not true or false.`,
    `Write what you ask of it, such as \`${question}\`.`,
  );
}

function condition(compiler: NodeCompiler, node: Node): (frame: Parameters<Evaluate>[0]) => boolean {
  const evaluate = compiler.evaluate(node);
  const text = compiler.textOf(node);
  return (frame) => boolean(evaluate(frame), text);
}

/** `&&` and `||`. As in CEL, a side that settles the result makes an error on the other side not matter. */
export function logical(compiler: NodeCompiler, settling: boolean, left: Node, right: Node): Evaluate {
  const [first, second] = [condition(compiler, left), condition(compiler, right)];
  return (frame) => {
    let settled: boolean;
    try {
      settled = first(frame) === settling;
    } catch (error) {
      if (second(frame) === settling) return settling;
      throw error;
    }
    return settled ? settling : second(frame);
  };
}

export function negation(compiler: NodeCompiler, operand: Node): Evaluate {
  const holds = condition(compiler, operand);
  return (frame) => !holds(frame);
}

export function conditional(compiler: NodeCompiler, asked: Node, yes: Node, no: Node): Evaluate {
  const holds = condition(compiler, asked);
  const [whenTrue, whenFalse] = [compiler.evaluate(yes), compiler.evaluate(no)];
  return (frame) => (holds(frame) ? whenTrue(frame) : whenFalse(frame));
}
