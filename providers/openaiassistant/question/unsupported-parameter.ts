import { ThreadlineError } from 'threadline/provider';
import type { Ask } from './ask.ts';
import type { Server } from './server.ts';

type Droppable = 'temperature' | 'topP' | 'reasoningEffort' | 'parallelToolCalls';

/** An API's name of a parameter → the field of the ask. */
const FIELDS: Record<string, Droppable> = {
  temperature: 'temperature',
  top_p: 'topP',
  reasoning_effort: 'reasoningEffort',
  reasoning: 'reasoningEffort',
  'reasoning.effort': 'reasoningEffort',
  parallel_tool_calls: 'parallelToolCalls',
};

/**
 * Takes the parameter that a server has just refused out of the ask, and returns its name; undefined where the failure is
 * another one. The name of the limit of an answer is not the author's choice: it is corrected even where nothing may be left out.
 */
export function withoutParameter(ask: Ask, thrown: unknown, { can }: Server, isLenient: boolean): string | undefined {
  if (!(thrown instanceof ThreadlineError) || thrown.code !== 'bad_request') return undefined;
  const { api_code: code, param } = thrown.details ?? {};
  if ((code !== 'unsupported_parameter' && code !== 'unsupported_value') || typeof param !== 'string') return undefined;
  if (param === 'max_tokens' && !can.max_completion_tokens) {
    can.max_completion_tokens = true;
    return param;
  }
  const field = FIELDS[param];
  if (!isLenient || field === undefined || ask[field] === undefined) return undefined;
  ask[field] = undefined;
  return param;
}
