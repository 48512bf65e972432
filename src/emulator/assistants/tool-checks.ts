/** Checks of the parameters for a model's answers: tools and response format. */
import { isObject } from '../../shared/json/json.ts';
import { boolean, type Check, decimal, integer, list, object, objectOr, shape, text, variant, word } from '../check/checks.ts';
import { checkFormatSchema, checkFunctionSchema, functionName } from '../check/declarations.ts';
import { TOOL_CHOICES } from '../check/model-parameters.ts';

const FILES_PER_TOOL = 20;
const VECTOR_STORES = 1;

const noOtherKeys = shape({});

const definition: Check = (value, param) => {
  shape({ name: functionName, description: text(), parameters: object, strict: boolean }, ['name'])(value, param);
  if (isObject(value)) checkFunctionSchema(value, param);
};

const fileSearch = shape({
  max_num_results: integer(1, 50),
  ranking_options: shape({ ranker: text(), score_threshold: decimal(0, 1) }, ['score_threshold']),
});

export const tool = variant({
  code_interpreter: noOtherKeys,
  file_search: shape({ file_search: fileSearch }),
  function: shape({ function: definition }, ['function']),
});

/** Tools of an attached file. */
export const attachmentTool = variant({ code_interpreter: noOtherKeys, file_search: noOtherKeys });

const namedTool = variant({
  code_interpreter: noOtherKeys,
  file_search: noOtherKeys,
  function: shape({ function: shape({ name: functionName }, ['name']) }, ['function']),
});

export const toolChoice = objectOr(namedTool, word(...TOOL_CHOICES));

export const toolResources = shape({
  code_interpreter: shape({ file_ids: list(text(), FILES_PER_TOOL) }),
  file_search: shape({ vector_store_ids: list(text(), VECTOR_STORES), vector_stores: list(object, VECTOR_STORES) }),
});

const jsonSchema: Check = (value, param) => {
  shape({ name: functionName, description: text(), schema: object, strict: boolean }, ['name'])(value, param);
  if (isObject(value)) checkFormatSchema(value, param);
};

const namedFormat = variant({
  text: noOtherKeys,
  json_object: noOtherKeys,
  json_schema: shape({ json_schema: jsonSchema }, ['json_schema']),
});

export const responseFormat = objectOr(namedFormat, word('auto'));
