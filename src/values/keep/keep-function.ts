import type { EvaluationContext } from '../../plan/evaluation-context.ts';
import type { Json, JsonObject } from '../../shared/json/json.ts';
import type { ValueFunction } from '../core/value-function.ts';

/** What functions may ask in an example. Times are ISO 8601. */
interface ExampleContext {
  now: string;
  firingSince?: string;
  previousFiring?: string;
}

interface Example {
  template: string;
  scope: JsonObject;
  result: Json;
  evaluation?: ExampleContext;
}

/** One of Keep's functions: how it is called, what it gives, and where that is not what Keep gives. */
export interface KeepFunction extends ValueFunction {
  /** `keep.join` */
  name: string;
  /** `keep.join(iterable, delimiter=',', prefix=None)` */
  signature: string;
  parameters: readonly string[];
  description: string;
  example: Example;
  /** A sentence on what Keep does otherwise. */
  difference?: string;
}

interface About {
  description: string;
  example: Example;
  difference?: string;
}

/** One row of the table. Names and number of the arguments are read from the signature; `...more` takes any number. */
export function keepFunction(signature: string, about: About, call: ValueFunction['call']): KeepFunction {
  const open = signature.indexOf('(');
  const declared = signature.slice(open + 1, -1).match(/[\w.]+(?:=(?:\([^)]*\)|[^,]*))?/g) ?? [];
  const parameters = declared.filter((parameter) => !parameter.startsWith('...'));
  return {
    name: `keep.${signature.slice(0, open)}`,
    signature: `keep.${signature}`,
    parameters: parameters.map((parameter) => parameter.replace(/=.*/, '')),
    minArity: parameters.filter((parameter) => !parameter.includes('=')).length,
    maxArity: parameters.length < declared.length ? Number.POSITIVE_INFINITY : parameters.length,
    call,
    ...about,
  };
}

/** The evaluation that an example is computed in. */
export function exampleContext({ evaluation }: Example): EvaluationContext | undefined {
  if (!evaluation) return undefined;
  const msOf = (text: string | undefined) => (text === undefined ? undefined : Date.parse(text));
  return {
    now: () => Date.parse(evaluation.now),
    alerts: { firingSince: () => msOf(evaluation.firingSince), previousFiring: () => msOf(evaluation.previousFiring) },
  };
}
