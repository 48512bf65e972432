import type { JsonObject } from '../../shared/json/json.ts';
import { badRequest, missing } from '../base/api-error.ts';
import { pattern } from './checks.ts';
import { strictMistake } from './strict-schema.ts';

/** Valid names of functions and schemas. */
export const functionName = pattern(/^[a-zA-Z0-9_-]{1,64}$/);

/** Checks a function's name, parameters and strictness, which each API has in a different place. */
export function checkFunction(definition: JsonObject, param: string): void {
  // The form of another API ends here too.
  if (definition.name === undefined) throw missing(`${param}.name`);
  functionName(definition.name, `${param}.name`);
  checkStrictFunction(definition, param);
}

/** Keys beside `type: json_schema`. */
export function checkNamedSchema(format: JsonObject, param: string): void {
  for (const key of ['name', 'schema']) if (format[key] === undefined) throw missing(`${param}.${key}`);
  functionName(format.name ?? '', `${param}.name`);
  checkStrictSchema(format, param);
}

/** Refuses parameters that strict mode does not support. */
export function checkStrictFunction({ name, parameters, strict }: JsonObject, param: string): void {
  const mistake = strict === true ? strictMistake(parameters) : undefined;
  const message = `Invalid schema for function '${String(name)}': ${mistake}`;
  if (mistake) throw badRequest(message, `${param}.parameters`, 'invalid_function_parameters');
}

/** Refuses a response schema that strict mode does not support. */
export function checkStrictSchema(format: JsonObject, param: string): void {
  const mistake = format.strict === true ? strictMistake(format.schema) : undefined;
  const message = `Invalid schema for response_format '${String(format.name)}': ${mistake}`;
  if (mistake) throw badRequest(message, `${param}.schema`, 'invalid_json_schema');
}
