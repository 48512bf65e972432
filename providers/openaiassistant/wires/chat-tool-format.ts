import type { JsonObject } from 'threadline/provider';
import type { Format, Tool, ToolChoice } from '../question/ask.ts';
import { asJson } from '../question/items.ts';

/** Functions, choices and formats as Chat Completions and the Assistants protocol nest them; Responses writes them flat. */

export const nestedFunction = ({ name, description, parameters, strict }: Extract<Tool, { type: 'function' }>): JsonObject => ({
  type: 'function',
  // Not strict is the default, and some servers take no word of it.
  function: asJson({ name, description, parameters, strict: strict || undefined }),
});

export const nestedChoice = (choice: ToolChoice | undefined) =>
  typeof choice === 'object' ? { type: 'function', function: { name: choice.function } } : choice;

export function nestedFormat(format: Format): JsonObject | undefined {
  if (format.type === 'text') return undefined;
  if (format.type === 'json_object') return { type: 'json_object' };
  const { name, description, schema, strict } = format;
  return { type: 'json_schema', json_schema: asJson({ name, description, schema, strict }) };
}
