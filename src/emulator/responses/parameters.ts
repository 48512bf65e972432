import { isObject, type Json, type JsonObject } from '../../shared/json/json.ts';
import { badRequest, missing, notFound } from '../base/api-error.ts';
import { anything, boolean, type Check, checkParameters, integer, list, object, text, word } from '../check/checks.ts';
import { checkFunction, checkNamedSchema } from '../check/declarations.ts';
import { effort, MAXIMUM_TOOLS, MODEL_PARAMETERS, toolChoice } from '../check/model-parameters.ts';

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

const conversation: Check = (value, param) => {
  if (!isObject(value)) return text()(value, param);
  if (typeof value.id !== 'string') throw missing(`${param}.id`);
};

const input: Check = (value, param) => (typeof value === 'string' ? undefined : list(object)(value, param));

const reasoning: Check = (value, param) => {
  object(value, param);
  const given = isObject(value) ? value.effort : undefined;
  if (given) effort(given, `${param}.effort`);
};

const textOptions: Check = (value, param) => {
  object(value, param);
  const format = isObject(value) ? value.format : undefined;
  if (isObject(format)) checkFormat(format, `${param}.format`);
};

function checkFormat(format: JsonObject, param: string): void {
  if (format.type === undefined) throw missing(`${param}.type`);
  word('text', 'json_object', 'json_schema')(format.type, `${param}.type`);
  if (format.type === 'json_schema') checkNamedSchema(format, param);
}

const tool: Check = (value, param) => {
  object(value, param);
  if (!isObject(value)) return;
  if (value.type === undefined) throw missing(`${param}.type`);
  word(...TOOL_TYPES)(value.type, `${param}.type`);
  if (value.type === 'function') checkFunction(value, param);
  if (value.type === 'file_search' && !Array.isArray(value.vector_store_ids)) throw missing(`${param}.vector_store_ids`);
  if (value.type === 'code_interpreter' && !value.container) throw missing(`${param}.container`);
};

const COUNTED: Record<string, Check> = {
  conversation,
  input,
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
  ...COUNTED,
  background: boolean,
  context_management: list(object),
  include: list(word(...INCLUDES)),
  max_output_tokens: integer(16),
  max_tool_calls: integer(1),
  prompt: object,
};

export function checkCreateResponse(body: JsonObject): void {
  checkParameters(body, CREATE, ['model']);
  checkSources(body);
  checkToolChoice(body);
  if (body.background === true && body.store === false) throw badRequest('Background mode requires store=true.', 'store');
  if (isObject(body.prompt)) throw notFound(`Prompt with id '${String(body.prompt.id)}' not found.`, 'prompt');
}

export function checkCountTokens(body: JsonObject): void {
  checkParameters(body, { ...COUNTED, personality: anything });
  checkSources(body);
}

function checkSources(body: JsonObject): void {
  const sources = ['previous_response_id', 'conversation'].filter((name) => body[name] !== undefined && body[name] !== null);
  if (sources.length === 2) {
    const message =
      "Mutually exclusive parameters. Ensure you are only providing one of: 'previous_response_id' or 'conversation'.";
    throw badRequest(message, null, 'mutually_exclusive_parameters');
  }
  const hasInput = body.input !== undefined && body.input !== null;
  if (hasInput || sources.length > 0 || body.prompt) return;
  const message =
    "Missing required parameter: one of 'input', 'previous_response_id', 'prompt' or 'conversation' must be provided.";
  throw badRequest(message, 'input', 'missing_required_parameter');
}

function checkToolChoice({ tools, tool_choice: choice }: JsonObject): void {
  const offered = Array.isArray(tools) ? tools.filter(isObject) : [];
  const message = (name: Json | undefined) => `Tool choice '${String(name)}' not found in 'tools' parameter.`;
  if (choice === 'required' && offered.length === 0) throw badRequest(message(choice), 'tool_choice');
  if (!isObject(choice) || choice.type !== 'function') return;
  if (!offered.some(({ type, name }) => type === 'function' && name === choice.name)) {
    throw badRequest(message(choice.name), 'tool_choice');
  }
}
