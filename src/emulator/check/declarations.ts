import type { JsonObject } from '../../shared/json/json.ts';
import { badRequest, missing } from '../base/api-error.ts';
import { pattern } from './checks.ts';
import { schemaMistake } from './schema-mistake.ts';

/** Valid names of functions and schemas. */
export const functionName = pattern(/^[a-zA-Z0-9_-]{1,64}$/);

/** Checks a function's name, parameters and strictness, which each API has in a different place. */
export function checkFunction(definition: JsonObject, param: string): void {
  // The form of another API ends here too.
  if (definition.name === undefined) throw missing(`${param}.name`);
  functionName(definition.name, `${param}.name`);
  checkFunctionSchema(definition, param);
}

/** Keys beside `type: json_schema`. */
export function checkNamedSchema(format: JsonObject, param: string): void {
  for (const key of ['name', 'schema']) if (format[key] === undefined) throw missing(`${param}.${key}`);
  functionName(format.name ?? '', `${param}.name`);
  checkFormatSchema(format, param);
}

/** Refuses parameters that no function may have, or none that is strict. */
export function checkFunctionSchema({ name, parameters, strict }: JsonObject, param: string): void {
  const mistake = schemaMistake(parameters, { use: 'function', strict: strict === true });
  const message = `Invalid schema for function '${String(name)}': ${mistake}`;
  if (mistake) throw badRequest(message, `${param}.parameters`, 'invalid_function_parameters');
}

/** Refuses a response schema that no answer may have, or none that is strict. */
export function checkFormatSchema({ name, schema, strict }: JsonObject, param: string): void {
  const mistake = schemaMistake(schema, { use: 'answer', strict: strict === true });
  const message = `Invalid schema for response_format '${String(name)}': ${mistake}`;
  if (mistake) throw badRequest(message, `${param}.schema`, 'invalid_json_schema');
}
