/** Parameters that Chat Completions and Responses share. */
import { isObject } from '../../shared/json/json.ts';
import { boolean, type Check, decimal, integer, metadata, object, text, word } from './checks.ts';

export const MAXIMUM_TOOLS = 128;

export const effort = word('none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max');

/** Valid forms of a tool choice; the check of the tools tests that the tool is offered. */
export const toolChoice: Check = (value, param) => {
  if (isObject(value)) return text()(value.type ?? null, `${param}.type`);
  word('none', 'auto', 'required')(value, param);
};

export const MODEL_PARAMETERS: Record<string, Check> = {
  metadata,
  model: text(),
  moderation: object,
  parallel_tool_calls: boolean,
  prompt_cache_key: text(),
  prompt_cache_options: object,
  prompt_cache_retention: word('in_memory', '24h'),
  safety_identifier: text(64),
  service_tier: word('auto', 'default', 'flex', 'scale', 'priority', 'fast', 'ultrafast'),
  store: boolean,
  stream: boolean,
  stream_options: object,
  temperature: decimal(0, 2),
  tool_choice: toolChoice,
  top_logprobs: integer(0, 20),
  top_p: decimal(0, 1),
  user: text(),
};
