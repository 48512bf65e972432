import type { EvaluationContext } from '../../plan/evaluation-context.ts';
import type { Json } from '../../shared/json/json.ts';

/** A function of expressions. The number of its arguments is within its arity. */
export interface ValueFunction {
  minArity: number;
  maxArity: number;
  /** Named arguments that Keep's server takes, and that say nothing here. */
  ignored?: readonly string[];
  /** Names of the parameters, if they can be given by name; a parameter that is not given is `undefined`. */
  parameters?: readonly string[];
  call(values: Json[], evaluation: EvaluationContext | undefined): Json;
}
