import { isObject, type Json, type JsonObject, toJson } from 'threadline/provider';
import { type Item, isToolCall, type MessageItem, type Part } from '../question/items.ts';
import { toolCallOf } from './tool-call.ts';
import type { Reply, Tokens } from './wire.ts';
import { notThisApi } from './wrong-api-error.ts';

/** As much of a Response as is read; other servers leave out parts of it. */
export interface ApiResponse {
  id: string;
  status?: string;
  model?: string;
  output: JsonObject[];
  usage?: {
    input_tokens?: number;
    output_tokens?: number;
    total_tokens?: number;
    input_tokens_details?: { cached_tokens?: number } | null;
  } | null;
  conversation?: { id?: string } | null;
  error?: { code?: string; message?: string } | null;
  incomplete_details?: { reason?: string } | null;
}

export function asResponse(data: unknown, requestId: string | null | undefined): ApiResponse {
  const response = toJson(data);
  if (isObject(response) && Array.isArray(response.output)) {
    const id = typeof response.id === 'string' ? response.id : '';
    return { ...response, id, output: response.output.filter(isObject) };
  }
  throw notThisApi(response, requestId);
}

export function replyOf(response: ApiResponse): Reply {
  const items = itemsOf(response.output, response.id);
  const toolCalls = items.filter(isToolCall);
  const content = contentOf(response.output.findLast((item) => item.type === 'message'));
  const refusal = content.find((part) => part.type === 'refusal');
  return {
    runId: response.id,
    status: statusOf(response.status, toolCalls.length > 0, refusal !== undefined),
    text: refusal ? String(refusal.refusal) : textOf(content),
    toolCalls,
    items,
    annotations: content.flatMap((part) =>
      Array.isArray(part.annotations) ? part.annotations.filter(isObject).map(annotationOf) : [],
    ),
    tokens: tokensOf(response.usage),
    model: response.model ?? '',
    reason: reasonOf(response),
    raw: response as unknown as Json,
  };
}

/** A conversation's or a response's items in words of no API; what tools of the server did stays with the server. */
export const itemsOf = (items: JsonObject[], runId?: string): Item[] => items.flatMap((item) => itemOf(item, runId));

function itemOf(item: JsonObject, runId: string | undefined): Item[] {
  if (item.type === 'message') return [messageOf(item, runId)];
  if (item.type === 'function_call') return [toolCallOf(item.call_id ?? item.id, item.name, item.arguments)];
  if (item.type === 'function_call_output') {
    const output = typeof item.output === 'string' ? item.output : JSON.stringify(item.output);
    return [{ type: 'tool_output', callId: String(item.call_id), output }];
  }
  // Sealed, it can be handed back; unsealed, the server has it.
  return item.type === 'reasoning' && typeof item.encrypted_content === 'string'
    ? [{ type: 'opaque', wire: 'responses', item }]
    : [];
}

function messageOf(item: JsonObject, runId: string | undefined): MessageItem {
  const role = item.role === 'user' || item.role === 'assistant' ? item.role : 'system';
  const message: MessageItem = { type: 'message', role, parts: contentOf(item).flatMap(partOf) };
  if (typeof item.id === 'string') message.id = item.id;
  if (runId !== undefined && role === 'assistant') message.runId = runId;
  return message;
}

function partOf(part: JsonObject): Part[] {
  if (part.type === 'input_image') {
    const { image_url: url, file_id: fileId } = part;
    const source = typeof fileId === 'string' ? { fileId } : { url: String(url ?? '') };
    return [{ type: 'image', ...source, detail: part.detail === 'high' || part.detail === 'low' ? part.detail : 'auto' }];
  }
  if (part.type === 'input_file') return typeof part.file_id === 'string' ? [{ type: 'file', fileId: part.file_id }] : [];
  if (part.type === 'refusal') return [{ type: 'text', text: String(part.refusal) }];
  return typeof part.text === 'string' ? [{ type: 'text', text: part.text }] : [];
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

function tokensOf(usage: ApiResponse['usage']): Tokens {
  const prompt = usage?.input_tokens ?? 0;
  const completion = usage?.output_tokens ?? 0;
  return {
    prompt_tokens: prompt,
    cached_tokens: usage?.input_tokens_details?.cached_tokens ?? 0,
    completion_tokens: completion,
    total_tokens: usage?.total_tokens || prompt + completion,
  };
}

/** One shape for citations and file links, whichever kind they are. */
function annotationOf(annotation: JsonObject): JsonObject {
  const { type, file_id, filename, url, title, container_id, start_index: start, end_index: end, index } = annotation;
  return JSON.parse(JSON.stringify({ type, file_id, filename, url, title, container_id, start, end, index })) as JsonObject;
}
