import type { ParamsProblem, SchemaIssue } from 'threadline/provider';

export type Path = (string | number)[];

export const isTemplate = (value: unknown): boolean => typeof value === 'string' && value.includes('{{');

/** What is wrong inside a schema, as a problem of the parameters that it stands in. */
export const problemOf = ({ path, message, hint }: SchemaIssue, before: Path): ParamsProblem => ({
  path: [...before, ...path],
  message: `${path.length > 0 ? `\`${path.at(-1)}\` ` : ''}${message}`,
  ...(hint ? { hint } : {}),
});
