import type { Json, JsonObject } from '../json.ts';
import type { Value, Wrap } from '../plan.ts';
import type { TSchema } from '../schema.ts';

/** Compiles the parts of a step that hold templates; mistakes are reported at their place in the file. */
export interface KeywordCompiler {
  /** A string with `{{ }}`, or a tree of such strings. */
  value(path: (string | number)[], options?: { roots?: string[] }): Value;
  /** A condition. */
  expression(path: (string | number)[], options?: { roots?: string[] }): Value;
  problem(path: (string | number)[], message: string, hint?: string): void;
}

export interface KeywordEffect {
  wrap?: Wrap;
  needs?: string[];
  toleratesFailure?: boolean;
}

/**
 * A step keyword: the keys that it owns in YAML, and what they do to the step.
 * - `compile` is called only when at least one of the keys is there, and with a step that fits the schemas;
 * - the wrap holds no state between runs: a plan is compiled once and run many times.
 */
export interface Keyword {
  keys: Record<string, TSchema>;
  /** Roots that this keyword adds to what the step's templates may read. */
  roots?: string[];
  compile(step: JsonObject, compiler: KeywordCompiler): KeywordEffect;
}

export const asStrings = (value: Json | undefined): string[] =>
  value === undefined ? [] : [value].flat().filter((item): item is string => typeof item === 'string');
