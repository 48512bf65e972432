/** Checks of what says how a model may answer: its tools, and the form of its answers. */
import { isObject } from '../../shared/json/json.ts';
import { badRequest } from '../base/api-error.ts';
import { boolean, type Check, decimal, integer, list, object, pattern, shape, text, variant, word } from '../check/checks.ts';
import { strictMistake } from '../check/strict-schema.ts';

const NAME = pattern(/^[a-zA-Z0-9_-]{1,64}$/);
const FILES_PER_TOOL = 20;
const VECTOR_STORES = 1;

const nothingMore = shape({});

const definition: Check = (value, param) => {
  shape({ name: NAME, description: text(), parameters: object, strict: boolean }, ['name'])(value, param);
  if (!isObject(value) || value.strict !== true) return;
  const mistake = strictMistake(value.parameters);
  const message = `Invalid schema for function '${String(value.name)}': ${mistake}`;
  if (mistake) throw badRequest(message, `${param}.parameters`, 'invalid_function_parameters');
};

const fileSearch = shape({
  max_num_results: integer(1, 50),
  ranking_options: shape({ ranker: text(), score_threshold: decimal(0, 1) }, ['score_threshold']),
});

export const tool = variant({
  code_interpreter: nothingMore,
  file_search: shape({ file_search: fileSearch }),
  function: shape({ function: definition }, ['function']),
});

/** What an attached file is for. */
export const attachmentTool = variant({ code_interpreter: nothingMore, file_search: nothingMore });

const namedTool = variant({
  code_interpreter: nothingMore,
  file_search: nothingMore,
  function: shape({ function: shape({ name: NAME }, ['name']) }, ['function']),
});

export const toolChoice: Check = (value, param) =>
  isObject(value) ? namedTool(value, param) : word('none', 'auto', 'required')(value, param);

export const toolResources = shape({
  code_interpreter: shape({ file_ids: list(text(), FILES_PER_TOOL) }),
  file_search: shape({ vector_store_ids: list(text(), VECTOR_STORES), vector_stores: list(object, VECTOR_STORES) }),
});

const jsonSchema: Check = (value, param) => {
  shape({ name: NAME, description: text(), schema: object, strict: boolean }, ['name'])(value, param);
  if (!isObject(value) || value.strict !== true) return;
  const mistake = strictMistake(value.schema);
  const message = `Invalid schema for response_format '${String(value.name)}': ${mistake}`;
  if (mistake) throw badRequest(message, `${param}.schema`, 'invalid_json_schema');
};

const namedFormat = variant({
  text: nothingMore,
  json_object: nothingMore,
  json_schema: shape({ json_schema: jsonSchema }, ['json_schema']),
});

export const responseFormat: Check = (value, param) => (isObject(value) ? namedFormat(value, param) : word('auto')(value, param));
