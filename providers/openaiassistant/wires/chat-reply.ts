import { isObject, type Json, type JsonObject } from 'threadline/provider';
import { asJson, type Item, type ToolCallItem } from '../question/items.ts';
import { foreignOf } from './foreign-fields.ts';
import { tokensTold } from './tokens-told.ts';
import { nestedToolCall } from './tool-call.ts';
import type { Reply } from './wire.ts';
import { errorIn, wrongApiError } from './wrong-api-error.ts';

/** The fields of a completion that are read here, whether it came whole or in pieces; servers may leave them out. */
export interface Completion {
  id: string;
  model: string;
  content: string;
  refusal: string;
  /** As the server writes them. */
  calls: JsonObject[];
  /** What the message carries besides. */
  more: JsonObject;
  annotations: JsonObject[];
  finishReason: string | undefined;
  usage: JsonObject | undefined;
  raw: Json;
}

export function completionOf(data: unknown, requestId: string | null | undefined): Completion {
  const choice = isObject(data) && errorIn(data) === undefined ? firstChoiceOf(data) : undefined;
  if (!isObject(data) || !isObject(choice?.message)) throw wrongApiError(data, requestId);
  const { role: _, content, refusal, tool_calls: calls, function_call: oldCall, annotations, ...more } = choice.message;
  const listed = (Array.isArray(calls) ? calls : []).filter(isObject);
  return {
    id: typeof data.id === 'string' ? data.id : '',
    model: typeof data.model === 'string' ? data.model : '',
    content: textOfContent(content, '\n'),
    refusal: typeof refusal === 'string' ? refusal : '',
    // Old servers call one function at most, in a field of its own.
    calls: listed.length === 0 && isObject(oldCall) ? [{ function: oldCall }] : listed,
    more: hasOtherParts(content) ? { ...more, content } : more,
    annotations: (Array.isArray(annotations) ? annotations : []).filter(isObject),
    finishReason: finishReasonOf(choice) ?? (choice.finish_reason === undefined ? undefined : NO_REASON),
    usage: isObject(data.usage) ? data.usage : undefined,
    raw: asJson(data),
  };
}

/** Of several answers, which `extra` can ask for, the first counts. */
export function firstChoiceOf({ choices }: JsonObject): JsonObject | undefined {
  const first = (choice: Json) => isObject(choice) && (choice.index ?? 0) === 0;
  return (Array.isArray(choices) ? choices.find(first) : undefined) as JsonObject | undefined;
}

/** In lower case; undefined where the server gives none. */
export const finishReasonOf = ({ finish_reason: reason }: JsonObject): string | undefined =>
  typeof reason === 'string' && reason !== '' ? reason.toLowerCase() : undefined;

/** The text of a message; some servers answer in parts, thoughts among them. */
export function textOfContent(content: Json | undefined, separator: string): string {
  if (typeof content === 'string') return content;
  return (Array.isArray(content) ? content : []).flatMap(textOfPart).join(separator);
}

function textOfPart(part: Json): string[] {
  if (typeof part === 'string') return [part];
  return isTextPart(part) ? [part.text] : [];
}

const isTextPart = (part: Json): part is JsonObject & { text: string } =>
  isObject(part) && typeof part.text === 'string' && [undefined, 'text', 'output_text'].includes(part.type as string | undefined);

/** Whether the content has parts that are no text, such as sealed thoughts. */
export const hasOtherParts = (content: Json | undefined): content is Json[] =>
  Array.isArray(content) && content.some((part) => typeof part !== 'string' && !isTextPart(part));

const NAMES = { prompt: 'prompt_tokens', completion: 'completion_tokens', details: 'prompt_tokens_details' };

/** `origin`: the server that answered. */
export function chatReplyOf(completion: Completion, origin: string): Reply {
  const { id, content, refusal, finishReason } = completion;
  const calls = completion.calls.map((call) => callFrom(call, origin));
  return {
    runId: id,
    status: replyStatusOf(completion),
    text: refusal === '' ? content : refusal,
    toolCalls: calls,
    items: itemsOf(completion, calls, origin),
    annotations: completion.annotations.map(annotationOf),
    tokens: tokensTold(completion.usage, NAMES),
    model: completion.model,
    reason: CUT.get(finishReason ?? '') ?? finishReason,
    raw: completion.raw,
  };
}

/** The text, what the message carries besides, and the calls. */
function itemsOf({ id, content, more }: Completion, calls: ToolCallItem[], origin: string): Item[] {
  const said: Item[] =
    content === '' ? [] : [{ type: 'message', role: 'assistant', parts: [{ type: 'text', text: content }], runId: id }];
  const foreign = said.length + calls.length > 0 ? foreignOf(more, origin) : undefined;
  if (foreign) said.push({ type: 'opaque', wire: 'chat', origin, item: foreign.fields });
  return [...said, ...calls];
}

function callFrom(call: JsonObject, origin: string): ToolCallItem {
  const { id: _, type: __, index: ___, function: called, ...more } = call;
  const { name: ____, arguments: _____, ...inner } = isObject(called) ? called : {};
  const foreign = foreignOf(Object.keys(inner).length > 0 ? { ...more, function: inner } : more, origin);
  return foreign ? { ...nestedToolCall(call), foreign } : nestedToolCall(call);
}

/** A whole reply whose reason is null or empty: that is how an answer under way looks. */
const NO_REASON = 'null';

/** Finish reasons of answers that are not whole, in OpenAI's words and in other servers'. */
const CUT = new Map([
  [NO_REASON, 'the server gives no reason why the answer ends there (`finish_reason` is null or empty)'],
  ['length', 'max_output_tokens'],
  ['max_tokens', 'max_output_tokens'],
  ['model_length', 'max_output_tokens'],
  ['content_filter', 'content_filter'],
  ['safety', 'content_filter'],
  ['sensitive', 'content_filter'],
]);
const FAILED = new Set(['error', 'abort', 'network_error', 'insufficient_system_resource']);

/** Whether an answer with this reason is not whole. */
export const isCut = (reason: string | undefined): boolean => CUT.has(reason ?? '') || FAILED.has(reason ?? '');

/** Calls count more than the finish reason: some servers say `stop` with them, some say nothing. */
function replyStatusOf({ finishReason, calls, refusal }: Completion): Reply['status'] {
  if (CUT.has(finishReason ?? '')) return 'incomplete';
  if (FAILED.has(finishReason ?? '')) return 'failed';
  if (calls.length > 0) return 'requires_action';
  return refusal === '' ? 'completed' : 'refused';
}

function annotationOf({ type, url_citation: citation, ...rest }: JsonObject): JsonObject {
  if (!isObject(citation)) return asJson({ type, ...rest }) as JsonObject;
  const { url, title, start_index: start, end_index: end } = citation;
  return asJson({ type, url, title, start, end }) as JsonObject;
}
