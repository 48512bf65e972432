import type { JsonObject } from '../../shared/json/json.ts';
import { badRequest } from '../base/api-error.ts';
import {
  boolean,
  type Check,
  checkParameters,
  decimal,
  integer,
  list,
  metadata,
  shape,
  text,
  variant,
  word,
} from '../check/checks.ts';
import { MAXIMUM_TOOLS, reasoningEffort } from '../check/model-parameters.ts';
import { attachmentTool, responseFormat, tool, toolChoice, toolResources } from './tool-checks.ts';

const TEXT_LENGTH = 256_000;
const MAXIMUM_TOOLS_OF_RUN = 20;
const MINIMUM_TOKENS = 256;

const url: Check = (value, param) => {
  text()(value, param);
  if (URL.canParse(String(value))) return;
  throw badRequest(`Invalid '${param}'. Expected a valid URL, but got a value with an invalid format.`, param, 'invalid_value');
};

const detail = word('auto', 'low', 'high');

const part = variant({
  text: shape({ text: text(TEXT_LENGTH) }, ['text']),
  image_url: shape({ image_url: shape({ url, detail }, ['url']) }, ['image_url']),
  image_file: shape({ image_file: shape({ file_id: text(), detail }, ['file_id']) }, ['image_file']),
});

const content: Check = (value, param) => {
  if (value === '' || (Array.isArray(value) && value.length === 0)) {
    throw badRequest('Message content must be non-empty.', param, 'invalid_value');
  }
  if (typeof value === 'string') text(TEXT_LENGTH)(value, param);
  else list(part)(value, param);
};

const MESSAGE: Record<string, Check> = {
  role: word('user', 'assistant'),
  content,
  attachments: list(shape({ file_id: text(), tools: list(attachmentTool) }, ['file_id', 'tools'])),
  metadata,
};
const REQUIRED_OF_MESSAGES = ['role', 'content'];
const message = shape(MESSAGE, REQUIRED_OF_MESSAGES);

const THREAD: Record<string, Check> = { metadata, tool_resources: toolResources };
const NEW_THREAD = { ...THREAD, messages: list(message) };

/** Parameters of an assistant, which a run can override. */
const MODEL: Record<string, Check> = {
  instructions: text(TEXT_LENGTH),
  metadata,
  model: text(),
  reasoning_effort: reasoningEffort,
  response_format: responseFormat,
  temperature: decimal(0, 2),
  top_p: decimal(0, 1),
};

const ASSISTANT: Record<string, Check> = {
  ...MODEL,
  name: text(256),
  description: text(512),
  tools: list(tool, MAXIMUM_TOOLS),
  tool_resources: toolResources,
};

const RUN: Record<string, Check> = {
  ...MODEL,
  assistant_id: text(),
  max_completion_tokens: integer(MINIMUM_TOKENS),
  max_prompt_tokens: integer(MINIMUM_TOKENS),
  parallel_tool_calls: boolean,
  stream: boolean,
  tool_choice: toolChoice,
  tools: list(tool, MAXIMUM_TOOLS_OF_RUN),
  truncation_strategy: variant({
    auto: shape({ last_messages: integer(1) }),
    last_messages: shape({ last_messages: integer(1) }, ['last_messages']),
  }),
};

const OUTPUT = shape({ tool_call_id: text(), output: text() });

export const checkCreateAssistant = (body: JsonObject): void => checkParameters(body, ASSISTANT, ['model']);
export const checkUpdateAssistant = (body: JsonObject): void => checkParameters(body, ASSISTANT);
export const checkCreateThread = (body: JsonObject): void => checkParameters(body, NEW_THREAD);
export const checkUpdateThread = (body: JsonObject): void => checkParameters(body, THREAD);
export const checkCreateMessage = (body: JsonObject): void => checkParameters(body, MESSAGE, REQUIRED_OF_MESSAGES);
export const checkMetadata = (body: JsonObject): void => checkParameters(body, { metadata });

export const checkCreateRun = (body: JsonObject): void =>
  checkParameters(body, { ...RUN, additional_instructions: text(TEXT_LENGTH), additional_messages: list(message) }, [
    'assistant_id',
  ]);

export const checkCreateThreadAndRun = (body: JsonObject): void =>
  checkParameters(body, { ...RUN, thread: shape(NEW_THREAD), tool_resources: toolResources }, ['assistant_id']);

export const checkSubmitToolOutputs = (body: JsonObject): void =>
  checkParameters(body, { tool_outputs: list(OUTPUT), stream: boolean }, ['tool_outputs']);
