import type { Json, JsonObject } from '../../shared/json/json.ts';
import { newId, nowInSeconds } from '../base/identifiers.ts';
import { echoOf } from '../base/request-json.ts';
import type { Assistant } from './assistant.ts';

/** A run object of the Assistants API. */
export type RunObject = JsonObject & { id: string };

const LIFETIME_SECONDS = 600;

/** Parameters that a run takes from its assistant by default. */
const INHERITED = ['model', 'response_format', 'temperature', 'tools', 'top_p'];

/** Parameters that the run repeats, with their defaults. */
const ECHOED: JsonObject = {
  max_completion_tokens: null,
  max_prompt_tokens: null,
  metadata: {},
  parallel_tool_calls: true,
  tool_choice: 'auto',
};

/** A queued run. */
export function newRunObject(body: JsonObject, assistant: Assistant, threadId: string): RunObject {
  const inherited = INHERITED.map((name): [string, Json] => [name, body[name] ?? assistant[name] ?? null]);
  const createdAt = nowInSeconds();
  const strategy = body.truncation_strategy ?? { type: 'auto' };
  return {
    id: newId('run'),
    object: 'thread.run',
    created_at: createdAt,
    thread_id: threadId,
    assistant_id: assistant.id,
    status: 'queued',
    required_action: null,
    last_error: null,
    incomplete_details: null,
    expires_at: createdAt + LIFETIME_SECONDS,
    started_at: null,
    cancelled_at: null,
    failed_at: null,
    completed_at: null,
    instructions: instructionsOf(body, assistant),
    truncation_strategy: Object.assign({ last_messages: null }, strategy),
    usage: null,
    ...Object.fromEntries(inherited),
    ...echoOf(body, ECHOED),
  };
}

function instructionsOf(body: JsonObject, assistant: Assistant): string {
  const texts = [body.instructions ?? assistant.instructions, body.additional_instructions];
  return texts.filter((text) => typeof text === 'string' && text !== '').join('\n');
}
