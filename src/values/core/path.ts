import { isObject, type Json } from '../../shared/json/json.ts';
import type { Compilation } from './compilation.ts';
import { type Evaluate, type Frame, itemAt, nameAt, type Read, type Surroundings } from './frame.ts';
import { keysOf, missingRoot, missingValue, pathText } from './missing.ts';

/** `name`: a block parameter, a field of an item around, or a root. `item`: `this`, `../`, `@root`. `data`: `@index` … */
export type PathRoot =
  | { kind: 'name'; name: string }
  | { kind: 'item'; levels: number; text: string }
  | { kind: 'data'; name: string };

export interface Path {
  root: PathRoot;
  keys: (string | number)[];
  /** Whether `.?` or `[?` stands in it. */
  optional: boolean;
  offset: number;
  length: number;
}

/** Roots that every workflow has, or could have. Inside a block, other names are taken for fields of its item. */
export const rootNames: readonly string[] = [
  ...['alert', 'event', 'incident', 'inputs', 'steps', 'actions', 'consts', 'env', 'secrets', 'run'],
  ...['last_workflow_results', 'last_workflow_run_time', 'providers', 'args'],
];

/** Payloads whose shape the sender decides: in an expression, what they lack is null. */
const PAYLOADS = new Set(['alert', 'event', 'incident']);

const INDEX = /^(?:0|[1-9]\d*)$/;

/** One step into data; -1 is the last item. Own properties only: `__proto__` or a text's `length` are not there. */
export function child(value: Json, key: string | number): Json | undefined {
  if (Array.isArray(value)) {
    const index = typeof key === 'number' ? key : INDEX.test(key) ? Number(key) : Number.NaN;
    return Number.isInteger(index) ? value.at(index) : undefined;
  }
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

const rootOfScope = (frame: Frame, name: string): Json | undefined =>
  Object.hasOwn(frame.scope, name) ? (frame.scope[name] as Json) : undefined;

function nameOrField(frame: Frame, name: string): Json | undefined {
  for (let current: Frame | undefined = frame; current; current = current.outer) {
    const field = current.item === undefined ? undefined : child(current.item, name);
    if (field !== undefined) return field;
  }
  return rootOfScope(frame, name);
}

/** How the first name of a path is found, and the keys that are left to go. */
function start(path: Path, surroundings: Surroundings): { read: Read; keys: (string | number)[] } {
  const { root, keys } = path;
  if (root.kind === 'data') return { read: (frame) => nameAt(frame, root.name), keys };
  if (root.kind === 'item') {
    const [first, ...rest] = keys;
    if (first === undefined) return { read: (frame) => itemAt(frame, root.levels), keys };
    const read: Read = (frame) => {
      const item = itemAt(frame, root.levels);
      return item === undefined ? rootOfScope(frame, String(first)) : child(item, first);
    };
    return { read, keys: rest };
  }
  const { name } = root;
  if (surroundings.names.has(name)) return { read: (frame) => nameAt(frame, name), keys };
  if (surroundings.depth > 0) return { read: (frame) => nameOrField(frame, name), keys };
  return { read: (frame) => rootOfScope(frame, name), keys };
}

/** The root that a path reads, as far as the text tells. */
function rootName({ options }: Compilation, path: Path, surroundings: Surroundings): string | undefined {
  const { root } = path;
  if (root.kind === 'data') return undefined;
  if (root.kind === 'item') {
    const first = path.keys[0];
    return root.levels >= surroundings.depth && first !== undefined ? String(first) : undefined;
  }
  if (surroundings.names.has(root.name)) return undefined;
  const isRoot = surroundings.depth === 0 || rootNames.includes(root.name) || options.roots?.includes(root.name);
  return isRoot ? root.name : undefined;
}

export function isPayload(compilation: Compilation, path: Path, surroundings: Surroundings): boolean {
  return compilation.options.scopeIsPayload === true || PAYLOADS.has(rootName(compilation, path, surroundings) ?? '');
}

/** What stands before the path that a section goes through. */
const SECTION = /\{\{~?#\s*(?:each\s+)?$/;
const LONGEST_OPENING = 32;

function noteReference(compilation: Compilation, path: Path, surroundings: Surroundings): void {
  const root = rootName(compilation, path, surroundings);
  if (root === undefined) return;
  const keys = path.root.kind === 'item' ? path.keys.slice(1) : [...path.keys];
  const optional = path.optional || surroundings.lenient;
  const isSection = SECTION.test(compilation.source.slice(Math.max(0, path.offset - LONGEST_OPENING), path.offset));
  compilation.references.push({
    root,
    path: keys,
    offset: path.offset,
    length: path.length,
    optional,
    ...(isSection ? { isSection } : {}),
  });
}

/** A path that may lead nowhere. */
export function readPath(compilation: Compilation, path: Path, surroundings: Surroundings): Read {
  noteReference(compilation, path, surroundings);
  const { read, keys } = start(path, surroundings);
  return (frame) => {
    let value = read(frame);
    for (const key of keys) {
      if (value === undefined) return undefined;
      value = child(value, key);
    }
    return value;
  };
}

/** A path that must lead somewhere, except where its surroundings or its root let a missing value be null. */
export function requirePath(compilation: Compilation, path: Path, surroundings: Surroundings): Evaluate {
  const read = readPath(compilation, path, surroundings);
  if (surroundings.lenient || path.optional) return (frame) => read(frame) ?? null;
  const nullable = surroundings.inExpression && isPayload(compilation, path, surroundings);
  const scopeIsPayload = compilation.options.scopeIsPayload === true;
  const first = start(path, surroundings);
  return (frame) => {
    const value = read(frame);
    if (value !== undefined) return value;
    const reached = first.read(frame);
    if (nullable && (reached !== undefined || scopeIsPayload)) return null;
    throw reached === undefined ? noStart(path, frame) : deadEnd(path, reached, first.keys);
  };
}

function noStart(path: Path, frame: Frame): Error {
  const { root, keys } = path;
  const item = itemAt(frame, root.kind === 'item' ? root.levels : 0);
  const known = [...keysOf(item), ...Object.keys(frame.scope)];
  if (root.kind === 'item') return missingRoot(root.text, String(keys[0] ?? ''), keys.slice(1), known);
  return missingRoot('', root.name, keys, known);
}

function deadEnd(path: Path, reached: Json, keys: (string | number)[]): Error {
  const begun = path.root.kind === 'item' ? path.keys.slice(0, path.keys.length - keys.length) : [];
  const prefix = pathText(path.root.kind === 'item' ? path.root.text : path.root.name, begun);
  let container = reached;
  for (const [index, key] of keys.entries()) {
    const next = child(container, key);
    if (next === undefined) return missingValue(pathText(prefix, keys.slice(0, index)), container, keys.slice(index));
    container = next;
  }
  return missingValue(prefix, container, []);
}
