import { isObject, type JsonObject, toJson } from 'threadline/provider';
import { asJson, type MessageItem, type Part, type ToolCallItem } from '../question/items.ts';
import { tokensTold } from './tokens-told.ts';
import { nestedToolCall } from './tool-call.ts';
import { NO_TOKENS, type Reply } from './wire.ts';
import { wrongApiError } from './wrong-api-error.ts';

/** The fields of a run that are read here; servers that imitate the API leave out others. */
export interface Run {
  id: string;
  status: string;
  data: JsonObject;
}

export function asRun(data: unknown, requestId: string | null | undefined): Run {
  const run = toJson(data);
  if (isObject(run) && typeof run.id === 'string') return { id: run.id, status: String(run.status ?? 'queued'), data: run };
  throw wrongApiError(run, requestId);
}

/** The id of an object that was made at the server. */
export function idOf(made: unknown): string {
  const data = toJson(made);
  if (isObject(data) && typeof data.id === 'string') return data.id;
  throw wrongApiError(data, null);
}

const ENDED = new Set(['requires_action', 'completed', 'failed', 'incomplete', 'cancelled', 'expired']);

/** Whether a run does not go on by itself. Runs with unknown statuses count as under way. */
export const hasEnded = ({ status }: Run): boolean => ENDED.has(status);

/** `messages`: the ones that the run has added, oldest first. */
export function runReplyOf({ id, status, data }: Run, messages: JsonObject[]): Reply {
  const toolCalls = status === 'requires_action' ? requiredCallsOf(data) : [];
  const items = messages.map((message) => messageFrom(message, id));
  const last = messages.at(-1);
  const cut = status === 'completed' ? messages.find((message) => message.status === 'incomplete') : undefined;
  const refusal = contentPartsOf(last).find((part) => part.type === 'refusal');
  return {
    runId: id,
    status: cut ? 'incomplete' : replyStatusOf(status, refusal !== undefined),
    text: refusal ? String(refusal.refusal) : textsOfMessage(messages.findLast(hasText)).join('\n'),
    toolCalls,
    items: [...items, ...toolCalls],
    annotations: [...contentPartsOf(last).flatMap(annotationsOfPart), ...messages.flatMap(picturesOf)],
    // A run tells the tokens of all its rounds at its end.
    tokens: status === 'requires_action' && !isObject(data.usage) ? NO_TOKENS : tokensTold(data.usage, NAMES),
    model: typeof data.model === 'string' ? data.model : '',
    reason: failureReasonOf(cut ?? data),
    raw: data,
  };
}

/** The messages that a run has added, oldest first. Some servers leave a message's run out, or list the oldest first. */
export function answersOf(newest: JsonObject[], runId: string): JsonObject[] {
  const own = newest.filter(({ run_id: id, role }) => id === runId && role !== 'user');
  const question = newest.findIndex(({ role }) => role === 'user');
  const isOldestFirst = own.length > 0 && question >= 0 && newest.indexOf(own[0] as JsonObject) > question;
  if (isOldestFirst) return own;
  if (own.length > 0) return own.toReversed();
  const unsaid = newest.slice(0, question < 0 ? newest.length : question);
  return unsaid.filter(({ run_id: id }) => id === null || id === undefined).toReversed();
}

function replyStatusOf(status: string, refuses: boolean): Reply['status'] {
  if (status === 'completed') return refuses ? 'refused' : 'completed';
  return ENDED.has(status) ? (status as Reply['status']) : 'unfinished';
}

function requiredCallsOf({ required_action: action }: JsonObject): ToolCallItem[] {
  const submit = isObject(action) && isObject(action.submit_tool_outputs) ? action.submit_tool_outputs : {};
  return (Array.isArray(submit.tool_calls) ? submit.tool_calls : []).filter(isObject).map(nestedToolCall);
}

function failureReasonOf({ last_error: error, incomplete_details: incomplete, status }: JsonObject): string | undefined {
  if (isObject(error)) return `${String(error.code ?? 'error')}: ${String(error.message ?? '')}`;
  if (isObject(incomplete) && typeof incomplete.reason === 'string') return REASONS[incomplete.reason] ?? incomplete.reason;
  return status === 'completed' ? undefined : `its status is ${String(status)}`;
}

const REASONS: Record<string, string> = { max_completion_tokens: 'max_output_tokens' };

/** A message of the API as an entry of a thread. */
export function messageFrom(message: JsonObject, runId?: string): MessageItem {
  const role = message.role === 'assistant' ? 'assistant' : 'user';
  const parts = contentPartsOf(message).flatMap(partFrom);
  const ofRun = runId ?? (typeof message.run_id === 'string' ? message.run_id : undefined);
  return {
    type: 'message',
    role,
    parts,
    ...(typeof message.id === 'string' ? { id: message.id } : {}),
    ...(ofRun === undefined || role === 'user' ? {} : { runId: ofRun }),
  };
}

function contentPartsOf(message: JsonObject | undefined): JsonObject[] {
  if (typeof message?.content === 'string') return [{ type: 'text', text: { value: message.content } }];
  return Array.isArray(message?.content) ? message.content.filter(isObject) : [];
}

function partFrom(part: JsonObject): Part[] {
  const of = (key: string) => (isObject(part[key]) ? part[key] : {});
  if (part.type === 'image_file') return [{ type: 'image', fileId: String(of('image_file').file_id), detail: 'auto' }];
  if (part.type === 'image_url') return [{ type: 'image', url: String(of('image_url').url), detail: 'auto' }];
  const text = textOfPart(part);
  return text === undefined ? [] : [{ type: 'text', text }];
}

/** The text of `{text: {value}}`; servers that imitate the API sometimes send the text itself. */
function textOfPart({ type, text, refusal }: JsonObject): string | undefined {
  if (type === 'refusal') return String(refusal);
  const value = isObject(text) ? text.value : text;
  return typeof value === 'string' ? value : undefined;
}

const textsOfMessage = (message: JsonObject | undefined): string[] =>
  contentPartsOf(message).flatMap((part) => (part.type === 'refusal' ? [] : (textOfPart(part) ?? [])));

/** A picture may come in a message of its own, before the text or behind it. */
const hasText = (message: JsonObject): boolean => textsOfMessage(message).some((text) => text.trim() !== '');

/** Pictures that the model has made. */
const picturesOf = (message: JsonObject): JsonObject[] =>
  contentPartsOf(message).flatMap(({ type, image_file: file }) =>
    type === 'image_file' && isObject(file) && typeof file.file_id === 'string' ? [{ type, file_id: file.file_id }] : [],
  );

function annotationsOfPart({ text }: JsonObject): JsonObject[] {
  const annotations = isObject(text) && Array.isArray(text.annotations) ? text.annotations.filter(isObject) : [];
  return annotations.map(
    ({ type, text: marker, start_index: start, end_index: end, file_citation: citation, file_path: path }) => {
      const file = isObject(citation) ? citation : isObject(path) ? path : {};
      return asJson({ type, file_id: file.file_id, start, end, marker }) as JsonObject;
    },
  );
}

const NAMES = { prompt: 'prompt_tokens', completion: 'completion_tokens', details: 'prompt_token_details' };
