import { isObject, type Json, type JsonObject } from '../../shared/json/json.ts';
import { newId, nowInSeconds } from '../base/identifiers.ts';
import { echoOf } from '../base/request-json.ts';

export type Assistant = JsonObject & { id: string };

/** Parameters that the assistant repeats, with their defaults. */
const ECHOED: JsonObject = {
  description: null,
  instructions: null,
  metadata: {},
  name: null,
  response_format: 'auto',
  temperature: 1,
  tools: [],
  top_p: 1,
};

export function newAssistant(body: JsonObject): Assistant {
  return {
    id: newId('asst'),
    object: 'assistant',
    created_at: nowInSeconds(),
    model: String(body.model),
    tool_resources: toResources(body.tool_resources),
    ...echoOf(body, ECHOED),
  };
}

/** Given parameters replace the old ones. Null restores the default, except for the required model. */
export function updateAssistant(assistant: Assistant, body: JsonObject): Assistant {
  const changes = Object.keys(ECHOED).filter((name) => body[name] !== undefined);
  const echo = changes.map((name): [string, Json] => [name, body[name] ?? ECHOED[name] ?? null]);
  const resources = body.tool_resources === undefined ? {} : { tool_resources: toResources(body.tool_resources) };
  return { ...assistant, ...Object.fromEntries(echo), ...resources, model: body.model ?? assistant.model ?? '' };
}

/** Creates the vector stores in a request for an assistant or a thread, and replaces them by their ids. */
export function toResources(given: Json | undefined): JsonObject {
  if (!isObject(given)) return {};
  const search = given.file_search;
  if (!isObject(search) || !Array.isArray(search.vector_stores)) return given;
  return { ...given, file_search: { vector_store_ids: search.vector_stores.map(() => newId('vs')) } };
}
