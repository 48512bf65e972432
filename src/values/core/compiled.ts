import type { Json } from '../../shared/json/json.ts';

/** The roots that a value can read: alert, steps, inputs … Only own properties are read. */
export type Scope = Readonly<Record<string, unknown>>;

/** A reference to a root. `optional` means that a missing value is not an error. */
export interface Reference {
  root: string;
  path: (string | number)[];
  offset: number;
  length: number;
  optional: boolean;
  /** The reference is iterated by `{{#each path}}` or `{{#path}}`. */
  isSection?: true;
  /** Kind that the enclosing expression requires: it compares with a number, counts, or reads a time. */
  meant?: 'number' | 'list' | 'time';
}

export interface SyntaxProblem {
  message: string;
  hint?: string;
  offset: number;
  length: number;
  code: 'template' | 'expression' | 'jinja' | 'function';
}

export interface Compiled {
  /** Throws ThreadlineError: missing_value, expression_failed; internal if there are problems. */
  evaluate(scope: Scope): Json;
  references: Reference[];
  problems: SyntaxProblem[];
  /** Names of the called functions. */
  calls: readonly string[];
  /** Every scope gives the same value. */
  constant: boolean;
}

/** A tag that puts a value into text. */
export interface OutputTag {
  offset: number;
  length: number;
  /** `{{{ }}}` or `{{& }}`. */
  isRaw: boolean;
  /** The function, such as `keep.encode`, whose call is all of the tag. */
  call: string | undefined;
}

export interface CompileOptions {
  /** Step names with dashes, such as `steps.get-pods.results`, which would otherwise be subtractions. */
  stepNames?: readonly string[];
  /** Roots that only some steps have. */
  roots?: readonly string[];
  /** Tells which roots are fields of a payload, as in a trigger's filter: a missing one is null. */
  isField?: (root: string) => boolean;
  /** As in CEL, the expression is false if a field that it reads is missing. In a tag, and beside `null`, the field is null. */
  falseIfMissing?: boolean;
  /** Conditions within the expression must be true or false, so that each part of a filter can be explained. */
  wantsBooleans?: boolean;
  /**
   * Applied to what each tag puts into surrounding text; not to a tag that is the whole value.
   */
  encode?: (text: string, tag: OutputTag) => string;
}
