import type { JsonObject } from '../../shared/json/json.ts';
import { badRequest, missing } from '../base/api-error.ts';
import { pattern } from './checks.ts';
import { strictMistake } from './strict-schema.ts';

/** How functions and schemas may be called. */
export const functionName = pattern(/^[a-zA-Z0-9_-]{1,64}$/);

/** A function's name, parameters and strictness, wherever in the request an API has them stand. */
export function checkFunction(definition: JsonObject, param: string): void {
  // Also what the form of another API runs into here.
  if (definition.name === undefined) throw missing(`${param}.name`);
  functionName(definition.name, `${param}.name`);
  checkStrictFunction(definition, param);
}

/** What stands beside `type: json_schema`. */
export function checkNamedSchema(format: JsonObject, param: string): void {
  for (const key of ['name', 'schema']) if (format[key] === undefined) throw missing(`${param}.${key}`);
  functionName(format.name ?? '', `${param}.name`);
  checkStrictSchema(format, param);
}

/** Refuses parameters that strict mode cannot hold the model to. */
export function checkStrictFunction({ name, parameters, strict }: JsonObject, param: string): void {
  const mistake = strict === true ? strictMistake(parameters) : undefined;
  const message = `Invalid schema for function '${String(name)}': ${mistake}`;
  if (mistake) throw badRequest(message, `${param}.parameters`, 'invalid_function_parameters');
}

/** Refuses the schema of an answer that strict mode cannot hold the model to. */
export function checkStrictSchema(format: JsonObject, param: string): void {
  const mistake = format.strict === true ? strictMistake(format.schema) : undefined;
  const message = `Invalid schema for response_format '${String(format.name)}': ${mistake}`;
  if (mistake) throw badRequest(message, `${param}.schema`, 'invalid_json_schema');
}
