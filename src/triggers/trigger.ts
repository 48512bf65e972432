import type { TriggerPlan } from '../plan/trigger-plan.ts';
import type { DataPath, JsonObject } from '../shared/json/json.ts';
import type { TSchema } from '../shared/schema/schema.ts';

/** A piece of a string of the file. */
interface Piece {
  offset: number;
  length: number;
}

interface TriggerProblem {
  message: string;
  hint?: string;
  severity?: 'warning';
  code?: 'invalid-value' | 'missing-key' | 'expression' | 'template' | 'function' | 'jinja' | 'keep-difference';
}

/** Reports the mistakes in a trigger. Paths begin at the trigger. */
export interface TriggerCompiler {
  problem(path: DataPath, problem: TriggerProblem, part?: 'key' | 'value' | Piece): void;
  /** Reports that Keep behaves differently with the same file. */
  keepDifference(path: DataPath, message: string, hint: string): void;
  /** `file:line:column`. */
  place(path: DataPath, piece?: Piece): string;
}

/**
 * A kind of trigger: the keys that it takes in YAML, and which events it lets start the workflow.
 * - `compile` may be called with keys of the wrong type, which the schema check has reported.
 * - a plan holds no state between events: it is compiled once and asked often.
 */
export interface Trigger {
  type: string;
  /** A closed object whose `type` is this one. */
  schema: TSchema;
  /** The roots that it fills for templates. */
  roots: readonly ('alert' | 'event' | 'incident')[];
  /** Names that people write for other keys, with the right key. */
  misspelt?: Readonly<Record<string, string>>;
  compile(trigger: JsonObject, compiler: TriggerCompiler): TriggerPlan;
}
