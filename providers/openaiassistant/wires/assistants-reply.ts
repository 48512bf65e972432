import { isObject, type Json, type JsonObject, toJson } from 'threadline/provider';
import { asJson, type MessageItem, type Part, type ToolCallItem } from '../question/items.ts';
import { toolCallOf } from './tool-call.ts';
import type { Reply, Tokens } from './wire.ts';
import { notThisApi } from './wrong-api-error.ts';

/** As much of a run as is read; servers that imitate the API leave out parts of it. */
export interface Run {
  id: string;
  status: string;
  data: JsonObject;
}

export function asRun(data: unknown, requestId: string | null | undefined): Run {
  const run = toJson(data);
  if (isObject(run) && typeof run.id === 'string') return { id: run.id, status: String(run.status ?? 'queued'), data: run };
  throw notThisApi(run, requestId);
}

/** Of what was made at the server. */
export function idOf(made: unknown): string {
  const data = toJson(made);
  if (isObject(data) && typeof data.id === 'string') return data.id;
  throw notThisApi(data, null);
}

const ENDED = new Set(['requires_action', 'completed', 'failed', 'incomplete', 'cancelled', 'expired']);

/** Whether nothing more comes of it by itself. A status that nobody has heard of is one of a run under way. */
export const hasEnded = ({ status }: Run): boolean => ENDED.has(status);

/** `messages` are those that the run has added, oldest first. */
export function runReplyOf({ id, status, data }: Run, messages: JsonObject[]): Reply {
  const toolCalls = status === 'requires_action' ? callsOf(data) : [];
  const items = messages.map((message) => messageOf(message, id));
  const last = messages.at(-1);
  const refusal = contentOf(last).find((part) => part.type === 'refusal');
  return {
    runId: id,
    status: statusOf(status, refusal !== undefined),
    text: refusal ? String(refusal.refusal) : textsOf(last).join('\n'),
    toolCalls,
    items: [...items, ...toolCalls],
    annotations: contentOf(last).flatMap(annotationsOf),
    tokens: tokensOf(data.usage),
    model: typeof data.model === 'string' ? data.model : '',
    reason: reasonOf(data),
    raw: data,
  };
}

/** What a run has added to a thread, oldest first. Some servers do not say of which run a message is, or list the oldest first. */
export function answersOf(newest: JsonObject[], runId: string): JsonObject[] {
  const own = newest.filter(({ run_id: id, role }) => id === runId && role !== 'user');
  const question = newest.findIndex(({ role }) => role === 'user');
  const isOldestFirst = own.length > 0 && question >= 0 && newest.indexOf(own[0] as JsonObject) > question;
  if (isOldestFirst) return own;
  if (own.length > 0) return own.toReversed();
  const unsaid = newest.slice(0, question < 0 ? newest.length : question);
  return unsaid.filter(({ run_id: id }) => id === null || id === undefined).toReversed();
}

function statusOf(status: string, refuses: boolean): Reply['status'] {
  if (status === 'completed') return refuses ? 'refused' : 'completed';
  return ENDED.has(status) ? (status as Reply['status']) : 'unfinished';
}

function callsOf({ required_action: action }: JsonObject): ToolCallItem[] {
  const submit = isObject(action) && isObject(action.submit_tool_outputs) ? action.submit_tool_outputs : {};
  const calls = Array.isArray(submit.tool_calls) ? submit.tool_calls.filter(isObject) : [];
  return calls.map(({ id, function: called }) => {
    const { name, arguments: args } = isObject(called) ? called : {};
    return toolCallOf(id, name, args);
  });
}

function reasonOf({ last_error: error, incomplete_details: incomplete, status }: JsonObject): string | undefined {
  if (isObject(error)) return `${String(error.code ?? 'error')}: ${String(error.message ?? '')}`;
  if (isObject(incomplete) && typeof incomplete.reason === 'string') return REASONS[incomplete.reason] ?? incomplete.reason;
  return status === 'completed' ? undefined : `its status is ${String(status)}`;
}

const REASONS: Record<string, string> = { max_completion_tokens: 'max_output_tokens' };

/** A message of the thread in words of no API. */
export function messageOf(message: JsonObject, runId?: string): MessageItem {
  const role = message.role === 'assistant' ? 'assistant' : 'user';
  const parts = contentOf(message).flatMap(partOf);
  const ofRun = runId ?? (typeof message.run_id === 'string' ? message.run_id : undefined);
  return {
    type: 'message',
    role,
    parts,
    ...(typeof message.id === 'string' ? { id: message.id } : {}),
    ...(ofRun === undefined || role === 'user' ? {} : { runId: ofRun }),
  };
}

function contentOf(message: JsonObject | undefined): JsonObject[] {
  if (typeof message?.content === 'string') return [{ type: 'text', text: { value: message.content } }];
  return Array.isArray(message?.content) ? message.content.filter(isObject) : [];
}

function partOf(part: JsonObject): Part[] {
  const of = (key: string) => (isObject(part[key]) ? part[key] : {});
  if (part.type === 'image_file') return [{ type: 'image', fileId: String(of('image_file').file_id), detail: 'auto' }];
  if (part.type === 'image_url') return [{ type: 'image', url: String(of('image_url').url), detail: 'auto' }];
  const text = textOf(part);
  return text === undefined ? [] : [{ type: 'text', text }];
}

/** `{text: {value}}`; servers that imitate the API sometimes give the text itself. */
function textOf({ type, text, refusal }: JsonObject): string | undefined {
  if (type === 'refusal') return String(refusal);
  const value = isObject(text) ? text.value : text;
  return typeof value === 'string' ? value : undefined;
}

const textsOf = (message: JsonObject | undefined): string[] =>
  contentOf(message).flatMap((part) => (part.type === 'refusal' ? [] : (textOf(part) ?? [])));

function annotationsOf({ text }: JsonObject): JsonObject[] {
  const annotations = isObject(text) && Array.isArray(text.annotations) ? text.annotations.filter(isObject) : [];
  return annotations.map(
    ({ type, text: marker, start_index: start, end_index: end, file_citation: citation, file_path: path }) => {
      const file = isObject(citation) ? citation : isObject(path) ? path : {};
      return asJson({ type, file_id: file.file_id, start, end, marker }) as JsonObject;
    },
  );
}

function tokensOf(usage: Json | undefined): Tokens {
  const number = (value: Json | undefined) => (typeof value === 'number' ? value : 0);
  const { prompt_tokens: prompt, completion_tokens: completion, total_tokens: total } = isObject(usage) ? usage : {};
  return {
    prompt_tokens: number(prompt),
    cached_tokens: 0,
    completion_tokens: number(completion),
    total_tokens: number(total) || number(prompt) + number(completion),
  };
}
