import { isDeepStrictEqual } from 'node:util';
import { type Json, type JsonObject, parseJson } from 'threadline/provider';
import type { ThreadItem } from 'threadline/runtime';

/** An entry of a thread, independent of any API; kept in this form in the store of threads. */
export type Item = MessageItem | ToolCallItem | ToolOutputItem | OpaqueItem;

export interface MessageItem {
  type: 'message';
  role: 'user' | 'assistant' | 'system';
  parts: Part[];
  /** The server's id; absent for messages that were sent, whose ids the server does not tell. */
  id?: string;
  /** The run that an answer came from. */
  runId?: string;
}

export type Part =
  | { type: 'text'; text: string }
  | { type: 'image'; url?: string; fileId?: string; detail: 'auto' | 'low' | 'high' }
  | { type: 'file'; fileId?: string; name?: string; dataUrl?: string };

export interface ToolCallItem {
  type: 'tool_call';
  callId: string;
  name: string;
  /** JSON text, as the model wrote it. */
  arguments: string;
  foreign?: Foreign;
}

/**
 * Fields that only the server understands which sent them, such as the signature of a thought. It may refuse a thread that lacks
 * them; no other server is shown them.
 */
export interface Foreign {
  /** The server's base URL. */
  origin: string;
  fields: JsonObject;
}

export interface ToolOutputItem {
  type: 'tool_output';
  callId: string;
  output: string;
}

/**
 * An item that only its own server understands, over its own wire: the sealed thought of a reasoning model, or over Chat
 * Completions the foreign fields of the message before it and of the calls behind it.
 */
interface OpaqueItem {
  type: 'opaque';
  wire: string;
  /** The server's base URL. */
  origin: string;
  item: JsonObject;
}

export const isMessage = (item: Item): item is MessageItem => item.type === 'message';
export const isToolCall = (item: Item): item is ToolCallItem => item.type === 'tool_call';
export const isToolOutput = (item: Item): item is ToolOutputItem => item.type === 'tool_output';

export const userMessage = (text: string): MessageItem => ({ type: 'message', role: 'user', parts: [{ type: 'text', text }] });

export const textOfParts = (parts: Part[]): string =>
  parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n');

/** Outputs for calls that will not be answered any more, with the reason as their error. */
export const unanswered = (calls: { callId: string }[], reason: string): ToolOutputItem[] =>
  calls.map(({ callId }) => ({ type: 'tool_output', callId, output: JSON.stringify({ error: reason }) }));

/**
 * The calls among items that have no output, such as calls of a process that died. An output answers the first open call before
 * it that has its id: some servers begin with the same ids in every round, and some give all calls of a round one id. Calls that
 * a question stands behind are not waited for any more.
 */
export function danglingCalls(items: readonly Item[]): ToolCallItem[] {
  let open: ToolCallItem[] = [];
  for (const item of items) {
    if (isToolCall(item)) open.push(item);
    else if (isToolOutput(item)) takeAnswered(open, item);
    else if (isMessage(item) && item.role !== 'assistant') open = [];
  }
  return open;
}

/** Takes the call that the output answers from the open ones; undefined where there is none. */
function takeAnswered(open: ToolCallItem[], { callId }: ToolOutputItem): ToolCallItem | undefined {
  const at = open.findIndex((call) => call.callId === callId);
  return at < 0 ? undefined : open.splice(at, 1)[0];
}

/**
 * The items as servers want them, with an output for each call, behind its round, and no output without one. Threads of servers
 * that do not look may have others.
 */
export function withWholeRounds(items: readonly Item[]): Item[] {
  const whole: Item[] = [];
  const open: ToolCallItem[] = [];
  for (const item of items) {
    const beginsRound = isToolCall(item) && whole.at(-1)?.type === 'tool_output';
    const isQuestion = isMessage(item) && item.role !== 'assistant';
    if (beginsRound || isQuestion) whole.push(...unanswered(open.splice(0), 'interrupted'));
    if (isToolCall(item)) open.push(item);
    if (!isToolOutput(item) || takeAnswered(open, item)) whole.push(item);
  }
  return whole;
}

/** The outputs whose calls among the items have none yet, in their order. */
export function outputsLacking(items: readonly Item[], outputs: readonly ToolOutputItem[]): ToolOutputItem[] {
  const open = danglingCalls(items).map(({ callId }) => callId);
  return outputs.filter(({ callId }) => {
    const at = open.indexOf(callId);
    if (at >= 0) open.splice(at, 1);
    return at >= 0;
  });
}

/**
 * Whether both are the same entry of a thread. Where an id is not known yet, the same words count, unless `strictly`: somebody
 * else may have said them.
 */
export function isSameItem(one: Item, other: Item, strictly: boolean): boolean {
  if (isMessage(one) && isMessage(other)) {
    if (one.id !== undefined && other.id !== undefined) return one.id === other.id;
    return !strictly && one.role === other.role && textOfParts(one.parts) === textOfParts(other.parts);
  }
  if (isToolOutput(one)) return isToolOutput(other) && one.callId === other.callId;
  return isDeepStrictEqual(one, other);
}

/** Items are JSON, in the store's own form. */
export const asStored = (items: readonly Item[]): ThreadItem[] => items as unknown as ThreadItem[];
export const fromStored = (item: ThreadItem): Item => item as unknown as Item;

export const asJson = (value: unknown): Json => parseJson(JSON.stringify(value)) as Json;
