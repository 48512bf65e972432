import type { EvaluationContext } from '../../plan/evaluation-context.ts';
import type { Json } from '../../shared/json/json.ts';

/** A function that expressions can call. It gets as many values as its arity allows. */
export interface ValueFunction {
  minArity: number;
  maxArity: number;
  /** Names of its parameters, for those that can be given by name; `undefined` stands for what was not given. */
  parameters?: readonly string[];
  call(values: Json[], evaluation: EvaluationContext | undefined): Json;
}
