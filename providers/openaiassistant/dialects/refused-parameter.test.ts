import { expect, test } from '@jest/globals';
import { refusedParameter } from './refused-parameter.ts';

test.each([
  ["Unknown parameter: 'stream_options'.", 'stream_options'],
  ['Unrecognized request arguments supplied: reasoning_effort, parallel_tool_calls', 'reasoning_effort'],
  [
    "Unsupported value: 'reasoning_effort' does not support 'minimal' with this model. Supported values are: 'low'.",
    'reasoning_effort',
  ],
  ['max_tokens is not supported with this model, use max_completion_tokens', 'max_tokens'],
  ['temperature is not supported for reasoning models', 'temperature'],
  ['Parameter: temperature not supported', 'temperature'],
  ["The 'response_format' parameter is not supported by this model", 'response_format'],
  ['json_schema response format is not supported', 'response_format'],
  ['response_format value as json_schema is enabled only for api versions 2024-08-01-preview and later', 'response_format'],
  ['This model does not support response format `json_schema`.', 'response_format'],
  ['json mode cannot be combined with tool/function calling', 'response_format'],
  ["Function calling with a response mime type: 'application/json' is unsupported", 'response_format'],
  ["This model doesn't support the toolConfig.toolChoice.any field. Remove it and try again.", 'tool_choice'],
  ["This model doesn't support tool use in streaming mode.", 'tools'],
  ['`tool calling` is not supported with this model', 'tools'],
  [
    "litellm.UnsupportedParamsError: openai does not support parameters: ['reasoning_effort'], for model=gpt-4o.",
    'reasoning_effort',
  ],
  ['litellm.BadRequestError: AnthropicException - temperature: Extra inputs are not permitted', 'temperature'],
  ["Extra inputs are not permitted, field: 'stream_options'", 'stream_options'],
  ['`temperature` may only be set to 1 when thinking is enabled.', 'temperature'],
  ['Argument not supported on this model: reasoningEffort', 'reasoning_effort'],
  ['Invalid JSON payload received. Unknown name "parallel_tool_calls": Cannot find field.', 'parallel_tool_calls'],
  ["property 'body.stream_options' is unsupported", 'stream_options'],
  ["Additional properties are not allowed ('strict' was unexpected) - 'tools.0.function'", 'strict'],
  ['Encrypted content is not supported with this model.', 'include'],
  ['deepseek-reasoner does not support this tool_choice', 'tool_choice'],
  ['The tool_choice parameter does not support being set to required or object in thinking mode', 'tool_choice'],
  ['1 validation error for ChatCompletionRequest\nparallel_tool_calls\n  Extra inputs are not permitted', 'parallel_tool_calls'],
  ['Background mode is not enabled.', 'background'],
])('%s: %s', (words, name) => {
  expect(refusedParameter({ status: 400, words })).toBe(name);
  expect(refusedParameter({ status: 400, words: `The API answered 400: ${words}` })).toBe(name);
  expect(refusedParameter({ status: 500, words })).toBeUndefined();
});

test.each([
  '`temperature` and `top_p` cannot both be specified for this model. Please use only one.',
  "Unsupported value: 'messages[0].role' does not support 'system' with this model.",
  "Invalid 'max_tokens': integer below minimum value. Expected a value >= 1.",
  'max_tokens must be at least 1, got 0.',
  'This model does not support image input.',
  'The model `gpt-5-tools` does not exist or you do not have access to it.',
  "Invalid schema for function 'temperature': In context=('properties', 'unit'), 'default' is not permitted.",
  'messages: roles must alternate between "user" and "assistant"',
  'Could not parse the answer: the tools of host db-1 are not supported any more, says the alert.',
])('names no parameter that was refused: %s', (words) => {
  expect(refusedParameter({ status: 400, words })).toBeUndefined();
});
