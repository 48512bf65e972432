import type { EvaluationContext } from '../../plan/evaluation-context.ts';
import type { Json, JsonObject } from '../../shared/json/json.ts';
import type { ValueFunction } from '../core/value-function.ts';

/** Evaluation context of an example. Times are ISO 8601. */
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

/** A function of Keep: its signature, its result, and the difference from Keep. */
export interface KeepFunction extends ValueFunction {
  /** `keep.join` */
  name: string;
  /** `keep.join(iterable, delimiter=',', prefix=None)` */
  signature: string;
  parameters: readonly string[];
  description: string;
  example: Example;
  /** A sentence on the difference from Keep. */
  difference?: string;
}

interface About {
  description: string;
  example: Example;
  difference?: string;
  ignored?: readonly string[];
}

/** Makes a row of the table. The signature gives the names and number of arguments; `...more` allows any number. */
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

/** Makes the evaluation context of an example. */
export function exampleContext({ evaluation }: Example): EvaluationContext | undefined {
  if (!evaluation) return undefined;
  const msOf = (text: string | undefined) => (text === undefined ? undefined : Date.parse(text));
  return {
    now: () => Date.parse(evaluation.now),
    alerts: { firingSince: () => msOf(evaluation.firingSince), previousFiring: () => msOf(evaluation.previousFiring) },
  };
}
