/** Parameters that Chat Completions and Responses share. */
import { missing } from '../base/api-error.ts';
import { boolean, type Check, decimal, integer, metadata, object, objectOr, objectWith, text, word } from './checks.ts';

export const MAXIMUM_TOOLS = 128;

/** Types of a response format. */
export const FORMATS = ['text', 'json_object', 'json_schema'];

export const TOOL_CHOICES = ['none', 'auto', 'required'];

export const reasoningEffort = word('none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max');

/** Valid forms of a tool choice; the check of the tools tests that the tool is offered. */
export const toolChoice = objectOr(
  objectWith(({ type }, param) => {
    if (type === undefined) throw missing(`${param}.type`);
    text()(type, `${param}.type`);
  }),
  word(...TOOL_CHOICES),
);

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
