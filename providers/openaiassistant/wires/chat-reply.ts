import { isObject, type Json, type JsonObject } from 'threadline/provider';
import { asJson, type Item, type ToolCallItem } from '../thread/items.ts';
import { notThisApi } from './not-this-api.ts';
import type { Reply, Tokens } from './wire.ts';

/** As much of a completion as is read, whether it came whole or in pieces; servers leave out parts of it. */
export interface Completion {
  id: string;
  model: string;
  content: string;
  refusal: string;
  calls: ToolCallItem[];
  annotations: JsonObject[];
  finishReason: string | undefined;
  usage: JsonObject | undefined;
  raw: Json;
}

export function completionOf(data: unknown, requestId: string | null | undefined): Completion {
  const choice = isObject(data) && Array.isArray(data.choices) ? data.choices[0] : undefined;
  if (!isObject(data) || !isObject(choice) || !isObject(choice.message)) throw notThisApi(data, requestId);
  const { content, refusal, tool_calls: calls, annotations } = choice.message;
  return {
    id: typeof data.id === 'string' ? data.id : '',
    model: typeof data.model === 'string' ? data.model : '',
    content: contentOf(content),
    refusal: typeof refusal === 'string' ? refusal : '',
    calls: (Array.isArray(calls) ? calls : []).filter(isObject).map(callOf),
    annotations: (Array.isArray(annotations) ? annotations : []).filter(isObject),
    finishReason: typeof choice.finish_reason === 'string' ? choice.finish_reason : undefined,
    usage: isObject(data.usage) ? data.usage : undefined,
    raw: asJson(data),
  };
}

/** Some servers answer in parts. */
function contentOf(content: Json | undefined): string {
  if (typeof content === 'string') return content;
  const parts = Array.isArray(content) ? content.filter(isObject) : [];
  return parts.flatMap(({ text }) => (typeof text === 'string' ? [text] : [])).join('\n');
}

/** Servers that give a call no id get one from us: outputs are told apart by it. */
export function callOf(call: JsonObject): ToolCallItem {
  const called = isObject(call.function) ? call.function : {};
  const callId = typeof call.id === 'string' && call.id !== '' ? call.id : `call_${crypto.randomUUID().replaceAll('-', '')}`;
  const args = called.arguments ?? '';
  return {
    type: 'tool_call',
    callId,
    name: String(called.name ?? ''),
    arguments: typeof args === 'string' ? args : JSON.stringify(args),
  };
}

export function chatReplyOf(completion: Completion): Reply {
  const { id, content, refusal, calls, finishReason } = completion;
  const said: Item[] =
    content === '' ? [] : [{ type: 'message', role: 'assistant', parts: [{ type: 'text', text: content }], runId: id }];
  return {
    runId: id,
    status: statusOf(completion),
    text: refusal === '' ? content : refusal,
    toolCalls: calls,
    items: [...said, ...calls],
    annotations: completion.annotations.map(annotationOf),
    tokens: tokensOf(completion.usage),
    model: completion.model,
    reason: REASONS[finishReason ?? ''],
    raw: completion.raw,
  };
}

const REASONS: Record<string, string> = { length: 'max_output_tokens', content_filter: 'content_filter' };

/** Some servers say `stop` where there are calls, and some say nothing. */
function statusOf({ finishReason, calls, refusal }: Completion): Reply['status'] {
  if (finishReason === 'length' || finishReason === 'content_filter') return 'incomplete';
  if (calls.length > 0) return 'requires_action';
  return refusal === '' ? 'completed' : 'refused';
}

function annotationOf({ type, url_citation: citation, ...rest }: JsonObject): JsonObject {
  if (!isObject(citation)) return asJson({ type, ...rest }) as JsonObject;
  const { url, title, start_index: start, end_index: end } = citation;
  return asJson({ type, url, title, start, end }) as JsonObject;
}

function tokensOf(usage: JsonObject | undefined): Tokens {
  const number = (value: Json | undefined) => (typeof value === 'number' ? value : 0);
  const prompt = number(usage?.prompt_tokens);
  const completion = number(usage?.completion_tokens);
  const details = isObject(usage?.prompt_tokens_details) ? usage.prompt_tokens_details : {};
  return {
    prompt_tokens: prompt,
    cached_tokens: number(details.cached_tokens),
    completion_tokens: completion,
    total_tokens: number(usage?.total_tokens) || prompt + completion,
  };
}
