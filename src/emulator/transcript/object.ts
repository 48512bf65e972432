import { isObject, type Json, type JsonObject } from '../../shared/json/json.ts';
import { newId, nowInSeconds } from '../base/identifiers.ts';
import { echoOf } from '../base/request-json.ts';

/** Parameters that the response repeats, with their defaults. */
const ECHOED: JsonObject = {
  background: false,
  instructions: null,
  max_output_tokens: null,
  max_tool_calls: null,
  metadata: {},
  parallel_tool_calls: true,
  previous_response_id: null,
  temperature: 1,
  tool_choice: 'auto',
  top_logprobs: 0,
  top_p: 1,
  truncation: 'disabled',
};

const ECHOED_WHEN_GIVEN = ['prompt_cache_key', 'safety_identifier', 'user'];

/** A response without output yet. */
export function newResponse(body: JsonObject, conversationId: string | undefined): JsonObject {
  const given = ECHOED_WHEN_GIVEN.filter((name) => typeof body[name] === 'string').map((name) => [name, body[name]]);
  return {
    id: newId('resp'),
    object: 'response',
    created_at: nowInSeconds(),
    status: body.background === true ? 'queued' : 'in_progress',
    completed_at: null,
    error: null,
    incomplete_details: null,
    model: String(body.model),
    output: [],
    service_tier: 'default',
    ...(conversationId === undefined ? {} : { conversation: { id: conversationId } }),
    reasoning: { effort: null, summary: null, ...(isObject(body.reasoning) ? body.reasoning : {}) },
    text: { format: { type: 'text' }, verbosity: 'medium', ...(isObject(body.text) ? body.text : {}) },
    tools: Array.isArray(body.tools) ? body.tools.map(echoTool) : [],
    ...echoOf(body, ECHOED),
    ...Object.fromEntries(given),
  };
}

/** OpenAI makes functions strict by default. */
const echoTool = (tool: Json): Json =>
  isObject(tool) && tool.type === 'function' ? { description: null, parameters: null, strict: true, ...tool } : tool;

export function responseUsage(inputTokens: number, outputTokens: number): JsonObject {
  return {
    input_tokens: inputTokens,
    input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: inputTokens + outputTokens,
  };
}
