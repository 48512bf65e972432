import { isObject, type JsonObject } from '../../shared/json/json.ts';
import { badRequest, missing, toolNotOffered } from '../base/api-error.ts';
import { objectsIn } from '../base/request-json.ts';
import {
  anything,
  boolean,
  type Check,
  checkParameters,
  checkWord,
  decimal,
  integer,
  list,
  object,
  objectWith,
  text,
  textOr,
  word,
} from '../check/checks.ts';
import { checkFunction, checkNamedSchema } from '../check/declarations.ts';
import { FORMATS, MAXIMUM_TOOLS, MODEL_PARAMETERS, reasoningEffort } from '../check/model-parameters.ts';

const MAXIMUM_STOPS = 4;
const ROLES = ['system', 'developer', 'user', 'assistant', 'tool', 'function'];
const PARTS = ['text', 'image_url', 'input_audio', 'file', 'refusal'];

const toolCall = objectWith((value, param) => {
  for (const key of ['id', 'type', 'function']) if (value[key] === undefined) throw missing(`${param}.${key}`);
});

const message = objectWith((value, param) => {
  checkWord(value, 'role', ROLES, param);
  if (value.role === 'tool' && typeof value.tool_call_id !== 'string') throw missing(`${param}.tool_call_id`);
  if (value.tool_calls !== undefined) list(toolCall)(value.tool_calls, `${param}.tool_calls`);
  checkContent(value, param);
});

function checkContent({ role, content, tool_calls: calls }: JsonObject, param: string): void {
  if (Array.isArray(content)) list(part)(content, `${param}.content`);
  else if (typeof content !== 'string' && !(role === 'assistant' && Array.isArray(calls)))
    throw badRequest(`Invalid value for 'content': expected a string, got null.`, `${param}.content`, 'invalid_type');
}

const part = objectWith((value, param) => {
  checkWord(value, 'type', PARTS, param);
  if (value.type === 'image_url' && !isObject(value.image_url)) throw missing(`${param}.image_url`);
});

const tool = objectWith((value, param) => {
  checkWord(value, 'type', ['function', 'custom'], param);
  if (value.type !== 'function') return;
  if (!isObject(value.function)) throw missing(`${param}.function`);
  checkFunction(value.function, `${param}.function`);
});

const responseFormat = objectWith((value, param) => {
  checkWord(value, 'type', FORMATS, param);
  if (value.type !== 'json_schema') return;
  if (!isObject(value.json_schema)) throw missing(`${param}.json_schema`);
  checkNamedSchema(value.json_schema, `${param}.json_schema`);
});

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
  reasoning_effort: reasoningEffort,
  response_format: responseFormat,
  seed: integer(),
  stop: textOr(list(text(), MAXIMUM_STOPS)),
  tools: list(tool, MAXIMUM_TOOLS),
  verbosity: word('low', 'medium', 'high'),
  web_search_options: object,
};

export function checkCreateCompletion(body: JsonObject): void {
  checkParameters(body, CREATE, ['model', 'messages']);
  if (Array.isArray(body.messages) && body.messages.length === 0)
    throw badRequest("Invalid 'messages': empty array. Expected an array with minimum length 1.", 'messages', 'empty_array');
  checkDependence(body);
  checkToolMessages(objectsIn(body.messages));
}

/** Parameters that require another parameter. */
function checkDependence({ stream, stream_options: streamOptions, tools, tool_choice: choice, ...body }: JsonObject): void {
  if (streamOptions && stream !== true)
    throw badRequest("The 'stream_options' parameter is only allowed when 'stream' is enabled.", 'stream_options');
  const offered = objectsIn(tools);
  if (offered.length === 0 && tools) throw badRequest("Invalid 'tools': empty array.", 'tools', 'empty_array');
  for (const name of ['tool_choice', 'parallel_tool_calls'])
    if ((name === 'tool_choice' ? choice : body[name]) !== undefined && offered.length === 0)
      throw badRequest(`'${name}' is only allowed when 'tools' are specified.`, name);
  const named = isObject(choice) && isObject(choice.function) ? choice.function.name : undefined;
  const names = offered.map(({ function: one }) => (isObject(one) ? one.name : undefined));
  if (named !== undefined && !names.includes(named)) throw toolNotOffered(String(named));
}

/** Checks that outputs directly follow the message with their calls, for every call and every output. */
function checkToolMessages(messages: JsonObject[]): void {
  let open: string[] = [];
  for (const [index, { role, tool_calls: calls, tool_call_id: id }] of messages.entries()) {
    if (role === 'tool') {
      if (!open.includes(String(id)))
        throw badRequest(
          "Invalid parameter: messages with role 'tool' must be a response to a preceding message with 'tool_calls'.",
          `messages.[${index}].role`,
        );
      // Calls of one round may share an id: each output answers one of them.
      open.splice(open.indexOf(String(id)), 1);
      continue;
    }
    throwIfOpen(open, index);
    open = objectsIn(calls).map((call) => String(call.id));
  }
  throwIfOpen(open, messages.length);
}

function throwIfOpen(open: string[], index: number): void {
  if (open.length === 0) return;
  const message = `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${open.join(', ')}`;
  throw badRequest(message, `messages.[${index}].role`);
}
