import type { Compilation } from '../core/compilation.ts';
import { SyntaxFailure } from '../core/compilation.ts';
import type { Evaluate, Surroundings } from '../core/frame.ts';
import { type Path, requirePath } from '../core/path.ts';
import { located } from '../expression/calls.ts';
import { compileNode, compileRange } from '../expression/compile.ts';
import { refuseFilter } from './jinja.ts';
import { type Tag, unwrapTag } from './pieces.ts';
import { type Argument, type HelperCall, parseTag } from './tag-syntax.ts';

/** Compiles a tag inside an expression: everything between the braces. Throws SyntaxFailure. */
export function compileBinding(compilation: Compilation, start: number, end: number, surroundings: Surroundings): Evaluate {
  const tag = unwrapTag(compilation.source, start, end);
  if (tag.sigil === '' || tag.sigil === 'raw') return compileTag(compilation, tag.start, tag.end, surroundings);
  throw failure(start, end, 'Blocks, comments and partials have no place in an expression.');
}

/** Compiles an output of a value into text: a tag, or a bare call of Keep. Throws SyntaxFailure. */
export function compileOutputTag(compilation: Compilation, { sigil, start, end }: Tag, surroundings: Surroundings): Evaluate {
  const compile = sigil === 'call' ? compileRange : compileTag;
  return compile(compilation, start, end, surroundings);
}

/** Compiles a path, helper call or expression between two offsets. Throws SyntaxFailure. */
export function compileTag(compilation: Compilation, start: number, end: number, surroundings: Surroundings): Evaluate {
  if (start >= end) throw failure(start - 2, end + 2, 'This tag is empty.');
  refuseFilter(compilation, start, end);
  const argument = parseTag(compilation.source, start, end, compilation.options.stepNames ?? []);
  return compileArgument(compilation, argument, surroundings);
}

function compileArgument(compilation: Compilation, argument: Argument, surroundings: Surroundings): Evaluate {
  if (argument.kind === 'literal') return () => argument.value;
  if (argument.kind === 'expression') return compileNode(compilation, argument.node, surroundings);
  if (argument.kind === 'call') return compileCall(compilation, argument, surroundings);
  checkItem(argument.path, surroundings);
  return requirePath(compilation, argument.path, surroundings);
}

function compileCall(compilation: Compilation, call: HelperCall, surroundings: Surroundings): Evaluate {
  const { helper } = call;
  const inner = helper.lenient ? { ...surroundings, lenient: true } : surroundings;
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
function checkItem({ root, keys, offset, length }: Path, surroundings: Surroundings): void {
  if (root.kind === 'item' && keys.length === 0 && root.levels >= surroundings.depth) {
    throw failure(offset, offset + length, `\`${root.text}\` stands for the item of a block, and there is none here.`);
  }
  if (root.kind === 'data' && !surroundings.names.has(root.name)) {
    throw failure(offset, offset + length, `\`${root.name}\` is known inside of {{#each}} only: @index, @key, @first, @last.`);
  }
}

const failure = (start: number, end: number, message: string): SyntaxFailure =>
  new SyntaxFailure({ message, offset: Math.max(0, start), length: Math.max(1, end - start), code: 'template' });
