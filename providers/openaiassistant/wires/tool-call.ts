import { isObject, type Json, type JsonObject } from 'threadline/provider';
import type { ToolCallItem } from '../question/items.ts';

/** Mistral's servers and models take nine letters and digits only; all others take those, too. */
const ID_LENGTH = 9;

/** A call of the model. One without an id gets an id here: outputs are assigned to calls by it. */
export const toolCallOf = (id: Json | undefined, name: Json | undefined, args: Json | undefined): ToolCallItem => ({
  type: 'tool_call',
  callId: typeof id === 'string' && id !== '' ? id : crypto.randomUUID().replaceAll('-', '').slice(-ID_LENGTH),
  name: typeof name === 'string' ? name : '',
  arguments: argumentsOf(args),
});

/** A call as Chat Completions and the Assistants protocol write it: `{id, function: {name, arguments}}`. */
export function nestedToolCall({ id, function: called }: JsonObject): ToolCallItem {
  const { name, arguments: args } = isObject(called) ? called : {};
  return toolCallOf(id, name, args);
}

/** Arguments as JSON text; some servers give the object. */
export const argumentsOf = (args: Json | undefined): string =>
  typeof args === 'string' ? args : args === undefined || args === null ? '' : JSON.stringify(args);
