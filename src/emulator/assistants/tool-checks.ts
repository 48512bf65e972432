/** Checks of the parameters for a model's answers: tools and response format. */
import { isObject } from '../../shared/json/json.ts';
import { boolean, type Check, decimal, integer, list, object, shape, text, variant, word } from '../check/checks.ts';
import { checkStrictFunction, checkStrictSchema, functionName } from '../check/declarations.ts';

const FILES_PER_TOOL = 20;
const VECTOR_STORES = 1;

const nothingMore = shape({});

const definition: Check = (value, param) => {
  shape({ name: functionName, description: text(), parameters: object, strict: boolean }, ['name'])(value, param);
  if (isObject(value)) checkStrictFunction(value, param);
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

/** Tools of an attached file. */
export const attachmentTool = variant({ code_interpreter: nothingMore, file_search: nothingMore });

const namedTool = variant({
  code_interpreter: nothingMore,
  file_search: nothingMore,
  function: shape({ function: shape({ name: functionName }, ['name']) }, ['function']),
});

export const toolChoice: Check = (value, param) =>
  isObject(value) ? namedTool(value, param) : word('none', 'auto', 'required')(value, param);

export const toolResources = shape({
  code_interpreter: shape({ file_ids: list(text(), FILES_PER_TOOL) }),
  file_search: shape({ vector_store_ids: list(text(), VECTOR_STORES), vector_stores: list(object, VECTOR_STORES) }),
});

const jsonSchema: Check = (value, param) => {
  shape({ name: functionName, description: text(), schema: object, strict: boolean }, ['name'])(value, param);
  if (isObject(value)) checkStrictSchema(value, param);
};

const namedFormat = variant({
  text: nothingMore,
  json_object: nothingMore,
  json_schema: shape({ json_schema: jsonSchema }, ['json_schema']),
});

export const responseFormat: Check = (value, param) => (isObject(value) ? namedFormat(value, param) : word('auto')(value, param));
