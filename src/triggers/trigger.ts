import type { TriggerPlan } from '../plan/trigger-plan.ts';
import type { JsonObject } from '../shared/json/json.ts';
import type { TSchema } from '../shared/schema/schema.ts';

export type Path = readonly (string | number)[];

/** A piece of a string of the file. */
interface Piece {
  offset: number;
  length: number;
}

interface TriggerProblem {
  message: string;
  hint?: string;
  code?: 'invalid-value' | 'missing-key' | 'expression' | 'template' | 'function' | 'jinja' | 'keep-difference';
}

/** Where a trigger says what is wrong with it. Paths begin at the trigger. */
export interface TriggerCompiler {
  problem(path: Path, problem: TriggerProblem, part?: 'key' | 'value' | Piece): void;
  /** What Keep would do differently with the same file. */
  keepDifference(path: Path, message: string, hint: string): void;
  /** `file:line:column`. */
  place(path: Path, piece?: Piece): string;
}

/**
 * A kind of trigger: the keys that it takes in YAML, and which events it lets start the workflow.
 * - `compile` may be called with keys of the wrong type: the schema has reported those.
 * - a plan holds no state between events: it is compiled once and asked often.
 */
export interface Trigger {
  type: string;
  /** A closed object whose `type` is this one. */
  schema: TSchema;
  /** The roots that it fills for templates. */
  roots: readonly ('alert' | 'event' | 'incident')[];
  /** Keys that it does not take and that people write: what they mean here. */
  misspelt?: Readonly<Record<string, string>>;
  compile(trigger: JsonObject, compiler: TriggerCompiler): TriggerPlan;
}
