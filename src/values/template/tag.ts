import type { Compilation } from '../core/compilation.ts';
import { SyntaxFailure } from '../core/compilation.ts';
import type { Evaluate, StaticFrame } from '../core/frame.ts';
import { type PathNode, requirePath } from '../core/path.ts';
import { located } from '../expression/calls.ts';
import { compileNode, compileRange } from '../expression/compile.ts';
import { parseExpression } from '../expression/parse.ts';
import { refuseFilter } from './jinja.ts';
import { type Tag, unwrapTag } from './pieces.ts';
import { type Argument, type HelperCall, parseTag } from './tag-syntax.ts';

/** Compiles a tag inside an expression: everything between the braces. Throws SyntaxFailure. */
export function compileBinding(compilation: Compilation, start: number, end: number, staticFrame: StaticFrame): Evaluate {
  const tag = unwrapTag(compilation.source, start, end);
  if (tag.sigil === '' || tag.sigil === 'raw') return compileTag(compilation, tag.start, tag.end, staticFrame);
  throw failure(start, end, 'Blocks, comments and partials have no place in an expression.');
}

/** Compiles an output of a value into text: a tag, or a bare call of Keep. Throws SyntaxFailure. */
export function compileOutputTag(compilation: Compilation, { sigil, start, end }: Tag, staticFrame: StaticFrame): Evaluate {
  const compile = sigil === 'call' ? compileRange : compileTag;
  return compile(compilation, start, end, staticFrame);
}

/** The function whose call is all of a tag. */
export function calledBy({ source, options }: Compilation, { start, end }: Tag): string | undefined {
  try {
    const node = parseExpression(source, start, end, options.stepNames ?? []);
    return node.kind === 'call' && !node.receiver ? node.name : undefined;
  } catch (error) {
    if (error instanceof SyntaxFailure) return undefined;
    throw error;
  }
}

/** Compiles a path, helper call or expression between two offsets. Throws SyntaxFailure. */
export function compileTag(compilation: Compilation, start: number, end: number, staticFrame: StaticFrame): Evaluate {
  if (start >= end) throw failure(start - 2, end + 2, 'This tag is empty.');
  refuseFilter(compilation, start, end);
  const argument = parseTag(compilation.source, start, end, compilation.options.stepNames ?? []);
  return compileArgument(compilation, argument, staticFrame);
}

function compileArgument(compilation: Compilation, argument: Argument, staticFrame: StaticFrame): Evaluate {
  if (argument.kind === 'literal') return () => argument.value;
  if (argument.kind === 'expression') return compileNode(compilation, argument.node, staticFrame);
  if (argument.kind === 'call') return compileCall(compilation, argument, staticFrame);
  checkItem(argument.path, staticFrame);
  return requirePath(compilation, argument.path, staticFrame);
}

function compileCall(compilation: Compilation, call: HelperCall, staticFrame: StaticFrame): Evaluate {
  const { helper } = call;
  const inner = helper.lenient ? { ...staticFrame, lenient: true } : staticFrame;
  const operands = call.operands.map((operand) => compileArgument(compilation, operand, inner));
  const options = call.options.map(([name, value]) => [name, compileArgument(compilation, value, inner)] as const);
  const text = compilation.source.slice(call.offset, call.offset + call.length);
  return (frame) => {
    const values = operands.map((operand) => operand(frame));
    const named = new Map(options.map(([name, value]) => [name, value(frame)] as const));
    return located(text, () => helper.call(values, named));
  };
}

/** Refuses `this` outside blocks: there is no item, and the whole scope, with its secrets, must not be a value. */
function checkItem({ root, keys, offset, length }: PathNode, staticFrame: StaticFrame): void {
  if (root.kind === 'item' && keys.length === 0 && root.levels >= staticFrame.depth) {
    throw failure(offset, offset + length, `\`${root.text}\` stands for the item of a block, and there is none here.`);
  }
  if (root.kind === 'data' && !staticFrame.names.has(root.name)) {
    throw failure(offset, offset + length, `\`${root.name}\` is known inside of {{#each}} only: @index, @key, @first, @last.`);
  }
}

const failure = (start: number, end: number, message: string): SyntaxFailure =>
  new SyntaxFailure({ message, offset: Math.max(0, start), length: Math.max(1, end - start), code: 'template' });
