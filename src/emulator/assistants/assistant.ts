import { isObject, type Json, type JsonObject } from '../../shared/json/json.ts';
import { newId, nowInSeconds } from '../base/identifiers.ts';

export type Assistant = JsonObject & { id: string };

/** Parameters that the assistant repeats, and what stands there when the request leaves them out. */
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
  const echo = Object.entries(ECHOED).map(([name, fallback]): [string, Json] => [name, body[name] ?? fallback]);
  return {
    id: newId('asst'),
    object: 'assistant',
    created_at: nowInSeconds(),
    model: String(body.model),
    tool_resources: toResources(body.tool_resources),
    ...Object.fromEntries(echo),
  };
}

/** What is given replaces what there was. Null means: as if it had never been given, and a model there must be. */
export function updateAssistant(assistant: Assistant, body: JsonObject): Assistant {
  const changes = Object.keys(ECHOED).filter((name) => body[name] !== undefined);
  const echo = changes.map((name): [string, Json] => [name, body[name] ?? ECHOED[name] ?? null]);
  const resources = body.tool_resources === undefined ? {} : { tool_resources: toResources(body.tool_resources) };
  return { ...assistant, ...Object.fromEntries(echo), ...resources, model: body.model ?? assistant.model ?? '' };
}

/** A vector store that is made along with an assistant or a thread is known by its id from then on. */
export function toResources(given: Json | undefined): JsonObject {
  if (!isObject(given)) return {};
  const search = given.file_search;
  if (!isObject(search) || !Array.isArray(search.vector_stores)) return given;
  return { ...given, file_search: { vector_store_ids: search.vector_stores.map(() => newId('vs')) } };
}
