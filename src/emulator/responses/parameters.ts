import { isObject, type JsonObject } from '../../shared/json/json.ts';
import { badRequest, missing, mutuallyExclusive, notFound, toolNotOffered } from '../base/api-error.ts';
import { objectsIn } from '../base/request-json.ts';
import {
  anything,
  boolean,
  type Check,
  checkParameters,
  checkWord,
  integer,
  list,
  object,
  objectOr,
  objectWith,
  text,
  textOr,
  word,
} from '../check/checks.ts';
import { checkFunction, checkNamedSchema } from '../check/declarations.ts';
import { FORMATS, MAXIMUM_TOOLS, MODEL_PARAMETERS, reasoningEffort, toolChoice } from '../check/model-parameters.ts';

const TOOL_TYPES = [
  'function file_search web_search web_search_2025_08_26 web_search_preview web_search_preview_2025_03_11 code_interpreter',
  'computer computer_use_preview image_generation mcp local_shell shell custom namespace tool_search apply_patch',
  'programmatic_tool_calling',
].flatMap((line) => line.split(' '));

const INCLUDES = [
  'file_search_call.results web_search_call.results web_search_call.action.sources message.input_image.image_url',
  'computer_call_output.output.image_url code_interpreter_call.outputs reasoning.encrypted_content',
  'message.output_text.logprobs',
].flatMap((line) => line.split(' '));

const conversation = objectOr(
  objectWith(({ id }, param) => {
    if (typeof id !== 'string') throw missing(`${param}.id`);
  }),
  text(),
);

const reasoning = objectWith(({ effort }, param) => {
  if (effort) reasoningEffort(effort, `${param}.effort`);
});

const textOptions = objectWith(({ format }, param) => {
  if (isObject(format)) checkFormat(format, `${param}.format`);
});

function checkFormat(format: JsonObject, param: string): void {
  checkWord(format, 'type', FORMATS, param);
  if (format.type === 'json_schema') checkNamedSchema(format, param);
}

const tool = objectWith((value, param) => {
  checkWord(value, 'type', TOOL_TYPES, param);
  if (value.type === 'function') checkFunction(value, param);
  if (value.type === 'file_search' && !Array.isArray(value.vector_store_ids)) throw missing(`${param}.vector_store_ids`);
  if (value.type === 'code_interpreter' && !value.container) throw missing(`${param}.container`);
});

/** Parameters that also count as input tokens. */
const INPUT_PARAMETERS: Record<string, Check> = {
  conversation,
  input: textOr(list(object)),
  instructions: text(),
  model: text(),
  parallel_tool_calls: boolean,
  previous_response_id: text(),
  reasoning,
  text: textOptions,
  tool_choice: toolChoice,
  tools: list(tool, MAXIMUM_TOOLS),
  truncation: word('auto', 'disabled'),
};

const CREATE: Record<string, Check> = {
  ...MODEL_PARAMETERS,
  ...INPUT_PARAMETERS,
  background: boolean,
  context_management: list(object),
  include: list(word(...INCLUDES)),
  max_output_tokens: integer(16),
  max_tool_calls: integer(1),
  prompt: object,
};

export function checkCreateResponse(body: JsonObject): void {
  checkParameters(body, CREATE, ['model']);
  checkInputSources(body);
  checkToolChoice(body);
  if (body.background === true && body.store === false) throw badRequest('Background mode requires store=true.', 'store');
  if (isObject(body.prompt)) throw notFound(`Prompt with id '${String(body.prompt.id)}' not found.`, 'prompt');
}

export function checkCountTokens(body: JsonObject): void {
  checkParameters(body, { ...INPUT_PARAMETERS, personality: anything });
  checkInputSources(body);
}

function checkInputSources(body: JsonObject): void {
  const sources = ['previous_response_id', 'conversation'].filter((name) => body[name] !== undefined && body[name] !== null);
  if (sources.length === 2) throw mutuallyExclusive('previous_response_id', 'conversation');
  const hasInput = body.input !== undefined && body.input !== null;
  if (hasInput || sources.length > 0 || body.prompt) return;
  const message =
    "Missing required parameter: one of 'input', 'previous_response_id', 'prompt' or 'conversation' must be provided.";
  throw badRequest(message, 'input', 'missing_required_parameter');
}

function checkToolChoice({ tools, tool_choice: choice }: JsonObject): void {
  const offered = objectsIn(tools);
  if (choice === 'required' && offered.length === 0) throw toolNotOffered(choice);
  if (!isObject(choice) || choice.type !== 'function') return;
  const isOffered = offered.some(({ type, name }) => type === 'function' && name === choice.name);
  if (!isOffered) throw toolNotOffered(String(choice.name));
}
