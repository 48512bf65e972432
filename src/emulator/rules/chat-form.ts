/** Reads tools and formats in the form that Chat Completions and the Assistants API share. */
import { isObject, type JsonObject } from '../../shared/json/json.ts';
import { badRequest } from '../base/api-error.ts';
import { objectsIn } from '../base/request-json.ts';
import type { RequestFeatures } from './request-features.ts';

export function formatOf({ response_format: format }: JsonObject): RequestFeatures['format'] {
  if (!isObject(format)) return { type: 'text' };
  if (format.type === 'json_schema' && isObject(format.json_schema)) {
    const { name, schema } = format.json_schema;
    return { type: 'json_schema', name: String(name), schema: schema ?? {} };
  }
  return { type: format.type === 'json_object' ? 'json_object' : 'text' };
}

export const functionsOf = ({ tools }: JsonObject): RequestFeatures['functions'] =>
  objectsIn(tools).flatMap(({ function: one }) =>
    isObject(one) ? [{ name: String(one.name), parameters: one.parameters ?? {} }] : [],
  );

export function toolChoiceOf({ tool_choice: choice }: JsonObject): RequestFeatures['toolChoice'] {
  if (choice === 'none' || choice === 'required') return { mode: choice };
  if (isObject(choice) && isObject(choice.function)) return { mode: 'required', name: String(choice.function.name) };
  return { mode: 'auto' };
}

/** Instructions count here, unlike on /responses. */
export function checkJsonMentioned(body: JsonObject, texts: readonly string[]): void {
  if (formatOf(body).type !== 'json_object' || texts.some((text) => /json/i.test(text))) return;
  const message = "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.";
  throw badRequest(message, 'messages');
}
