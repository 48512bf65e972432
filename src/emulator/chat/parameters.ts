import { isObject, type Json, type JsonObject } from '../../shared/json/json.ts';
import { badRequest, missing } from '../base/api-error.ts';
import { anything, boolean, type Check, checkParameters, decimal, integer, list, object, text, word } from '../check/checks.ts';
import { checkFunction, checkNamedSchema } from '../check/declarations.ts';
import { effort, MAXIMUM_TOOLS, MODEL_PARAMETERS } from '../check/model-parameters.ts';

const MAXIMUM_STOPS = 4;
const ROLES = ['system', 'developer', 'user', 'assistant', 'tool', 'function'];
const PARTS = ['text', 'image_url', 'input_audio', 'file', 'refusal'];

const message: Check = (value, param) => {
  object(value, param);
  if (!isObject(value)) return;
  if (value.role === undefined) throw missing(`${param}.role`);
  word(...ROLES)(value.role, `${param}.role`);
  if (value.role === 'tool' && typeof value.tool_call_id !== 'string') throw missing(`${param}.tool_call_id`);
  if (value.tool_calls !== undefined) list(toolCall)(value.tool_calls, `${param}.tool_calls`);
  checkContent(value, param);
};

const toolCall: Check = (value, param) => {
  object(value, param);
  if (!isObject(value)) return;
  for (const key of ['id', 'type', 'function']) if (value[key] === undefined) throw missing(`${param}.${key}`);
};

function checkContent({ role, content, tool_calls: calls }: JsonObject, param: string): void {
  if (Array.isArray(content)) list(part)(content, `${param}.content`);
  else if (typeof content !== 'string' && !(role === 'assistant' && Array.isArray(calls)))
    throw badRequest(`Invalid value for 'content': expected a string, got null.`, `${param}.content`, 'invalid_type');
}

const part: Check = (value, param) => {
  object(value, param);
  if (!isObject(value)) return;
  if (value.type === undefined) throw missing(`${param}.type`);
  word(...PARTS)(value.type, `${param}.type`);
  if (value.type === 'image_url' && !isObject(value.image_url)) throw missing(`${param}.image_url`);
};

const tool: Check = (value, param) => {
  object(value, param);
  if (!isObject(value)) return;
  word('function', 'custom')(value.type ?? null, `${param}.type`);
  if (value.type !== 'function') return;
  if (!isObject(value.function)) throw missing(`${param}.function`);
  checkFunction(value.function, `${param}.function`);
};

const responseFormat: Check = (value, param) => {
  object(value, param);
  if (!isObject(value)) return;
  word('text', 'json_object', 'json_schema')(value.type ?? null, `${param}.type`);
  if (value.type !== 'json_schema') return;
  if (!isObject(value.json_schema)) throw missing(`${param}.json_schema`);
  checkNamedSchema(value.json_schema, `${param}.json_schema`);
};

const stop: Check = (value, param) => (typeof value === 'string' ? undefined : list(text(), MAXIMUM_STOPS)(value, param));

const CREATE: Record<string, Check> = {
  ...MODEL_PARAMETERS,
  audio: object,
  frequency_penalty: decimal(-2, 2),
  function_call: anything,
  functions: list(object, MAXIMUM_TOOLS),
  logit_bias: object,
  logprobs: boolean,
  max_completion_tokens: integer(1),
  max_tokens: integer(1),
  messages: list(message),
  modalities: list(text()),
  n: integer(1, 1),
  prediction: object,
  presence_penalty: decimal(-2, 2),
  reasoning_effort: effort,
  response_format: responseFormat,
  seed: integer(),
  stop,
  tools: list(tool, MAXIMUM_TOOLS),
  verbosity: word('low', 'medium', 'high'),
  web_search_options: object,
};

export function checkCreateCompletion(body: JsonObject): void {
  checkParameters(body, CREATE, ['model', 'messages']);
  if (Array.isArray(body.messages) && body.messages.length === 0)
    throw badRequest("Invalid 'messages': empty array. Expected an array with minimum length 1.", 'messages', 'empty_array');
  checkDependence(body);
  if (Array.isArray(body.messages)) checkToolPairs(body.messages.filter(isObject));
}

/** Parameters that require another parameter. */
function checkDependence({ stream, stream_options: streamOptions, tools, tool_choice: choice, ...body }: JsonObject): void {
  if (streamOptions && stream !== true)
    throw badRequest("The 'stream_options' parameter is only allowed when 'stream' is enabled.", 'stream_options');
  const offered = Array.isArray(tools) ? tools.filter(isObject) : [];
  if (offered.length === 0 && tools) throw badRequest("Invalid 'tools': empty array.", 'tools', 'empty_array');
  for (const name of ['tool_choice', 'parallel_tool_calls'])
    if ((name === 'tool_choice' ? choice : body[name]) !== undefined && offered.length === 0)
      throw badRequest(`'${name}' is only allowed when 'tools' are specified.`, name);
  const wanted = isObject(choice) && isObject(choice.function) ? choice.function.name : undefined;
  const names = offered.map(({ function: one }) => (isObject(one) ? one.name : undefined));
  if (wanted !== undefined && !names.includes(wanted))
    throw badRequest(`Tool choice '${String(wanted)}' not found in 'tools' parameter.`, 'tool_choice');
}

/** Checks that outputs directly follow the message with their calls, for every call and every output. */
function checkToolPairs(messages: JsonObject[]): void {
  let open: string[] = [];
  for (const [index, { role, tool_calls: calls, tool_call_id: id }] of messages.entries()) {
    if (role === 'tool') {
      if (!open.includes(String(id)))
        throw badRequest(
          "Invalid parameter: messages with role 'tool' must be a response to a preceding message with 'tool_calls'.",
          `messages.[${index}].role`,
        );
      open = open.filter((call) => call !== id);
      continue;
    }
    throwIfOpen(open, index);
    open = Array.isArray(calls) ? calls.filter(isObject).map((call) => String(call.id)) : [];
  }
  throwIfOpen(open, messages.length);
}

function throwIfOpen(open: string[], index: number): void {
  if (open.length === 0) return;
  const message = `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${open.join(', ')}`;
  throw badRequest(message, `messages.[${index}].role`);
}

/** The joined text parts of a message. */
export function textOfMessage({ content }: JsonObject): string {
  if (typeof content === 'string') return content;
  const parts: Json[] = Array.isArray(content) ? content : [];
  return parts.map((one) => (isObject(one) && typeof one.text === 'string' ? one.text : '')).join('');
}
