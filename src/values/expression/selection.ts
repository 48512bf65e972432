import type { PathRoot } from '../core/path.ts';
import type { Node, NodeShape } from './syntax.ts';

/** Namespaces of functions: `keep.len(x)`. */
const NAMESPACES = new Set(['keep', 'math']);

/** The meaning of a path's first name: `this`, `./`, `../`, `@index` or a name. */
export function pathStarting(text: string): PathRoot {
  if (text === 'this' || text === './') return { kind: 'item', levels: 0, text: 'this' };
  if (text === '@root') return { kind: 'item', levels: Number.POSITIVE_INFINITY, text };
  if (text.startsWith('../')) return { kind: 'item', levels: text.length / 3, text };
  return text.startsWith('@') ? { kind: 'data', name: text } : { kind: 'name', name: text };
}

/** The namespace that a path names, if it contains functions. */
export function finishesPath(node: Node): string | undefined {
  if (node.kind !== 'path' || node.path.keys.length > 0 || node.path.root.kind !== 'name') return undefined;
  return NAMESPACES.has(node.path.root.name) ? node.path.root.name : undefined;
}

/** Adds a key: to the path while all keys are literal, else as a selection. */
export function selecting(target: Node, key: Node, optional: boolean): NodeShape {
  const literal = key.kind === 'literal' ? key.value : undefined;
  if (target.kind === 'path' && (typeof literal === 'string' || typeof literal === 'number')) {
    const { path } = target;
    return { kind: 'path', path: { ...path, keys: [...path.keys, literal], optional: path.optional || optional } };
  }
  return { kind: 'select', target, key, optional };
}
