import type { PathRoot } from '../core/path.ts';
import type { Node, NodeShape } from './syntax.ts';

/** Names that functions stand under: `keep.len(x)`. */
const NAMESPACES = new Set(['keep', 'math']);

/** What a name at the start of a path means: `this`, `../`, `@index` or a name. */
export function pathStarting(text: string): PathRoot {
  if (text === 'this') return { kind: 'item', levels: 0, text };
  if (text === '@root') return { kind: 'item', levels: Number.POSITIVE_INFINITY, text };
  if (text.startsWith('../')) return { kind: 'item', levels: text.length / 3, text };
  return text.startsWith('@') ? { kind: 'data', name: text } : { kind: 'name', name: text };
}

/** The namespace that a bare path names, if functions stand under it. */
export function finishesPath(node: Node): string | undefined {
  if (node.kind !== 'path' || node.path.keys.length > 0 || node.path.root.kind !== 'name') return undefined;
  return NAMESPACES.has(node.path.root.name) ? node.path.root.name : undefined;
}

/** One more step: part of the path while all keys are written out, a selection once one is computed. */
export function selecting(target: Node, key: Node, optional: boolean): NodeShape {
  const literal = key.kind === 'literal' ? key.value : undefined;
  if (target.kind === 'path' && (typeof literal === 'string' || typeof literal === 'number')) {
    const { path } = target;
    return { kind: 'path', path: { ...path, keys: [...path.keys, literal], optional: path.optional || optional } };
  }
  return { kind: 'select', target, key, optional };
}
