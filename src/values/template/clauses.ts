import type { Json } from '../../shared/json/json.ts';
import { Compilation, orFalse, SyntaxFailure } from '../core/compilation.ts';
import type { CompileOptions, Scope } from '../core/compiled.ts';
import { OUTERMOST, type Read, topFrame } from '../core/frame.ts';
import { readPath } from '../core/path.ts';
import { compileNode } from '../expression/compile.ts';
import { isMacro } from '../expression/macros.ts';
import { parseExpression } from '../expression/parse.ts';
import type { Node } from '../expression/syntax.ts';
import { compileBinding } from './tag.ts';

/** A part of a condition with a result of its own, for explaining the result of the whole. */
export interface Clause {
  text: string;
  /** Position in the expression. */
  offset: number;
  length: number;
  /** Tells which parts must hold; `test` has no parts. */
  kind: 'all' | 'any' | 'not all' | 'none' | 'test';
  parts: Clause[];
  /** Throws ThreadlineError. */
  evaluate(scope: Scope): Json;
  /** Values that the clause reads, by path; undefined for a missing value. */
  reads: { text: string; read(scope: Scope): Json | undefined }[];
}

/** The parts of a condition joined by `&&`. Empty if the text has mistakes, which compileExpression reports. */
export function compileClauses(text: string, options: CompileOptions = {}): Clause[] {
  const compilation = new Compilation(text, options, compileBinding);
  try {
    const node = parseExpression(text, 0, text.length, options.stepNames ?? []);
    return joinedBy('&&', node).map((part) => clauseOf(compilation, part));
  } catch (failure) {
    if (failure instanceof SyntaxFailure) return [];
    throw failure;
  }
}

/** The operands of a chain of the same operator, in order. */
function joinedBy(operator: '&&' | '||', node: Node): Node[] {
  if (node.kind !== 'binary' || node.operator !== operator) return [node];
  return [...joinedBy(operator, node.left), ...joinedBy(operator, node.right)];
}

function clauseOf(compilation: Compilation, node: Node): Clause {
  const { kind, parts } = splitOf(node);
  const evaluate = compileNode(compilation, node, OUTERMOST);
  return {
    text: compilation.source.slice(node.offset, node.offset + node.length),
    offset: node.offset,
    length: node.length,
    kind,
    parts: parts.map((part) => clauseOf(compilation, part)),
    evaluate: (scope) => orFalse(() => evaluate(topFrame(scope))),
    reads: parts.length > 0 ? [] : readsOf(compilation, node),
  };
}

function splitOf(node: Node): { kind: Clause['kind']; parts: Node[] } {
  if (node.kind === 'unary' && node.operator === '!') {
    const { kind, parts } = splitOf(node.operand);
    if (kind === 'all') return { kind: 'not all', parts };
    return kind === 'any' ? { kind: 'none', parts } : { kind: 'test', parts: [] };
  }
  if (node.kind !== 'binary' || (node.operator !== '&&' && node.operator !== '||')) return { kind: 'test', parts: [] };
  return { kind: node.operator === '&&' ? 'all' : 'any', parts: joinedBy(node.operator, node) };
}

function readsOf(compilation: Compilation, node: Node): Clause['reads'] {
  const reads = new Map<string, Read>();
  for (const read of valuesIn(node, new Set())) {
    const text = compilation.source.slice(read.offset, read.offset + read.length).replace(/^["']?\{\{\s*|\s*\}\}["']?$/g, '');
    if (!reads.has(text)) reads.set(text, reader(compilation, read));
  }
  return [...reads].map(([text, read]) => ({ text, read: (scope) => read(topFrame(scope)) }));
}

function reader(compilation: Compilation, node: Node): Read {
  const lenient = { ...OUTERMOST, lenient: true };
  if (node.kind === 'path') return readPath(compilation, node.path, lenient);
  const evaluate = compileNode(compilation, node, lenient);
  return (frame) => evaluate(frame) ?? undefined;
}

/** The nodes that read from the scope; `bound` holds the variables of enclosing macros, which are not in the scope. */
function valuesIn(node: Node, bound: ReadonlySet<string>): Node[] {
  if (node.kind === 'template') return [node];
  if (node.kind === 'path') return node.path.root.kind === 'name' && bound.has(node.path.root.name) ? [] : [node];
  if (node.kind === 'select') {
    const keys = valuesIn(node.key, bound);
    return bound.size === 0 ? [node, ...keys] : [...valuesIn(node.target, bound), ...keys];
  }
  if (node.kind !== 'call' || !isMacro(node)) return childrenOf(node).flatMap((child) => valuesIn(child, bound));
  const [variable, body] = node.operands;
  const name = variable?.kind === 'path' && variable.path.root.kind === 'name' ? variable.path.root.name : '';
  const list = node.receiver ? valuesIn(node.receiver, bound) : [];
  return body ? [...list, ...valuesIn(body, new Set([...bound, name]))] : list;
}

function childrenOf(node: Node): Node[] {
  switch (node.kind) {
    case 'list':
      return node.items;
    case 'map':
      return node.entries.flat();
    case 'unary':
      return [node.operand];
    case 'binary':
      return [node.left, node.right];
    case 'conditional':
      return [node.condition, node.yes, node.no];
    case 'call':
      return node.receiver ? [node.receiver, ...node.operands] : node.operands;
    default:
      return [];
  }
}
