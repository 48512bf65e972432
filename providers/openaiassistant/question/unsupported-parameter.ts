import { ThreadlineError } from 'threadline/provider';
import type { Ask } from './ask.ts';
import type { Server } from './server.ts';

type Droppable = 'temperature' | 'topP' | 'reasoningEffort' | 'parallelToolCalls';

/** What an API calls the field, and where it stands in the ask. */
const FIELDS: Record<string, Droppable> = {
  temperature: 'temperature',
  top_p: 'topP',
  reasoning_effort: 'reasoningEffort',
  reasoning: 'reasoningEffort',
  'reasoning.effort': 'reasoningEffort',
  parallel_tool_calls: 'parallelToolCalls',
};

/**
 * Takes the parameter that a server has just refused out of the ask; answers with its name, or undefined where the failure is
 * another one. What the limit of an answer is called is no wish of the author's: that is corrected in any case.
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
