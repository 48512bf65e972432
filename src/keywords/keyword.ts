import type { TextReference, Value, Wrap } from '../plan/plan.ts';
import type { Json, JsonObject } from '../shared/json/json.ts';
import type { TSchema } from '../shared/schema/schema.ts';

type Path = (string | number)[];
type Wants = NonNullable<TextReference['wants']>;

/** Compiles the parts of a step that hold templates; mistakes are reported at their place in the file. */
export interface KeywordCompiler {
  /** A string with `{{ }}`, or a tree of such strings; `wants` says what it must give, for results that are made up. */
  value(path: Path, wants?: Wants): Value;
  /** A condition. */
  expression(path: Path, wants?: Wants): Value;
  /** The values that `&&` joins in a text such as `{{ a }} && {{ b }}`, without the space around them; one, unless `isPaired`. */
  pairs(path: Path, isPaired: boolean, wants: Wants): Value[];
  /**
   * What a step writes of its own results: an expression when it begins with `results`, a template otherwise. `isLate` when
   * it reads them, so that it can only be computed once the step has run.
   */
  ofResults(path: Path): { value: Value; isLate: boolean };
  problem(path: Path, message: string, hint?: string): void;
  /** That Keep would do something else. */
  difference(path: Path, message: string, hint?: string): void;
}

export interface Flag {
  /** The name under `steps.NAME.conditions`; undefined where that is not written yet. */
  name: string | undefined;
  /** The bare name that later steps read it by, and where the step says so. */
  readAs: { name: string; path: Path } | undefined;
}

/** Names under a root; undefined where any name may stand. */
export type Roots = Readonly<Record<string, ReadonlySet<string> | undefined>>;

export interface KeywordEffect {
  wrap?: Wrap;
  /** Roots that the step's templates can read inside of this keyword. */
  roots?: Roots;
  /** Fields that it adds to a root, which may be there already. */
  fields?: Readonly<Record<string, readonly string[]>>;
  needs?: string[];
  toleratesFailure?: boolean;
  endsList?: boolean;
  /** Error codes that it names, of Threadline or of a provider. */
  errorCodes?: { code: string; path: Path }[];
  /** It needs the store of alerts. */
  usesAlerts?: boolean;
}

/**
 * A step keyword: the keys that it owns in YAML, and what they do to the step.
 * - `compile` is called only when at least one of the keys is there, and with a step that fits the schemas;
 * - the wrap holds no state between runs: a plan is compiled once and run many times.
 */
export interface Keyword {
  keys: Record<string, TSchema>;
  /** The root that it adds to what the step's templates read, and the key that fills it. */
  root?: { name: string; key: string };
  /**
   * The step runs once for each item of the root's key, which holds the list itself or what the items are combined from: its
   * results are a list, and an item is as trustworthy as what the key says.
   */
  iterates?: 'list' | 'combinations';
  /** Results of its own that later steps read. */
  flags?(step: JsonObject): Flag[];
  /** It says nothing of a step that stands alone, such as the handler of a failure. */
  needsSiblings?: true;
  /** The keys that may stand in `defaults:` of the workflow. */
  defaults?: Record<string, TSchema>;
  /** What other tools call its keys, and the key that is meant. */
  otherNames?: Readonly<Record<string, string>>;
  /** Keys that it owns in the `with:` of the step's provider, which does not see them. */
  withKeys?: Record<string, TSchema>;
  compile(step: JsonObject, compiler: KeywordCompiler): KeywordEffect;
}

export const asStrings = (value: Json | undefined): string[] =>
  value === undefined ? [] : [value].flat().filter((item): item is string => typeof item === 'string');
