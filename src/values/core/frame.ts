import type { Json } from '../../shared/json/json.ts';
import type { Scope } from './compiled.ts';

/** Lookup of names during evaluation: a frame per block item or macro variable, innermost first. */
export interface Frame {
  readonly scope: Scope;
  readonly outer: Frame | undefined;
  /** Value of `this`; undefined in frames that only add names. */
  readonly item: Json | undefined;
  /** Block parameters, macro variables and data such as `@index`. */
  readonly names: ReadonlyMap<string, Json>;
}

export type Evaluate = (frame: Frame) => Json;

/** Like Evaluate, but undefined for a missing value. */
export type Read = (frame: Frame) => Json | undefined;

/** Compile-time knowledge of the frames at evaluation. */
export interface StaticFrame {
  readonly names: ReadonlySet<string>;
  /** Number of enclosing blocks that set an item. */
  readonly depth: number;
  /** A missing value reads as null: in conditions, and in arguments that allow it. */
  readonly lenient: boolean;
  /** A missing field of an alert or incident reads as null. */
  readonly inExpression: boolean;
  /** Inside a tag of an expression, where every missing field of a payload reads as null. */
  readonly inTag: boolean;
  /** In what a function of times takes, nothing would be a time, such as 1970: a missing last run is an error. */
  readonly inTime?: boolean;
}

export const OUTERMOST: StaticFrame = { names: new Set(), depth: 0, lenient: false, inExpression: false, inTag: false };

const NO_NAMES: ReadonlyMap<string, Json> = new Map();

export const topFrame = (scope: Scope): Frame => ({ scope, outer: undefined, item: undefined, names: NO_NAMES });

export const withNames = (frame: Frame, names: ReadonlyMap<string, Json>): Frame => ({
  scope: frame.scope,
  outer: frame,
  item: undefined,
  names,
});

export const withItem = (frame: Frame, item: Json, names: ReadonlyMap<string, Json> = NO_NAMES): Frame => ({
  scope: frame.scope,
  outer: frame,
  item,
  names,
});

/** The item `levels` items further out; undefined if only the scope is left. */
export function itemAt(frame: Frame, levels: number): Json | undefined {
  let left = levels;
  for (let current: Frame | undefined = frame; current; current = current.outer) {
    if (current.item === undefined) continue;
    if (left === 0) return current.item;
    left -= 1;
  }
  return undefined;
}

export function nameAt(frame: Frame, name: string): Json | undefined {
  for (let current: Frame | undefined = frame; current; current = current.outer) {
    const value = current.names.get(name);
    if (value !== undefined) return value;
  }
  return undefined;
}
