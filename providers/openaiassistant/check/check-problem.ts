import type { ParamsProblem } from 'threadline/provider';
import type { SchemaIssue } from 'threadline/runtime';

export type ParamPath = (string | number)[];

export const isTemplate = (value: unknown): boolean => typeof value === 'string' && value.includes('{{');

/** An issue inside of a schema, as a problem of the parameters that hold it. */
export function problemOf({ code, path, message, hint }: SchemaIssue, before: ParamPath): ParamsProblem {
  const onKey = code === 'unknown-key' || code === 'missing-key';
  const subject = path.findLast((step) => typeof step === 'string');
  return {
    path: [...before, ...path],
    message: onKey || subject === undefined ? message : `\`${subject}\` ${message}`,
    ...(onKey ? { part: 'key' } : {}),
    ...(hint ? { hint } : {}),
  };
}
