import { isObject, type Json, type JsonObject } from 'threadline/provider';
import type { HistoryMessage, Reply } from './wire.ts';

/** As much of a Response as is read; other servers leave out parts of it. */
export interface ApiResponse {
  id: string;
  status?: string;
  model?: string;
  output: JsonObject[];
  usage?: { input_tokens?: number; output_tokens?: number; total_tokens?: number } | null;
  error?: { code?: string; message?: string } | null;
  incomplete_details?: { reason?: string } | null;
}

export function replyOf(response: ApiResponse, requestId: string | undefined): Reply {
  const output = Array.isArray(response.output) ? response.output : [];
  const toolCalls = output.flatMap((item) =>
    item.type === 'function_call'
      ? [{ callId: String(item.call_id), name: String(item.name), arguments: String(item.arguments ?? '') }]
      : [],
  );
  const content = contentOf(output.findLast((item) => item.type === 'message'));
  const refusal = content.find((part) => part.type === 'refusal');
  const { error, incomplete_details: incomplete } = response;
  return {
    runId: response.id,
    status: statusOf(response.status, toolCalls.length > 0, refusal !== undefined),
    text: refusal ? String(refusal.refusal) : textOf(content),
    toolCalls,
    annotations: content.flatMap((part) =>
      Array.isArray(part.annotations) ? part.annotations.filter(isObject).map(annotationOf) : [],
    ),
    usage: usageOf(response.usage),
    model: response.model ?? '',
    reason: error ? `${error.code ?? 'error'}: ${error.message ?? ''}` : (incomplete?.reason ?? undefined),
    requestId,
    raw: response as unknown as Json,
  };
}

function statusOf(status: string | undefined, callsTools: boolean, refuses: boolean): Reply['status'] {
  if (status === 'failed' || status === 'cancelled' || status === 'incomplete') return status;
  if (callsTools) return 'requires_action';
  return refuses ? 'refused' : 'completed';
}

const contentOf = (message: JsonObject | undefined): JsonObject[] =>
  Array.isArray(message?.content) ? message.content.filter(isObject) : [];

/** A reply may come in several text parts. */
const textOf = (content: JsonObject[]): string =>
  content.flatMap((part) => (typeof part.text === 'string' && part.type !== 'refusal' ? [part.text] : [])).join('\n');

function usageOf(usage: ApiResponse['usage']): Reply['usage'] {
  const prompt = usage?.input_tokens ?? 0;
  const completion = usage?.output_tokens ?? 0;
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: usage?.total_tokens ?? prompt + completion,
    cost_usd: null,
  };
}

/** One shape for citations and file links, whichever kind they are. */
function annotationOf(annotation: JsonObject): JsonObject {
  const { type, file_id, filename, url, title, container_id, start_index: start, end_index: end, index } = annotation;
  return JSON.parse(JSON.stringify({ type, file_id, filename, url, title, container_id, start, end, index })) as JsonObject;
}

/** The messages among a conversation's items. These carry no time. */
export const historyOf = (items: JsonObject[]): HistoryMessage[] =>
  items
    .filter((item) => item.type === 'message')
    .map((item) => ({ id: String(item.id ?? ''), role: String(item.role), text: textOf(contentOf(item)), created_at: null }));
