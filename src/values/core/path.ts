import { ThreadlineError } from '../../shared/errors/errors.ts';
import { isObject, type Json } from '../../shared/json/json.ts';
import { lossOf } from '../../shared/json/stored-list.ts';
import type { Compilation } from './compilation.ts';
import { type Evaluate, type Frame, itemAt, nameAt, type Read, type StaticFrame } from './frame.ts';
import { sizeOf } from './kinds.ts';
import { FieldMissing, keysOf, lostValue, missingRoot, missingValue, pathText } from './missing.ts';

/** `name`: a block parameter, a field of an enclosing item, or a root. `item`: `this`, `../`, `@root`. `data`: `@index` … */
export type PathRoot =
  | { kind: 'name'; name: string }
  | { kind: 'item'; levels: number; text: string }
  | { kind: 'data'; name: string };

export interface PathNode {
  root: PathRoot;
  keys: (string | number)[];
  /** The path contains `.?` or `[?`. */
  optional: boolean;
  offset: number;
  length: number;
}

/** Roots that every workflow can have. Inside a block, other names are fields of its item. */
export const rootNames: readonly string[] = [
  ...['alert', 'event', 'incident', 'inputs', 'steps', 'actions', 'consts', 'env', 'secrets', 'run'],
  ...['last_workflow_results', 'last_workflow_run_time', 'providers', 'args'],
];

/** Payloads whose shape the sender decides: in an expression, a missing field is null. */
export const PAYLOADS: ReadonlySet<string> = new Set(['alert', 'event', 'incident']);

/** Roots that not every run has, with what to say of one that is read without; in an expression they are null then. */
const NOT_ALWAYS: ReadonlyMap<string, string> = new Map([
  [
    'last_workflow_run_time',
    'No run of this workflow has succeeded within a day, as on its first run. `{{ default last_workflow_run_time "…" }}` says what stands for it then.',
  ],
]);

const INDEX = /^(?:0|[1-9]\d{0,14})$/;

/** Digits in a path: the index of an item, unless a key with those digits would read otherwise as a number. */
export const indexOrKey = (text: string): string | number => (INDEX.test(text) ? Number(text) : text);

/** Reads a key; -1 is the last item. Besides own properties there is the `length` of lists and text, and nothing like `__proto__`. */
export function child(value: Json, key: string | number): Json | undefined {
  if (key === 'length' && (Array.isArray(value) || typeof value === 'string')) return sizeOf(value);
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

/** Resolves the first name of a path, and returns the remaining keys. */
function start(path: PathNode, staticFrame: StaticFrame): { read: Read; keys: (string | number)[] } {
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
  if (staticFrame.names.has(name)) return { read: (frame) => nameAt(frame, name), keys };
  if (staticFrame.depth > 0) return { read: (frame) => nameOrField(frame, name), keys };
  return { read: (frame) => rootOfScope(frame, name), keys };
}

/** The root that a path reads, if the text alone tells. */
function rootName({ options }: Compilation, path: PathNode, staticFrame: StaticFrame): string | undefined {
  const { root } = path;
  if (root.kind === 'data') return undefined;
  if (root.kind === 'item') {
    const first = path.keys[0];
    return root.levels >= staticFrame.depth && first !== undefined ? String(first) : undefined;
  }
  if (staticFrame.names.has(root.name)) return undefined;
  const isRoot = staticFrame.depth === 0 || rootNames.includes(root.name) || options.roots?.includes(root.name);
  return isRoot ? root.name : undefined;
}

const NULL = () => null;

/** What a missing value of this path reads as in an expression; undefined if it is an error. */
export function absentValue(compilation: Compilation, path: PathNode, staticFrame: StaticFrame): (() => null) | undefined {
  if (!staticFrame.inExpression) return undefined;
  const { isField, falseIfMissing } = compilation.options;
  const root = rootName(compilation, path, staticFrame);
  // A path without a root reads an item of a list, which is part of the payload too.
  if (isField && (root === undefined || isField(root))) return falseIfMissing && !staticFrame.inTag ? endAsFalse : NULL;
  return PAYLOADS.has(root ?? '') ? NULL : undefined;
}

function endAsFalse(): null {
  throw new FieldMissing();
}

/** Text before the path of a section. */
const SECTION = /\{\{~?#\s*(?:each\s+)?$/;
const LONGEST_OPENING = 32;

function noteReference(compilation: Compilation, path: PathNode, staticFrame: StaticFrame): void {
  const root = rootName(compilation, path, staticFrame);
  if (root === undefined) return;
  const keys = path.root.kind === 'item' ? path.keys.slice(1) : [...path.keys];
  const optional = path.optional || staticFrame.lenient;
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

/** Compiles a path whose value may be missing. */
export function readPath(compilation: Compilation, path: PathNode, staticFrame: StaticFrame): Read {
  noteReference(compilation, path, staticFrame);
  const { read, keys } = start(path, staticFrame);
  return (frame) => {
    let value = read(frame);
    for (const key of keys) {
      if (value === undefined) return undefined;
      value = child(value, key);
      // What stands for a lost list is for people to read, not for a template to count.
      if (lossOf(value) !== undefined) return undefined;
    }
    return value;
  };
}

/** Compiles a path whose value must exist, unless its position or its root makes a missing value null. */
export function requirePath(compilation: Compilation, path: PathNode, staticFrame: StaticFrame): Evaluate {
  const read = readPath(compilation, path, staticFrame);
  if (staticFrame.lenient || path.optional) return (frame) => read(frame) ?? null;
  const isNotAlways = NOT_ALWAYS.has(rootName(compilation, path, staticFrame) ?? '');
  const absent =
    isNotAlways && staticFrame.inExpression && !staticFrame.inTime ? NULL : absentValue(compilation, path, staticFrame);
  const isOpen = compilation.options.isField !== undefined || isNotAlways;
  const first = start(path, staticFrame);
  return (frame) => {
    const value = read(frame);
    if (value !== undefined) return value;
    const reached = first.read(frame);
    if (absent && (reached !== undefined || isOpen)) return absent();
    throw reached === undefined ? noStart(path, frame) : deadEnd(path, reached, first.keys);
  };
}

function noStart(path: PathNode, frame: Frame): Error {
  const { root, keys } = path;
  const item = itemAt(frame, root.kind === 'item' ? root.levels : 0);
  const known = [...keysOf(item), ...Object.keys(frame.scope)];
  if (root.kind === 'item') return missingRoot(root.text, String(keys[0] ?? ''), keys.slice(1), known);
  const hint = NOT_ALWAYS.get(root.name);
  if (hint !== undefined) return new ThreadlineError('missing_value', `\`${root.name}\` is not there.`, { hint });
  return missingRoot('', root.name, keys, known);
}

function deadEnd(path: PathNode, reached: Json, keys: (string | number)[]): Error {
  const begun = path.root.kind === 'item' ? path.keys.slice(0, path.keys.length - keys.length) : [];
  const prefix = pathText(path.root.kind === 'item' ? path.root.text : path.root.name, begun);
  let container = reached;
  for (const [index, key] of keys.entries()) {
    const next = child(container, key);
    if (next === undefined) return missingValue(pathText(prefix, keys.slice(0, index)), container, keys.slice(index));
    const loss = lossOf(next);
    if (loss !== undefined) return lostValue(pathText(prefix, keys.slice(0, index + 1)), loss);
    container = next;
  }
  return missingValue(prefix, container, []);
}
