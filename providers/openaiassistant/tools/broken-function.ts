import { isObject, type JsonObject, ThreadlineError } from 'threadline/provider';
import type { FunctionTool } from './functions.ts';

/**
 * Failures that no other arguments would mend: the function is wrong as it is written, or what it needs is not there. A model
 * that was told would make something up about them, and nobody would learn of it.
 */
const AUTHORS_FAULTS = new Set<string>([
  ...['missing_value', 'missing_credentials', 'invalid_config', 'provider_not_found', 'file_not_found', 'blocked_target'],
  ...['invalid_workflow', 'recursion_limit', 'internal'],
]);

/** The failure of the step where a call failed by its author's fault; undefined where the model may do better. */
export function faultOfAuthor(tool: FunctionTool, args: JsonObject, thrown: unknown): ThreadlineError | undefined {
  // What other programs say is theirs.
  if (tool.isForeign || !(thrown instanceof ThreadlineError) || !AUTHORS_FAULTS.has(thrown.code)) return undefined;
  if (thrown.code === 'missing_value' && lacksOptional(tool, args)) return undefined;
  const { code, message, hint, details } = thrown;
  return new ThreadlineError(code, `Function \`${tool.name}\` cannot be run: ${message}`, {
    retryable: false,
    details: { ...details, function: tool.name },
    cause: thrown,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** Whether the model has left out an argument, which may be the one that is missing. */
const lacksOptional = ({ parameters: { properties } }: FunctionTool, args: JsonObject): boolean =>
  isObject(properties) && Object.keys(properties).some((name) => !Object.hasOwn(args, name));
