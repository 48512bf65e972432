import type { TextReference, Value, Wrap } from '../plan/plan.ts';
import type { DataPath, Json, JsonObject } from '../shared/json/json.ts';
import type { TSchema } from '../shared/schema/schema.ts';

type Wants = NonNullable<TextReference['wants']>;

/** Compiles the parts of a step that hold templates; mistakes are reported at their place in the file. */
export interface KeywordCompiler {
  /** Compiles a string with `{{ }}`, or a tree of such strings. `wants` is the required kind of value, for inferred results. */
  value(path: DataPath, wants?: Wants): Value;
  expression(path: DataPath, wants?: Wants): Value;
  /** Compiles the trimmed operands of `&&` in a text such as `{{ a }} && {{ b }}`; a single value unless `isPaired`. */
  pairs(path: DataPath, isPaired: boolean, wants: Wants): Value[];
  /**
   * Compiles a value that may read the step's own results: an expression if it begins with `results`, else a template.
   * `isLate` tells that it reads the results, so that it can be computed only after the step.
   */
  ofResults(path: DataPath): { value: Value; isLate: boolean };
  problem(path: DataPath, message: string, hint?: string): void;
  /** Reports that Keep behaves differently. */
  difference(path: DataPath, message: string, hint?: string): void;
}

export interface Flag {
  /** Name under `steps.NAME.conditions`; undefined if the workflow does not give it yet. */
  name: string | undefined;
  /** Root name that later steps read the result by, and its place in the file. */
  readAs: { name: string; path: DataPath } | undefined;
}

/** Names under each root; undefined allows any name. */
export type Roots = Readonly<Record<string, ReadonlySet<string> | undefined>>;

export interface KeywordEffect {
  wrap?: Wrap;
  /** Roots that the step's templates can read inside this keyword. */
  roots?: Roots;
  /** Fields that the keyword adds to roots, new or existing. */
  fields?: Readonly<Record<string, readonly string[]>>;
  needs?: string[];
  toleratesFailure?: boolean;
  endsList?: boolean;
  /** Error codes that the keyword refers to, of Threadline or of a provider. */
  errorCodes?: { code: string; path: DataPath }[];
  /** The keyword needs the alert store. */
  usesAlerts?: boolean;
}

/**
 * A step keyword: its YAML keys, and their effect on the step.
 * - `compile` is called only when at least one of the keys is present, and with a step that fits the schemas;
 * - the wrap holds no state between runs: a plan is compiled once and run many times.
 */
export interface Keyword {
  keys: Record<string, TSchema>;
  /** Root that the keyword adds to the scope of the step's templates, and the key that fills it. */
  root?: { name: string; key: string };
  /**
   * The step runs once for each item of the root's key, which holds the list itself or the lists to combine. The step's
   * results are a list, and an item is as trustworthy as the value of the key.
   */
  iterates?: 'list' | 'combinations';
  /** Results of the keyword that later steps can read. */
  flags?(step: JsonObject): Flag[];
  /** The keyword has no meaning for a step without siblings, such as the failure handler. */
  needsSiblings?: true;
  /** Keys that the workflow's `defaults:` may contain. */
  defaults?: Record<string, TSchema>;
  /** Names that other tools give to these keys, with the right key. */
  otherNames?: Readonly<Record<string, string>>;
  /** Keys of the keyword in the `with:` of the step's provider; the provider does not get them. */
  withKeys?: Record<string, TSchema>;
  compile(step: JsonObject, compiler: KeywordCompiler): KeywordEffect;
}

export const asStrings = (value: Json | undefined): string[] =>
  value === undefined ? [] : [value].flat().filter((item): item is string => typeof item === 'string');
