import type { Json } from '../../shared/json/json.ts';

/** The roots that a value can read: alert, steps, inputs … Own properties only are ever looked at. */
export type Scope = Readonly<Record<string, unknown>>;

/** A place in the text that reads from a root. `optional`: written so that a missing value is no error. */
export interface Reference {
  root: string;
  path: (string | number)[];
  offset: number;
  length: number;
  optional: boolean;
  /** Its items are gone through, by `{{#each path}}` or `{{#path}}`. */
  isSection?: true;
  /** What it must be for the expression around it: compared with a number, counted, or read as a time. */
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
  /** The names of the functions that it calls. */
  calls: readonly string[];
  /** Whether every scope gives the same value. */
  constant: boolean;
}

export interface CompileOptions {
  /** Names with dashes, which expressions could not tell from subtraction: `steps.get-pods.results`. */
  stepNames?: readonly string[];
  /** Roots besides those that every workflow has: of some steps only. */
  roots?: readonly string[];
  /**
   * The roots are the fields of a payload, as in a trigger's filter: one that is missing is null, and a list equals text
   * that it holds.
   */
  scopeIsPayload?: boolean;
  /**
   * Applied to what each `{{ }}` puts into surrounding text; not to `{{{ }}}`, nor to a tag that is the whole value.
   * `offset` is where the tag stands.
   */
  encode?: (text: string, offset: number) => string;
}
