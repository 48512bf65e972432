import { isObject, type Json, type JsonObject, ThreadlineError, toJson } from 'threadline/provider';
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

/** A body with status 200 need not be a Response: proxies answer with pages, other servers with errors. */
export function asResponse(data: unknown, requestId: string | null | undefined): ApiResponse {
  const response = toJson(data);
  if (isObject(response) && typeof response.id === 'string' && Array.isArray(response.output))
    return { ...response, id: response.id, output: response.output.filter(isObject) };
  throw new ThreadlineError('server_error', "The server's answer is not what this API sends.", {
    hint: 'Check `base_url`: it usually ends in /v1.',
    retryable: false,
    details: { request_id: requestId ?? null, answer: JSON.stringify(response).slice(0, 500) },
  });
}

export function replyOf(response: ApiResponse): Reply {
  const { output } = response;
  const toolCalls = output.flatMap((item) =>
    item.type === 'function_call'
      ? [{ callId: String(item.call_id), name: String(item.name), arguments: String(item.arguments ?? '') }]
      : [],
  );
  const content = contentOf(output.findLast((item) => item.type === 'message'));
  const refusal = content.find((part) => part.type === 'refusal');
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
    reason: reasonOf(response),
    raw: response as unknown as Json,
  };
}

function reasonOf({ status, error, incomplete_details: incomplete }: ApiResponse): string | undefined {
  if (error) return `${error.code ?? 'error'}: ${error.message ?? ''}`;
  return incomplete?.reason ?? (status === 'completed' ? undefined : status && `its status is ${status}`);
}

function statusOf(status: string | undefined, callsTools: boolean, refuses: boolean): Reply['status'] {
  if (status === 'failed' || status === 'cancelled' || status === 'incomplete') return status;
  // Other servers leave it out. What is neither this nor that is still under way, such as `queued`.
  if (status !== undefined && status !== 'completed') return 'unfinished';
  if (callsTools) return 'requires_action';
  return refuses ? 'refused' : 'completed';
}

function contentOf(message: JsonObject | undefined): JsonObject[] {
  if (typeof message?.content === 'string') return [{ type: 'text', text: message.content }];
  return Array.isArray(message?.content) ? message.content.filter(isObject) : [];
}

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
    .map((item) => ({
      id: typeof item.id === 'string' ? item.id : null,
      role: String(item.role),
      text: textOf(contentOf(item)),
      created_at: null,
    }));
