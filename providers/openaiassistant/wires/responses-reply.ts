import { isObject, type Json, type JsonObject, toJson } from 'threadline/provider';
import { asJson, type Item, isToolCall, type MessageItem, type Part, type ToolCallItem } from '../question/items.ts';
import { foreignOf } from './foreign-fields.ts';
import { tokensTold } from './tokens-told.ts';
import { toolCallOf } from './tool-call.ts';
import type { Reply } from './wire.ts';
import { wrongApiError } from './wrong-api-error.ts';

/** The fields of a Response that are read here; servers may leave them out. */
export interface ApiResponse {
  id: string;
  status?: string;
  model?: string;
  output: JsonObject[];
  usage?: Json;
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
  throw wrongApiError(response, requestId);
}

/** `origin`: the server that answered. */
export function replyOf(response: ApiResponse, origin: string): Reply {
  const items = threadItemsOf(response.output, origin, response.id);
  const toolCalls = items.filter(isToolCall);
  const content = contentPartsOf(response.output.findLast((item) => item.type === 'message'));
  const refusal = content.find((part) => part.type === 'refusal');
  return {
    runId: response.id,
    status: hasCutItem(response) ? 'incomplete' : replyStatusOf(response.status, toolCalls.length > 0, refusal !== undefined),
    text: refusal ? String(refusal.refusal) : textOfParts(content),
    toolCalls,
    items,
    annotations: content.flatMap((part) =>
      Array.isArray(part.annotations) ? part.annotations.filter(isObject).map(annotationOf) : [],
    ),
    tokens: tokensTold(response.usage, NAMES),
    model: response.model ?? '',
    reason: failureReasonOf(response),
    raw: response as unknown as Json,
  };
}

/** Items of a conversation or a response as entries of a thread; calls of the server's own tools are left out. */
export const threadItemsOf = (items: JsonObject[], origin: string, runId?: string): Item[] =>
  items.flatMap((item) => itemsFrom(item, origin, runId));

function itemsFrom(item: JsonObject, origin: string, runId: string | undefined): Item[] {
  if (item.type === 'message') return [messageFrom(item, runId)];
  if (item.type === 'function_call') return [callFrom(item, origin)];
  if (item.type === 'function_call_output') {
    const output = typeof item.output === 'string' ? item.output : JSON.stringify(item.output);
    return [{ type: 'tool_output', callId: String(item.call_id), output }];
  }
  // A sealed thought can be handed back; an unsealed one stays with the server.
  return item.type === 'reasoning' && typeof item.encrypted_content === 'string'
    ? [{ type: 'opaque', wire: 'responses', origin, item }]
    : [];
}

function callFrom(item: JsonObject, origin: string): ToolCallItem {
  const { type: _, id, call_id: callId, name, arguments: args, status: __, created_by: ___, ...more } = item;
  const foreign = foreignOf(more, origin);
  return { ...toolCallOf(callId ?? id, name, args), ...(foreign ? { foreign } : {}) };
}

function messageFrom(item: JsonObject, runId: string | undefined): MessageItem {
  const role = item.role === 'user' || item.role === 'assistant' ? item.role : 'system';
  const message: MessageItem = { type: 'message', role, parts: contentPartsOf(item).flatMap(partFrom) };
  if (typeof item.id === 'string') message.id = item.id;
  if (runId !== undefined && role === 'assistant') message.runId = runId;
  return message;
}

function partFrom(part: JsonObject): Part[] {
  if (part.type === 'input_image') {
    const { image_url: url, file_id: fileId } = part;
    const source = typeof fileId === 'string' ? { fileId } : { url: String(url ?? '') };
    return [{ type: 'image', ...source, detail: part.detail === 'high' || part.detail === 'low' ? part.detail : 'auto' }];
  }
  if (part.type === 'input_file') return typeof part.file_id === 'string' ? [{ type: 'file', fileId: part.file_id }] : [];
  if (part.type === 'refusal') return [{ type: 'text', text: String(part.refusal) }];
  return typeof part.text === 'string' ? [{ type: 'text', text: part.text }] : [];
}

/** A response may count as completed though its message or a call is not. */
const hasCutItem = ({ status, output }: ApiResponse): boolean =>
  (status === undefined || status === 'completed') &&
  output.some((item) => (item.type === 'message' || item.type === 'function_call') && item.status === 'incomplete');

function failureReasonOf(response: ApiResponse): string | undefined {
  const { status, error, incomplete_details: incomplete } = response;
  if (error) return `${error.code ?? 'error'}: ${error.message ?? ''}`;
  if (incomplete?.reason !== undefined) return incomplete.reason;
  return hasCutItem(response)
    ? 'a part of it is marked as incomplete'
    : status === 'completed'
      ? undefined
      : status && `its status is ${status}`;
}

function replyStatusOf(status: string | undefined, callsTools: boolean, refuses: boolean): Reply['status'] {
  if (status === 'failed' || status === 'cancelled' || status === 'incomplete') return status;
  // Other servers leave the status out. Any further status, such as `queued`, means that the response is under way.
  if (status !== undefined && status !== 'completed') return 'unfinished';
  if (callsTools) return 'requires_action';
  return refuses ? 'refused' : 'completed';
}

function contentPartsOf(message: JsonObject | undefined): JsonObject[] {
  if (typeof message?.content === 'string') return [{ type: 'text', text: message.content }];
  return Array.isArray(message?.content) ? message.content.filter(isObject) : [];
}

/** The text of all parts: a reply may come in several. */
const textOfParts = (content: JsonObject[]): string =>
  content.flatMap((part) => (typeof part.text === 'string' && part.type !== 'refusal' ? [part.text] : [])).join('\n');

const NAMES = { prompt: 'input_tokens', completion: 'output_tokens', details: 'input_tokens_details' };

/** Citations and file links of all kinds in one shape. */
function annotationOf(annotation: JsonObject): JsonObject {
  const { type, file_id, filename, url, title, container_id, start_index: start, end_index: end, index } = annotation;
  return asJson({ type, file_id, filename, url, title, container_id, start, end, index }) as JsonObject;
}
