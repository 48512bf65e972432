import type { Json, JsonObject } from '../../shared/json/json.ts';
import { ApiError } from '../base/api-error.ts';
import { chunksOf } from '../base/chunks.ts';
import { newId, nowInSeconds } from '../base/identifiers.ts';
import { objectsIn } from '../base/request-json.ts';
import { tokenUsage } from '../base/tokens.ts';
import { type AnswerContent, tokensOf } from '../rules/answer.ts';

/** An answer as a choice of Chat Completions. */
interface Completion {
  message: JsonObject;
  finishReason: 'stop' | 'length' | 'tool_calls' | 'content_filter';
  tokens: number;
}

/** Throws if the answer is an error, because this API has no failed responses. */
export function completionOf(answer: AnswerContent): Completion {
  const message = { role: 'assistant', content: null, refusal: null, annotations: [] };
  switch (answer.kind) {
    case 'text':
      return { message: { ...message, content: answer.text }, finishReason: 'stop', tokens: tokensOf(answer) };
    case 'refusal':
      return { message: { ...message, refusal: answer.refusal }, finishReason: 'stop', tokens: tokensOf(answer) };
    case 'tool_calls': {
      const calls = answer.calls.map((call) => ({ id: newId('call'), type: 'function', function: { ...call } }));
      return { message: { ...message, tool_calls: calls }, finishReason: 'tool_calls', tokens: tokensOf(answer) };
    }
    case 'incomplete': {
      const finishReason = answer.reason === 'content_filter' ? 'content_filter' : 'length';
      return { message: { ...message, content: answer.text }, finishReason, tokens: tokensOf(answer) };
    }
    case 'failed':
      throw new ApiError(answer.code === 'rate_limit_exceeded' ? 429 : 500, answer.message, { code: answer.code });
    case 'error':
      throw answer.error;
  }
}

const completionUsage = (promptTokens: number, completionTokens: number): JsonObject => ({
  ...tokenUsage(promptTokens, completionTokens),
  prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
  completion_tokens_details: {
    reasoning_tokens: 0,
    audio_tokens: 0,
    accepted_prediction_tokens: 0,
    rejected_prediction_tokens: 0,
  },
});

const headOf = (model: string, object: string): JsonObject => ({
  id: newId('chatcmpl'),
  object,
  created: nowInSeconds(),
  model,
  service_tier: 'default',
});

/** The completion as a single object. */
export const completionObject = (
  model: string,
  { message, finishReason, tokens }: Completion,
  promptTokens: number,
): JsonObject => ({
  ...headOf(model, 'chat.completion'),
  choices: [{ index: 0, message, logprobs: null, finish_reason: finishReason }],
  usage: completionUsage(promptTokens, tokens),
});

/** The completion in chunks. With `includeUsage`, a last chunk without choices has the usage. */
export function* completionChunks(
  model: string,
  { message, finishReason, tokens }: Completion,
  { promptTokens, includeUsage }: { promptTokens: number; includeUsage: boolean },
): Generator<JsonObject> {
  const head = { ...headOf(model, 'chat.completion.chunk'), ...(includeUsage ? { usage: null } : {}) };
  const chunk = (delta: JsonObject, finish: string | null = null): JsonObject => ({
    ...head,
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
  });
  yield chunk({ role: 'assistant', content: message.tool_calls ? null : '', refusal: null });
  for (const delta of deltasOf(message)) yield chunk(delta);
  yield chunk({}, finishReason);
  if (includeUsage) yield { ...head, choices: [], usage: completionUsage(promptTokens, tokens) };
}

function* deltasOf({ content, refusal, tool_calls: calls }: JsonObject): Generator<JsonObject> {
  if (typeof content === 'string') for (const piece of chunksOf(content)) yield { content: piece };
  if (typeof refusal === 'string') for (const piece of chunksOf(refusal)) yield { refusal: piece };
  for (const [index, call] of objectsIn(calls).entries()) yield* deltasOfCall(call, index);
}

function* deltasOfCall({ id, type, function: called }: JsonObject, index: number): Generator<JsonObject> {
  const { name, arguments: text } = called as Record<string, Json>;
  yield { tool_calls: [{ index, id, type, function: { name, arguments: '' } }] } as JsonObject;
  for (const piece of chunksOf(String(text))) yield { tool_calls: [{ index, function: { arguments: piece } }] };
}
